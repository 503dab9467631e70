import asyncio

import pytest

from media_service.adapters.tts_cache import LONGEST_CACHED_CHARS, CachingSynthesizer
from media_service.errors import VendorUnavailable


class ScriptedSynthesizer:
    """Gives a hundred bytes for a text, once it may."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.failures = 0

    async def synthesize(self, text: str) -> bytes:
        self.asked.append(text)
        await self.may_answer.wait()
        if self.failures:
            self.failures -= 1
            raise VendorUnavailable("as scripted")
        return text.encode().ljust(100, b".")[:100]


async def test_a_text_is_synthesised_once() -> None:
    inner = ScriptedSynthesizer()
    cache = CachingSynthesizer(inner)
    assert await cache.synthesize("רגע") == await cache.synthesize("רגע")
    assert inner.asked == ["רגע"]


async def test_those_who_ask_at_the_same_time_share_one_request() -> None:
    inner = ScriptedSynthesizer()
    inner.may_answer.clear()
    cache = CachingSynthesizer(inner)
    waiting = [asyncio.create_task(cache.synthesize("רגע")) for _ in range(5)]
    await asyncio.sleep(0)
    inner.may_answer.set()
    assert len(set(await asyncio.gather(*waiting))) == 1
    assert inner.asked == ["רגע"]


async def test_a_caller_who_hangs_up_does_not_take_the_words_of_another() -> None:
    inner = ScriptedSynthesizer()
    inner.may_answer.clear()
    cache = CachingSynthesizer(inner)
    first, second = (asyncio.create_task(cache.synthesize("רגע")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    inner.may_answer.set()
    assert (await second).startswith("רגע".encode())
    assert first.cancelled()


async def test_a_failure_is_told_to_all_and_not_remembered() -> None:
    inner = ScriptedSynthesizer()
    inner.failures = 1
    cache = CachingSynthesizer(inner)
    outcomes = await asyncio.gather(*(cache.synthesize("רגע") for _ in range(2)), return_exceptions=True)
    assert [type(each) for each in outcomes] == [VendorUnavailable, VendorUnavailable]
    assert await cache.synthesize("רגע")


async def test_what_was_not_asked_for_longest_goes_first() -> None:
    inner = ScriptedSynthesizer()
    cache = CachingSynthesizer(inner, max_bytes=250)
    for text in ("a", "b", "a", "c", "a", "b"):
        await cache.synthesize(text)
    assert inner.asked == ["a", "b", "c", "b"]


async def test_audio_larger_than_the_cache_leaves_it_as_it_is() -> None:
    inner = ScriptedSynthesizer()
    cache = CachingSynthesizer(inner, max_bytes=99)
    for _ in range(2):
        assert await cache.synthesize("a")
    assert inner.asked == ["a", "a"]


async def test_long_texts_are_not_kept() -> None:
    """They say what one caller was told."""
    inner = ScriptedSynthesizer()
    cache = CachingSynthesizer(inner)
    text = "א" * (LONGEST_CACHED_CHARS + 1)
    await cache.synthesize(text)
    await cache.synthesize(text)
    assert len(inner.asked) == 2


async def test_closing_abandons_what_is_running() -> None:
    inner = ScriptedSynthesizer()
    inner.may_answer.clear()
    cache = CachingSynthesizer(inner)
    waiting = asyncio.create_task(cache.synthesize("רגע"))
    await asyncio.sleep(0)
    await cache.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await cache.aclose()
