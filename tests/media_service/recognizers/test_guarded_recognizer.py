"""Streams pass the guard as they are, until the vendor is to be left alone."""

from __future__ import annotations

import asyncio

import pytest

from evals import virtual_clock
from media_service.core.recognition.breaker import Breaker, BreakerSettings
from media_service.errors import VendorError, VendorRefused, VendorSuspended, VendorUnavailable
from media_service.recognizers.guarded_recognizer import GuardedRecognizer
from tests.fakes import FakeRecognizer, StreamPlan, Vocabulary

DENIED = VendorRefused("PERMISSION_DENIED")
VOCABULARY = Vocabulary()
WORD = VOCABULARY.speech("שלום")


def guarded(google: FakeRecognizer) -> GuardedRecognizer:
    return GuardedRecognizer(google, Breaker(BreakerSettings(), lambda: 0.5), asyncio.get_running_loop().time)


async def heard(guard: GuardedRecognizer) -> list[str]:
    """The finals of one stream that is sent one word."""
    stream = await guard.open_stream()
    try:
        stream.send(WORD)
        stream.finish()
        return [result.text async for result in stream if result.is_final]
    finally:
        await stream.cancel()


async def refused(guard: GuardedRecognizer) -> VendorError:
    with pytest.raises(VendorError) as failure:
        await heard(guard)
    return failure.value


def test_a_stream_behind_the_guard_is_a_stream() -> None:
    async def calls() -> None:
        google = FakeRecognizer(VOCABULARY)
        guard = guarded(google)
        assert await heard(guard) == ["שלום"]
        assert google.streams[0].cancelled
        assert (guard.language, guard.model) == (google.language, google.model)
        assert (await guard.recognize(WORD)).recognizer == "google_single"

    virtual_clock.run(calls())


def test_while_suspended_nobody_is_asked_and_the_reason_is_given() -> None:
    async def calls() -> None:
        google = FakeRecognizer(VOCABULARY, StreamPlan(refusal=DENIED))
        guard = guarded(google)
        for _ in range(3):
            assert await refused(guard) is DENIED
        for _ in range(50):
            suspended = await refused(guard)
            assert isinstance(suspended, VendorSuspended)
            assert not suspended.retryable
            assert "PERMISSION_DENIED" in str(suspended)
        assert len(google.streams) == 3
        assert (await guard.recognize(WORD)).results  # single requests are none of its business

    virtual_clock.run(calls())


def test_a_trial_that_cannot_even_be_opened_has_failed() -> None:
    async def calls() -> None:
        google = FakeRecognizer(VOCABULARY, *[StreamPlan(refusal=DENIED)] * 3, StreamPlan(opens=False))
        guard = guarded(google)
        for _ in range(3):
            await refused(guard)
        await asyncio.sleep(5.1)
        assert isinstance(await refused(guard), VendorUnavailable)
        await asyncio.sleep(9.0)
        assert isinstance(await refused(guard), VendorSuspended)

    virtual_clock.run(calls())


def test_a_caller_who_hangs_up_while_the_trial_opens_leaves_room_for_the_next() -> None:
    async def calls() -> None:
        google = FakeRecognizer(VOCABULARY, *[StreamPlan(refusal=DENIED)] * 3, StreamPlan())
        guard = guarded(google)
        for _ in range(3):
            await refused(guard)
        await asyncio.sleep(5.1)
        opening = asyncio.create_task(guard.open_stream())
        await asyncio.sleep(0.01)
        opening.cancel()
        await asyncio.wait([opening])
        await asyncio.sleep(5.1)
        assert await heard(guard) == ["שלום"]
        assert await heard(guard) == ["שלום"]

    virtual_clock.run(calls())
