"""When streaming recognition cannot be had, the call goes on with single requests."""

from __future__ import annotations

import pytest

from local import console
from local.stored_records import StoredRecords
from tests.e2e.experiments import UnderWay
from tests.e2e.live_calls import is_complete, settled

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

GIVEN_UP = "❌ [STT] All streaming attempts failed — using fallback single request"


async def test_streams_refused_at_the_start_fall_back_to_single_requests(
    under_way: UnderWay, stored: StoredRecords
) -> None:
    refused = await under_way.refused
    records = await settled(stored, refused.report.call_sid, is_complete)
    events = (await stored.utterances(refused.report.call_sid)).values()

    assert any(GIVEN_UP in line for line in refused.log)
    assert next(each for each in events if each.get("speaker") == "caller")["recognizer"] == "google_single"
    assert console.missing(records.lead, records.call) == []
