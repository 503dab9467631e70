"""A single request is answered, if anybody can answer it, and soon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from evals import virtual_clock
from media_service.core.events import RecognitionResult
from media_service.core.recognition.breaker import Breaker, BreakerSettings
from media_service.errors import VendorError, VendorRefused, VendorUnavailable
from media_service.ports import Recognition
from media_service.recognizers.request_fallback import NOBODY_WAITS, PersistentRecognizer, RequestSettings
from tests.fakes import FakeRecognizer, Vocabulary

DENIED = VendorRefused("PERMISSION_DENIED")
GONE = VendorUnavailable("UNAVAILABLE")
VOCABULARY = Vocabulary()
WORD = VOCABULARY.speech("שלום")


class Whisper:
    """Implements `LocalRecognizer`."""

    async def recognize(self, audio: bytes) -> Recognition:
        return Recognition([RecognitionResult("לחישה", is_final=True)], "whisper")


PATIENT = RequestSettings()


def played(
    script: Callable[[FakeRecognizer, Callable[[bool], PersistentRecognizer]], Awaitable[None]],
    settings: RequestSettings = PATIENT,
) -> None:
    async def play() -> None:
        google = FakeRecognizer(VOCABULARY)
        clock = asyncio.get_running_loop().time
        breaker = Breaker(BreakerSettings(failures=1, counts=(VendorError,)), lambda: 0.5)

        def recognizer(has_whisper: bool) -> PersistentRecognizer:
            return PersistentRecognizer(google, Whisper() if has_whisper else None, breaker, clock, settings)

        await script(google, recognizer)

    virtual_clock.run(play())


def test_what_may_pass_is_tried_for_a_second_and_what_will_not_once() -> None:
    async def script(google: FakeRecognizer, made: Callable[[bool], PersistentRecognizer]) -> None:
        google.single_fails, google.single_takes_s = GONE, 0.0
        with pytest.raises(VendorUnavailable):
            await made(False).recognize(WORD)
        attempts = len(google.requests)
        assert attempts in {5, 6}
        google.single_fails = DENIED
        with pytest.raises(VendorRefused):
            await made(False).recognize(WORD)
        assert len(google.requests) == attempts + 1

    played(script)


def test_where_nobody_waits_an_outage_of_ten_seconds_costs_no_word() -> None:
    async def script(google: FakeRecognizer, made: Callable[[bool], PersistentRecognizer]) -> None:
        google.single_fails = GONE
        asking = asyncio.create_task(made(False).recognize(WORD))
        await asyncio.sleep(10.0)
        google.single_fails = None
        assert [each.text for each in (await asking).results] == ["שלום"]

    played(script, NOBODY_WAITS)


def test_a_slow_failure_is_not_waited_for_again() -> None:
    """The caller has been waiting all the time."""

    async def script(google: FakeRecognizer, made: Callable[[bool], PersistentRecognizer]) -> None:
        google.single_fails, google.single_takes_s = GONE, 5.0
        with pytest.raises(VendorUnavailable):
            await made(False).recognize(WORD)
        assert len(google.requests) == 1

    played(script)


def test_without_whisper_every_utterance_is_asked_for() -> None:
    """There is nothing better to do with it, whatever happened to the one before."""

    async def script(google: FakeRecognizer, made: Callable[[bool], PersistentRecognizer]) -> None:
        recognizer = made(False)
        google.single_fails = DENIED
        for _ in range(5):
            with pytest.raises(VendorRefused):
                await recognizer.recognize(WORD)
        google.single_fails = None
        assert [each.text for each in (await recognizer.recognize(WORD)).results] == ["שלום"]

    played(script)


def test_a_vendor_that_does_not_answer_is_given_three_seconds_and_then_a_rest() -> None:
    async def script(google: FakeRecognizer, made: Callable[[bool], PersistentRecognizer]) -> None:
        clock = asyncio.get_running_loop().time
        recognizer = made(True)
        google.single_takes_s = 60.0
        began = clock()
        assert (await recognizer.recognize(WORD)).recognizer == "whisper"
        assert clock() - began == pytest.approx(3.0, abs=0.1)
        assert (await recognizer.recognize(WORD)).recognizer == "whisper"
        assert clock() - began == pytest.approx(3.0, abs=0.1)
        google.single_takes_s = 0.2
        await asyncio.sleep(5.1)
        assert (await recognizer.recognize(WORD)).recognizer == "google_single"
        assert (await recognizer.recognize(WORD)).recognizer == "google_single"

    played(script)


def test_a_trial_whose_caller_hung_up_does_not_keep_google_away_for_ever() -> None:
    async def script(google: FakeRecognizer, made: Callable[[bool], PersistentRecognizer]) -> None:
        recognizer = made(True)
        google.single_fails = DENIED
        await recognizer.recognize(WORD)
        google.single_fails = None
        await asyncio.sleep(5.1)
        trial = asyncio.create_task(recognizer.recognize(WORD))
        await asyncio.sleep(0.1)
        trial.cancel()
        await asyncio.wait([trial])
        await asyncio.sleep(5.1)
        assert (await recognizer.recognize(WORD)).recognizer == "google_single"

    played(script)
