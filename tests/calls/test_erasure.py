"""What stays of a call that was erased."""

from datetime import UTC, datetime, timedelta

from calls.erasure import is_erased, tombstone
from calls.missing_records import Documents, MetCall, missing
from functions.incoming_call.decisions import Answer, HangUp, after_stream, at_ring

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
MET = MetCall("CA1", "+972501234567", "+97231234567", "assistant", NOW, 365)


def test_a_tombstone_holds_nothing_of_the_caller_and_ends_by_itself() -> None:
    stone = tombstone(NOW)
    assert is_erased(stone)
    assert not is_erased(None)
    assert not is_erased({"status": "completed"})
    assert not {"from", "to", "transcript", "summary", "recording_url"} & set(stone)
    # Longer than a dead letter waits to be replayed.
    assert stone["expires_at"] - NOW > timedelta(days=7 + 31)


def test_whoever_meets_an_erased_call_finds_a_call_that_is_over_and_a_lead_that_was_deleted() -> None:
    documents = Documents(call=tombstone(NOW))
    assert missing(MET, documents).lead_was_deleted
    answers: list[Answer] = [
        at_ring(MET, documents).answer,
        after_stream(MET, "in-progress", "a", 2, True, documents).answer,
    ]
    assert answers == [HangUp(), HangUp()]
