"""What the listener tells of speech that nobody has put into words yet, or nobody ever will."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from media_service.core.actions import (
    OpenStream,
    RecognizeOnce,
    SendAudio,
)
from media_service.core.events import RecognitionResult
from media_service.core.turns.listening import Listener, ListeningSettings
from media_service.core.turns.utterance import SpeechDismissed, SpeechUnrecognized, UtteranceClosed
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S

VOICE, QUIET = b"\x10\x90" * (FRAME_BYTES // 2), b"\xff" * FRAME_BYTES
SINGLE = ListeningSettings(streaming=False)


def listened(listener: Listener, began: float, *parts: tuple[bytes, float]) -> tuple[list[object], float]:
    """Feed each frame for so many seconds. Returns everything that came of it, and the time."""
    step: list[object] = []
    now = began
    for frame, seconds in parts:
        for _ in range(round(seconds / FRAME_S)):
            now += FRAME_S
            step += listener.feed(frame, now)
    return step, now


def requests(step: Sequence[object]) -> list[str]:
    return [item.request for item in step if isinstance(item, RecognizeOnce)]


def test_a_request_that_failed_is_speech_unheard_and_one_without_words_is_noise() -> None:
    listener = Listener("caller", SINGLE, 0.0)
    step, now = listened(listener, 0.0, (VOICE, 1.0), (QUIET, 0.6), (VOICE, 1.0), (QUIET, 0.6))
    first, second = requests(step)
    assert SpeechUnrecognized() in listener.request_failed(first, "down", now)
    assert SpeechDismissed() in listener.recognized(second, (), "google_single", now)


def test_a_failed_request_whose_words_streaming_had_heard_is_not_unheard() -> None:
    listener = Listener("caller", ListeningSettings(), 0.0)
    listener.start(0.0)
    listener.opened("caller-1", 0.0)
    _, now = listened(listener, 0.0, (VOICE, 1.0))
    listener.result("caller-1", RecognitionResult("אני צריכה", is_final=False), now)
    listener.stream_ended("caller-1", "suspended", now, permanent=True)
    step, now = listened(listener, now, (VOICE, 0.5), (QUIET, 0.6))
    (request,) = requests(step)
    heard = listener.request_failed(request, "down", now)
    assert [item.utterance.text for item in heard if isinstance(item, UtteranceClosed)] == ["אני צריכה"]
    assert SpeechUnrecognized() not in heard


def test_a_caller_waits_from_the_end_of_the_speech_until_the_answer_to_the_request() -> None:
    listener = Listener("caller", SINGLE, 0.0)
    assert listener.waiting_since is None
    step, now = listened(listener, 0.0, (VOICE, 1.0), (QUIET, 0.3))
    assert listener.waiting_since is not None
    assert abs(listener.waiting_since - 1.0) < 0.001
    step, now = listened(listener, now, (QUIET, 0.3))
    assert abs(listener.waiting_since - 1.0) < 0.001
    (request,) = requests(step)
    listener.recognized(request, (RecognitionResult("כן", is_final=True),), "google_single", now)
    assert listener.waiting_since is None


def test_nobody_waits_while_a_stream_listens() -> None:
    """It answers within a second, or is replaced."""
    listener = Listener("caller", ListeningSettings(), 0.0)
    listener.start(0.0)
    listener.opened("caller-1", 0.0)
    _, now = listened(listener, 0.0, (VOICE, 1.0), (QUIET, 0.3))
    assert listener.waiting_since is None
    listener.stream_ended("caller-1", "reset", now)
    assert listener.waiting_since is not None


def test_somebody_waits_while_what_listens_has_never_answered() -> None:
    """A connection can stand and pass nothing, and no error tells of it."""
    listener = Listener("caller", ListeningSettings(), 0.0)
    listener.start(0.0)
    listener.opened("caller-1", 0.0)
    heard, _ = listened(listener, 0.0, (VOICE, 1.5), (QUIET, 5.0))
    assert listener.waiting_since == pytest.approx(1.5)
    assert not any(isinstance(item, SpeechDismissed) for item in heard)


def test_what_a_stream_that_works_and_then_another_have_no_words_for_was_noise() -> None:
    listener = Listener("caller", ListeningSettings(), 0.0)
    listener.start(0.0)
    listener.opened("caller-1", 0.0)
    listener.result("caller-1", RecognitionResult("שלום", True, end_s=0.0), 0.0)
    step, now = listened(listener, 1.0, (QUIET, 1.0), (VOICE, 1.5), (QUIET, 3.1))
    assert OpenStream("caller-2") in step
    assert not any(isinstance(item, SpeechDismissed) for item in step)
    listener.opened("caller-2", now)
    step, now = listened(listener, now, (QUIET, 1.2))
    assert any(isinstance(item, SpeechDismissed) for item in step)


@pytest.mark.parametrize(("heard_to_s", "is_heard_again"), [(0.98, True), (1.4, False)])
def test_a_last_word_that_the_recognizer_had_not_decided_on_is_heard_again(
    heard_to_s: float, is_heard_again: bool
) -> None:
    """Its newest interim ends with the speech, and then it says nothing more: a word may be missing there. Only one
    that has heard the silence as well had all of them."""
    listener = Listener("caller", ListeningSettings(), 0.0)
    listener.start(0.0)
    listener.opened("caller-1", 0.0)
    _, now = listened(listener, 0.0, (VOICE, 1.0), (QUIET, 0.4))
    interim = RecognitionResult("רציתי לדעת כמה עולה מזגן", is_final=False, end_s=heard_to_s, stability=0.9)
    assert any(isinstance(item, UtteranceClosed) for item in listener.result("caller-1", interim, now))
    listened(listener, now, (QUIET, 4.0))
    now += 4.0
    listener.on_timer(now)

    listener.stream_ended("caller-1", "reset", now)
    listener.on_timer(now)
    sent = b"".join(item.audio for item in listener.opened("caller-2", now) if isinstance(item, SendAudio))

    assert sent.startswith(VOICE) is is_heard_again


def test_a_request_for_what_came_after_words_that_are_safe_loses_none_of_it() -> None:
    """No final ever came for the first utterance, so it counts as taken still; the request's audio begins after it.
    So the same words a second time are not the first utterance heard again."""
    listener = Listener("caller", ListeningSettings(), 0.0)
    listener.start(0.0)
    listener.opened("caller-1", 0.0)
    _, now = listened(listener, 0.0, (VOICE, 1.0), (QUIET, 0.4))
    first = RecognitionResult("רציתי לדעת כמה עולה מזגן", is_final=False, end_s=1.4, stability=0.9)
    listener.result("caller-1", first, now)
    _, now = listened(listener, now, (QUIET, 3.1))
    listener.on_timer(now)
    step, now = listened(listener, now, (VOICE, 1.0))
    step += listener.stream_ended("caller-1", "suspended", now, permanent=True)
    step, now = listened(listener, now, (QUIET, 1.0))
    (request,) = [item for item in step if isinstance(item, RecognizeOnce)]
    assert request.audio.startswith(QUIET)

    heard = listener.recognized(request.request, (RecognitionResult(first.text, is_final=True),), "google_single", now)
    assert [item.utterance.text for item in heard if isinstance(item, UtteranceClosed)] == [first.text]


@pytest.mark.parametrize(("final_to_s", "then"), [(0.95, "צריכה מזגן חדש"), (0.5, "חדש")])
def test_a_shorter_final_takes_words_back_if_it_reaches_the_end(final_to_s: float, then: str) -> None:
    """Said anew they count. Where the final ends before the speech did, they are still to be decided."""
    listener = Listener("caller", ListeningSettings(), 0.0)
    listener.start(0.0)
    listener.opened("caller-1", 0.0)
    _, now = listened(listener, 0.0, (VOICE, 1.0), (QUIET, 0.4))
    listener.result("caller-1", RecognitionResult("אני דנה צריכה מזגן", is_final=False, end_s=1.3, stability=0.9), now)
    listener.result("caller-1", RecognitionResult("אני דנה", is_final=True, end_s=final_to_s), now)
    _, now = listened(listener, now, (VOICE, 1.0), (QUIET, 0.4))

    heard = listener.result("caller-1", RecognitionResult("צריכה מזגן חדש", is_final=True, end_s=2.4), now)

    assert [item.utterance.text for item in heard if isinstance(item, UtteranceClosed)] == [then]


def test_a_request_does_not_hear_again_what_is_safe() -> None:
    """The first utterance got no final, and became safe while the second was being said."""
    listener = Listener("caller", ListeningSettings(), 0.0)
    listener.start(0.0)
    listener.opened("caller-1", 0.0)
    _, now = listened(listener, 0.0, (VOICE, 0.8), (QUIET, 0.4))
    listener.result(
        "caller-1", RecognitionResult("רציתי לדעת כמה עולה מזגן", is_final=False, end_s=1.2, stability=0.9), now
    )
    _, now = listened(listener, now, (QUIET, 1.8), (VOICE, 1.3))
    listener.on_timer(now)
    step = list(listener.stream_ended("caller-1", "suspended", now, permanent=True))
    more, _ = listened(listener, now, (QUIET, 1.0))
    (request,) = [item for item in [*step, *more] if isinstance(item, RecognizeOnce)]

    assert request.audio.startswith(QUIET)
    assert VOICE in request.audio
