"""The simulated voices: telephone audio, the same every time, different for different words."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from local.phrases import phrases, pronunciation
from local.pronunciation import espeak_input, words
from local.voice import ASSISTANT, CALLER, LEVEL_DBFS, Voice, speak, speak_with_words
from media_service.core.vad.audio import BYTES_PER_S, SILENCE_BYTE, decode_mulaw


def test_the_same_text_gives_the_same_bytes_whatever_was_said_before() -> None:
    before = speak("מחר בבוקר", CALLER)
    speak("תודה ולהתראות", ASSISTANT)
    assert speak("מחר בבוקר", CALLER) == before


@pytest.mark.parametrize("variant", ["f2", "f3", "f5"])
def test_the_same_text_gives_the_same_bytes_in_the_next_second(variant: str) -> None:
    """These voices breathe, and espeak-ng seeds that from its clock."""
    well_into_the_next_second = int(time.time()) + 1.1
    takes = set()
    while time.time() < well_into_the_next_second:
        takes.add(speak("מחר בבוקר", Voice(variant=variant)))

    assert len(takes) == 1


def test_threads_do_not_disturb_each_other() -> None:
    texts = [phrase.text for phrase in phrases()[:8]]
    alone = [speak(text, CALLER) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: speak(text, CALLER), texts)) == alone


def test_yes_takes_about_a_third_of_a_second() -> None:
    assert 0.25 < len(speak("כן", CALLER)) / BYTES_PER_S < 0.45


def test_the_level_is_that_of_a_telephone_and_nothing_clips() -> None:
    samples = decode_mulaw(speak("שלום, אני צריכה הצעת מחיר להתקנת מזגן", CALLER)).astype(float)
    loud = samples[abs(samples) > abs(samples).max() * 0.02]
    assert 20 * np.log10(np.sqrt((loud**2).mean()) / 32768) == pytest.approx(LEVEL_DBFS, abs=0.5)
    assert abs(samples).max() < 32000


def test_silence_is_trimmed_to_a_margin() -> None:
    samples = abs(decode_mulaw(speak("רגע", CALLER)).astype(int))
    voiced = np.flatnonzero(samples > 300)
    assert voiced[0] < 0.06 * BYTES_PER_S
    assert len(samples) - voiced[-1] < 0.12 * BYTES_PER_S


def test_nothing_above_the_telephone_band_is_left() -> None:
    spectrum = abs(np.fft.rfft(decode_mulaw(speak("שש שש שש", CALLER)).astype(float))) ** 2
    frequency = np.linspace(0, BYTES_PER_S / 2, len(spectrum))
    # The quantisation noise of mu-law reaches everywhere, about 38 dB down.
    assert spectrum[frequency > 3850].mean() < spectrum[(frequency > 300) & (frequency < 3300)].mean() / 1000


def test_every_word_of_every_phrase_has_its_end() -> None:
    for phrase in phrases():
        audio, spoken = speak_with_words(phrase.spoken, CALLER)
        ends = [word.end_s for word in spoken]
        assert [word.word for word in spoken] == words(phrase.spoken)
        assert ends == sorted(ends)
        assert ends[-1] <= len(audio) / BYTES_PER_S


def test_every_word_of_the_phrases_has_a_pronunciation() -> None:
    missing = {word for phrase in phrases() for word in words(phrase.spoken)} - set(pronunciation())
    assert not missing


def test_a_telephone_number_is_said_digit_by_digit() -> None:
    assert words("המספר 052-1234567, עד 10") == [
        *("המספר", "אפס", "חמש", "שתיים", "אחת", "שתיים", "שלוש", "ארבע", "חמש", "שש", "שבע", "עד", "10")
    ]  # fmt: skip


def test_unknown_words_get_vowels_and_punctuation_stays_outside() -> None:
    assert espeak_input("גבינה, טוב?", {"טוב": "t'ov"}) == "[[gevin'a]], [[t'ov]]?"


def test_pointed_text_sounds_like_plain_text() -> None:
    assert speak("שָׁלוֹם", CALLER) == speak("שלום", CALLER)


def test_nothing_to_say_is_no_audio() -> None:
    assert speak(" ...", CALLER) == b""


def test_an_unknown_variant_is_an_error() -> None:
    with pytest.raises(ValueError, match="no Hebrew voice variant"):
        speak("שלום", Voice(variant="nobody"))


def test_silence_is_mulaw_silence() -> None:
    assert speak("שלום", CALLER)[:1] in (bytes([SILENCE_BYTE]), b"\x7f", b"\xfe", b"\x7e")
