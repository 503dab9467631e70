from __future__ import annotations

from datetime import UTC, datetime

from local.narration import Narration, Row, Who
from local.service_log import Recognized
from local.twilio.timeline import Kind, TimelineEvent

DIALLED = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)


def test_the_caller_is_told_when_speaking_begins() -> None:
    assert Narration().phone(TimelineEvent(4.0, Kind.CALLER_STARTED, "שלום")) == [Row(4.0, Who.CALLER, "שלום")]


def test_interims_are_shown_in_place_and_only_the_final_makes_a_row() -> None:
    narration = Narration()

    assert narration.recognized(Recognized("שלום", is_final=False), 4.5) == []
    assert narration.now is not None
    assert narration.now.text == "שלום ..."
    assert narration.recognized(Recognized("שלום אני", is_final=True), 5.0) == [Row(5.0, Who.HEARD, "שלום אני")]
    assert narration.now is None


def test_the_assistants_words_are_told_once_they_were_heard() -> None:
    """While it speaks there are no words to show: what is stored is what was heard."""
    narration = Narration()
    narration.phone(TimelineEvent(1.0, Kind.ASSISTANT_STARTED))
    assert narration.now == Row(0.0, Who.ASSISTANT, "...")
    narration.phone(TimelineEvent(3.0, Kind.ASSISTANT_STOPPED))
    assert narration.now is None

    said = {"speaker": "assistant", "text": "שלום!", "started_at": datetime(2026, 1, 1, 10, 0, 1, tzinfo=UTC)}
    assert narration.stored(said, DIALLED.timestamp()) == [Row(1.0, Who.ASSISTANT, "שלום!")]


def test_the_callers_stored_words_were_told_already() -> None:
    assert Narration().stored({"speaker": "caller", "text": "כן", "started_at": DIALLED}, DIALLED.timestamp()) == []


def test_a_barge_in_is_told_and_the_silence_that_follows() -> None:
    narration = Narration()
    narration.phone(TimelineEvent(5.0, Kind.ASSISTANT_STARTED))

    rows = [
        *narration.phone(TimelineEvent(6.0, Kind.BARGE_IN)),
        *narration.phone(TimelineEvent(6.3, Kind.CLEAR)),
    ]

    assert rows == [
        Row(6.0, Who.PHONE, "the caller talks over the assistant"),
        Row(6.3, Who.PHONE, "the assistant falls silent"),
    ]
    assert narration.now is None


def test_twilios_warnings_stand_out_with_their_number() -> None:
    event = TimelineEvent(2.0, Kind.WARNING, "malformed message", code=31950)

    assert Narration().phone(event) == [Row(2.0, Who.TROUBLE, "Twilio warns (31950): malformed message")]


def test_twilios_grumble_about_a_wanted_attribute_is_no_trouble() -> None:
    assert Narration().phone(TimelineEvent(0.1, Kind.WARNING, "schema validation warning", code=12200)) == []


def test_webhooks_about_the_call_are_told_and_those_about_the_stream_are_not() -> None:
    told = [
        row.text
        for text in ("ringing -> https://x 200 in 9 ms", "stream-started -> https://y")
        for row in Narration().phone(TimelineEvent(0.1, Kind.WEBHOOK, text))
    ]

    assert told == ["webhook: ringing -> https://x 200 in 9 ms"]
