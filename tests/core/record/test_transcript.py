from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from calls.events import CallEnded, CallEvent, FieldValue, LatencySummary, UtteranceFinal
from media_service.core.record.transcript import CallIdentity, Transcript

IDENTITY = CallIdentity(
    "CA1", 2, "iw-IL", datetime(2026, 1, 1, 10, 0, tzinfo=UTC), started_at=100.0, recognizer="google_streaming"
)


def ended(transcript: Transcript, at: float = 110.0) -> list[CallEvent]:
    return transcript.end(at, "caller_hangup", "google_streaming", {}, LatencySummary())


def test_an_event_carries_the_words_as_they_are_when_they_settle() -> None:
    transcript = Transcript(IDENTITY)
    line = transcript.add("caller", "קוראים לי", 103.12, 104.48, "google_streaming")
    line.text, line.confidence = "קוראים לי דנה", 0.93

    assert transcript.settle(line) == [
        UtteranceFinal(
            "CA1", 2, 1, "caller", "קוראים לי דנה",
            datetime(2026, 1, 1, 10, 0, 3, 120_000, tzinfo=UTC), datetime(2026, 1, 1, 10, 0, 4, 480_000, tzinfo=UTC),
            0.93, "google_streaming", "iw-IL",
        )
    ]  # fmt: skip


def test_what_comes_after_an_unsettled_line_waits_for_it() -> None:
    transcript = Transcript(IDENTITY)
    caller = transcript.add("caller", "שלום", 101.0, 102.0, "google_streaming")
    assistant = transcript.add("assistant", "שלום לך", 103.0, 104.0, "google_streaming")

    assert transcript.settle(assistant) == []
    assert [event.seq for event in transcript.settle(caller)] == [1, 2]


def test_the_end_settles_everything_and_comes_last() -> None:
    transcript = Transcript(IDENTITY)
    transcript.add("caller", "שלום", 101.0, 102.0, "google_streaming")
    fields = {"name": FieldValue("דנה", 1)}
    said, end = transcript.end(161.4, "silence", "google_single", fields, LatencySummary(1, 0.5, 0.5))

    assert said.seq == 1
    assert end == CallEnded(
        "CA1", 2, 2, IDENTITY.when(161.4), "silence", 61.4, "google_single", fields, LatencySummary(1, 0.5, 0.5)
    )


@given(st.lists(st.integers(0, 3), max_size=20), st.randoms())
def test_numbers_have_no_gap_and_events_come_in_order_whatever_settles_first(waits: list[int], dice: object) -> None:
    import random

    assert isinstance(dice, random.Random)
    transcript, events, waiting = Transcript(IDENTITY), [], []
    for number, settle_count in enumerate(waits):
        waiting.append(transcript.add("caller", str(number), 100.0, 100.0, "google_streaming"))
        for _ in range(min(settle_count, len(waiting))):
            events += transcript.settle(waiting.pop(dice.randrange(len(waiting))))
    events += ended(transcript)

    assert [event.seq for event in events] == list(range(1, len(waits) + 2))
    assert [event.text for event in events if isinstance(event, UtteranceFinal)] == [str(n) for n in range(len(waits))]
    assert isinstance(events[-1], CallEnded)
