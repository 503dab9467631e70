"""What becomes of live calls when their instance goes away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local import console
from local.phone import CallTarget, place_call
from local.stored_records import StoredRecords
from local.twilio.assistant_leg import LegEnd
from local.twilio.faults import Fault, FaultKind
from tests.e2e.experiments import UnderWay
from tests.e2e.live_calls import is_complete, script, settled

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

EXIT_WITHIN_S = 8.0


async def test_sigterm_ends_in_time_loses_nothing_and_the_calls_go_on(
    under_way: UnderWay, stored: StoredRecords
) -> None:
    """Cloud Run kills after ten seconds; by eight everything is published, and the calls are at another instance."""
    drained = await under_way.drained

    assert drained.status == 0
    assert drained.took_s <= EXIT_WITHIN_S
    for report in drained.reports:
        records = await settled(stored, report.call_sid, is_complete)
        assert console.missing(records.lead, records.call) == []
        # What fell between the two is asked for again, so who hangs up in the end may differ.
        assert [leg.ended_by for leg in report.legs][:-1] == [LegEnd.SERVICE]
        events = (await stored.utterances(report.call_sid)).values()
        assert [each["reason"] for each in events if each["leg"] == 1 and each["type"] == "call.ended"] == ["drained"]


async def test_a_killed_instance_loses_no_final_and_the_call_goes_on(
    under_way: UnderWay, stored: StoredRecords
) -> None:
    """After `kill -9` the caller is connected to the next instance, which knows what was said before."""
    killed = await under_way.killed
    records = await settled(stored, killed.report.call_sid, is_complete)
    utterances = (await stored.utterances(killed.report.call_sid)).values()

    before = [each["text"] for each in utterances if each["leg"] == 1 and each["ended_at"] < killed.at]
    assert any("שלום, אני צריכה" in text for text in before)
    assert [leg.ended_by for leg in killed.report.legs][:-1] == [LegEnd.LOST]
    assert console.missing(records.lead, records.call) == []


async def test_a_caller_whose_ring_or_stream_was_lost_with_its_process_is_on_a_lead(under_way: UnderWay) -> None:
    """The function that answers the ring, killed before it wrote; the instance, killed before the stream came."""
    lost = await under_way.lost_early

    assert lost.stream.is_good, (lost.stream.lost, lost.stream.records)
    assert lost.stream.fields["need"]["leg"] == 2
    assert lost.ring.report.legs == ()
    assert lost.ring.records.lead is not None
    assert lost.ring.records.lead["phone"] == "+972556000090"
    assert lost.ring.records.call is not None
    assert lost.ring.records.call["status"] == "completed"


async def test_a_caller_whose_connection_is_reset_is_connected_again_and_leaves_their_lead(
    target: CallTarget, stored: StoredRecords
) -> None:
    """Twilio asks how to go on up to 2 s later, when the events of the leg have long said that its caller hung up."""
    reset = Fault(FaultKind.RESET, at_s=8.0)
    late = replace(target, asks_after_s=(1.0, 2.0))
    report = await place_call(script("demo", "+972500000210", faults=(reset,)), late)

    assert [leg.ended_by for leg in report.legs][:-1] == [LegEnd.LOST]
    records = await settled(stored, report.call_sid, is_complete)
    assert console.missing(records.lead, records.call) == []
