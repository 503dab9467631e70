"""Reports in any order leave the same records, and nothing reopens a call."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import records
from calls.missing_records import Documents
from functions.stream_status.progress import Changes, Report, changes

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
CALL = records.new_call("CA1", "+972501234567", "+97231234567", "assistant", NOW, 365)
LEAD = records.new_lead("CA1", "+972501234567", "+97231234567", NOW, 365)


def report(event: str, second: int = 0, sid: str = "MZ1", **more: str) -> Report:
    return Report(
        call_sid="CA1",
        event=event,
        stream_sid=sid,
        error=more.get("error", ""),
        call_status=more.get("call_status", ""),
        from_number=more.get("from_number", ""),
        to_number="",
        at=NOW + timedelta(seconds=second),
    )


TWO_STREAMS = [
    report("stream-started", 1),
    report("stream-stopped", 5),
    report("stream-started", 6, "MZ2"),
    report("stream-stopped", 9, "MZ2"),
]


def told(
    reports: list[Report], call: dict[str, Any] | None = CALL, lead: dict[str, Any] | None = LEAD
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two documents after the reports, in the order given."""
    for each in reports:
        changed = changes(each, Documents(call, lead), NOW, 365)
        call = {**(call or {}), **changed.call} or None
        lead = {**(lead or {}), **changed.lead} or None
    return call or {}, lead or {}


def test_a_started_stream_puts_the_call_in_progress_and_the_lead_on_the_line() -> None:
    call, lead = told([report("stream-started", 1)])
    assert call["status"] == "in_progress"
    assert call["stream"] == {
        "sid": "MZ1",
        "leg": None,
        "started_at": NOW + timedelta(seconds=1),
        "stopped_at": None,
        "error": None,
    }
    assert lead["status"] == "in_call"


def test_a_stopped_stream_does_not_end_the_call() -> None:
    """It may be opened again; the last word on the call comes from elsewhere."""
    call, _ = told([report("stream-started", 1), report("stream-stopped", 5)])
    assert (call["status"], call["ended_at"]) == ("in_progress", None)
    assert call["stream"]["stopped_at"] == NOW + timedelta(seconds=5)


def test_a_failed_stream_tells_why() -> None:
    call, lead = told([report("stream-error", 1, error="31920 handshake")])
    assert (call["status"], call["stream"]["error"]) == ("ringing", "31920 handshake")
    assert lead["status"] == "new"


@pytest.mark.parametrize("order", list(permutations(TWO_STREAMS)))
def test_the_order_of_the_reports_does_not_matter(order: tuple[Report, ...]) -> None:
    """Also across a reconnection, and with every report delivered twice."""
    expected = told(TWO_STREAMS)
    assert told(list(order)) == expected
    assert told([*order, *order]) == expected
    assert told([*order, *reversed(order)]) == expected


@pytest.mark.parametrize(
    "order", list(permutations([report("stream-started", 1), report("stream-stopped", 5), report("stream-error", 5)]))
)
def test_an_error_is_kept_whatever_comes_after_it(order: tuple[Report, ...]) -> None:
    call, _ = told(list(order))
    assert call["stream"]["error"] == "no reason given"
    assert call["stream"]["started_at"] == NOW + timedelta(seconds=1)


def test_a_stream_that_starts_in_the_instant_the_last_one_stopped_is_the_newer_one() -> None:
    reports = [report("stream-stopped", 5), report("stream-started", 5, "MZ2")]
    assert told(reports)[0]["stream"]["sid"] == "MZ2"
    assert told(reports[::-1])[0]["stream"]["sid"] == "MZ2"


@given(st.lists(st.sampled_from([*TWO_STREAMS, report("stream-error", 7), report("other")]), max_size=8))
@pytest.mark.parametrize("status", ["completed", "failed"])
def test_no_report_reopens_a_call(status: str, reports: list[Report]) -> None:
    ended = CALL | {"status": status, "ended_at": NOW, "end_reason": "caller_hangup"}
    captured = LEAD | {"status": "captured"}
    call, lead = told(reports, ended, captured)
    assert (call["status"], call["ended_at"], call["end_reason"]) == (status, NOW, "caller_hangup")
    assert lead == captured


@pytest.mark.parametrize("end", [{"status": "completed"}, {"end_reason": "silence"}])
def test_a_late_start_does_not_put_a_waiting_lead_back_on_the_line(end: dict[str, str]) -> None:
    waiting = LEAD | {"status": "needs_callback"}
    assert told([report("stream-started", 1)], CALL | end, waiting)[1] == waiting


@pytest.mark.parametrize("before", ["new", "needs_callback", "captured"])
def test_a_lead_is_in_a_call_while_its_owner_is_on_the_line(before: str) -> None:
    lead = told([report("stream-started")], CALL, LEAD | {"status": before})[1]
    assert (lead["status"], lead["calls"][0]["status"]) == ("in_call", "in_call")


@given(st.sampled_from([*TWO_STREAMS, report("stream-error", 7)]))
def test_the_same_report_again_changes_nothing(once: Report) -> None:
    call, lead = told([once])
    assert changes(once, Documents(call, lead), NOW + timedelta(hours=1), 365) == Changes()


def test_the_leg_is_left_alone() -> None:
    call, _ = told(TWO_STREAMS, CALL | {"stream": {**CALL["stream"], "leg": 2}})
    assert call["stream"]["leg"] == 2


def test_a_call_nobody_wrote_yet_is_made_from_what_there_is() -> None:
    """The caller's number is not in these reports; incoming_call puts it in when its write comes through."""
    call, lead = told([report("stream-started", 1)], None, None)
    assert (call["lead_id"], call["from"], call["status"]) == ("CA1", "", "in_progress")
    assert (lead["status"], lead["calls_count"], lead["last_call_sid"]) == ("in_call", 1, "CA1")


def test_a_number_that_is_in_the_report_is_used() -> None:
    known = LEAD | {"calls_count": 4, "status": "captured", "last_call_sid": "CA0", "calls": []}
    reported = report("stream-started", 1, from_number="+972501234567")
    assert reported.lead_id == "972501234567"
    call, lead = told([reported], None, known)
    assert (call["lead_id"], lead["calls_count"]) == ("972501234567", 5)


def test_a_document_of_which_only_the_end_is_written_is_completed() -> None:
    call, lead = told([report("stream-stopped", 5)], {"end_reason": "silence", "ended_at": NOW}, None)
    assert (call["end_reason"], call["ended_at"], call["lead_id"]) == ("silence", NOW, "CA1")
    assert lead["status"] == "new"


def test_a_lead_removed_by_a_person_stays_removed() -> None:
    assert changes(report("stream-started"), Documents(CALL, None), NOW, 365).lead == {}


@pytest.mark.parametrize(("theirs", "ours"), [("completed", "completed"), ("busy", "failed"), ("canceled", "failed")])
def test_a_call_status_in_the_report_ends_the_call(theirs: str, ours: str) -> None:
    call, _ = told([report("", call_status=theirs)])
    assert (call["status"], call["ended_at"]) == (ours, NOW)
    assert call["stream"] == CALL["stream"]


@pytest.mark.parametrize("status", ["sleeping", "ringing"])
def test_a_call_status_that_says_nothing_new_changes_nothing(status: str) -> None:
    assert changes(report("", call_status=status), Documents(CALL, LEAD), NOW, 365) == Changes()


def test_a_report_without_a_stream_sid_still_tells_that_the_call_is_in_progress() -> None:
    call, _ = told([report("stream-started", 1, "")])
    assert (call["status"], call["stream"]) == ("in_progress", CALL["stream"])
