"""The events that summarize is measured with are those of a whole call."""

from __future__ import annotations

from datetime import UTC, datetime

from calls.event_wire import decode, encode
from calls.events import CallEnded, UtteranceFinal
from functions.summarize.outcome import outcome_of
from local.bench_events import events_of


def test_a_measured_call_is_complete_and_tells_all_fields() -> None:
    events = list(events_of("CA" + "1" * 32, "+972541000000", datetime(2026, 1, 1, tzinfo=UTC)))
    outcome = outcome_of(decode(encode(event)) for event in events)

    assert [type(event) for event in events] == [UtteranceFinal] * 9 + [CallEnded]
    assert outcome is not None
    assert outcome.is_complete
    assert set(outcome.told_to_service) == {"need", "name", "phone", "callback_time"}
    assert outcome.parties is not None
