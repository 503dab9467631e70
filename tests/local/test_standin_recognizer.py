"""The recognizer of the speech stand-in knows its phrases by their sound, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

from local.phrases import Phrase, phrases
from local.standins.speech.decoder import Lexicon
from local.standins.speech.phrasebook import known_phrases
from local.standins.speech.recognition import (
    FinalHeard,
    InterimHeard,
    Recognition,
    Result,
    SpeechEvent,
    Timing,
    Wishes,
    recognize_at_once,
)
from local.voice import ASSISTANT, CALLER, Voice, speak
from media_service.core.vad.audio import BYTES_PER_S, decode_mulaw, encode_mulaw

ALL = Wishes(interim_results=True, punctuation=True, voice_activity_events=True)
PLAIN = Wishes(punctuation=True)
PHRASES = phrases()


@cache
def lexicon() -> Lexicon:
    return Lexicon(known_phrases())


def said(phrase: Phrase) -> np.ndarray:
    return decode_mulaw(speak(phrase.spoken, ASSISTANT if phrase.voice == "assistant" else CALLER))


def by_caller(text: str) -> np.ndarray:
    return decode_mulaw(speak(text, CALLER))


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * BYTES_PER_S), np.int16)


def texts(samples: np.ndarray) -> list[str]:
    return [final.text for final in recognize_at_once(samples, lexicon(), PLAIN, None)]


def written(phrase: Phrase) -> str:
    return phrase.text + ("?" if phrase.question else ".")


def over_the_telephone(samples: np.ndarray) -> np.ndarray:
    return decode_mulaw(encode_mulaw(np.clip(np.rint(samples), -32768, 32767).astype(np.int16)))


def with_noise(samples: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(7).normal(0, 32768 * 10 ** (-40 / 20), len(samples))
    return over_the_telephone(samples + noise)


CONDITIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as spoken": lambda samples: samples,
    "6 dB louder": lambda samples: over_the_telephone(samples * 2.0),
    "6 dB softer": lambda samples: over_the_telephone(samples * 0.5),
    "noise 20 dB below": with_noise,
    "first 100 ms lost": lambda samples: samples[800 + 4_000 :],
    "off the frame grid": lambda samples: samples[37:],
}


MILD = ("6 dB louder", "6 dB softer", "off the frame grid")
"""A third of the phrases shows as much."""


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_phrase_is_recognized(condition: str) -> None:
    wrong = {}
    for phrase in PHRASES[::3] if condition in MILD else PHRASES:
        heard = texts(CONDITIONS[condition](np.concatenate([silence(0.5), said(phrase), silence(0.7)])))
        if heard != [written(phrase)]:
            wrong[phrase.text] = heard
    assert not wrong


def hear(samples: np.ndarray, wishes: Wishes = ALL, chunk: Iterator[int] | int = 800) -> list[Result]:
    """What a stream gives for audio that comes as fast as it was spoken."""
    recognition = Recognition(lexicon(), wishes, Timing())
    results, at = [], 0
    while at < len(samples):
        piece = samples[at : at + (chunk if isinstance(chunk, int) else next(chunk))]
        at += len(piece)
        results += recognition.due(at / BYTES_PER_S)
        recognition.on_audio(piece, at / BYTES_PER_S)
    recognition.on_end(at / BYTES_PER_S)
    results += recognition.due(at / BYTES_PER_S + 10)
    assert recognition.finished
    return results


def test_however_the_audio_is_cut_the_final_results_are_the_same() -> None:
    samples = np.concatenate([silence(0.3), said(PHRASES[0]), silence(0.8), said(PHRASES[1]), silence(0.8)])
    random = np.random.default_rng(3)
    expected = [result for result in hear(samples) if isinstance(result, FinalHeard)]
    assert [final.text for final in expected] == [written(PHRASES[0]), written(PHRASES[1])]
    for _ in range(3):
        cut = hear(samples, chunk=iter(lambda: int(random.integers(1, 2400)), None))
        assert [result for result in cut if isinstance(result, FinalHeard)] == expected


def test_interim_results_grow_word_by_word_and_become_stable() -> None:
    interims = [r for r in hear(np.concatenate([said(PHRASES[0]), silence(0.8)])) if isinstance(r, InterimHeard)]
    final = PHRASES[0].text.split()
    for interim in interims:
        assert interim.text.split() == final[: len(interim.text.split())] or interim.text + "," in PHRASES[0].text
    lengths = [len(interim.text) for interim in interims]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) >= 5
    assert min(interim.stability for interim in interims) == 0.1
    assert all(0.1 <= interim.stability <= 0.9 for interim in interims)


def test_a_final_comes_after_its_silence_and_delay_and_says_where_the_speech_ended() -> None:
    samples = np.concatenate([silence(1.0), said(PHRASES[3]), silence(2.0)])
    recognition = Recognition(lexicon(), PLAIN, Timing(endpoint_silence_s=0.5, final_delay_s=0.4))
    spoken_until = 1.0 + len(said(PHRASES[3])) / BYTES_PER_S
    at = 0
    while not (due := recognition.due(at / BYTES_PER_S)):
        recognition.on_audio(samples[at : at + 160], at / BYTES_PER_S)
        at += 160
    assert at / BYTES_PER_S == pytest.approx(spoken_until + 0.9, abs=0.15)
    assert isinstance(due[0], FinalHeard)
    assert due[0].end_s == pytest.approx(spoken_until, abs=0.12)


def test_speech_activity_surrounds_the_results() -> None:
    events = [r.kind for r in hear(np.concatenate([said(PHRASES[2]), silence(0.8)])) if isinstance(r, SpeechEvent)]
    assert events == ["activity_begin", "activity_end"]


def test_two_phrases_with_a_pause_are_two_results() -> None:
    assert texts(np.concatenate([by_caller("כן"), silence(0.8), by_caller("מחר בבוקר")])) == ["כן.", "מחר בבוקר."]


def test_two_phrases_without_a_pause_are_one_result() -> None:
    assert texts(np.concatenate([by_caller("כן"), silence(0.2), by_caller("מחר בבוקר")])) == ["כן מחר בבוקר."]


def test_a_phrase_with_a_long_pause_inside_comes_in_two_parts() -> None:
    samples = np.concatenate([by_caller("שלום, אני צריכה"), silence(1.4), by_caller("הצעת מחיר להתקנת מזגן")])
    assert texts(samples) == ["שלום, אני צריכה.", "הצעת מחיר להתקנת מזגן."]


def test_what_is_pending_at_the_end_becomes_final() -> None:
    finals = [r for r in hear(by_caller("קוראים לי דנה לוי"), PLAIN) if isinstance(r, FinalHeard)]
    assert [final.text for final in finals] == ["קוראים לי דנה לוי."]


def test_without_punctuation_there_is_none() -> None:
    finals = recognize_at_once(said(PHRASES[0]), lexicon(), Wishes(), None)
    assert [final.text for final in finals] == ["שלום אני צריכה הצעת מחיר להתקנת מזגן"]


@pytest.mark.parametrize(
    "text",
    ["החתול ישב על הגג ואכל דגים", "מזג האוויר יפה מאוד היום", "תשעים ותשע אחוז", "ברבורים לבנים", "אוקיי", "תודה רבה"],
)
def test_other_sentences_are_not_recognized_as_anything(text: str) -> None:
    assert texts(np.concatenate([by_caller(text), silence(0.8)])) == []


OWN_WORDS = (
    "אני צריכה עזרה עם החשבון שלי",
    "קוראים לי שלמה",
    "שמי רונית גולן",
    "מדברת טלי מרמת גן",
    "יש פיצוץ בצינור",
    "המשלוח לא הגיע אליי",
    "תתקשרו אליי בשעה שמונה",
    "לא רוצה להגיד",
    "כמה זמן זה ייקח",
    "טוב אז להתראות בינתיים",
)
"""No threshold was chosen by these."""


@pytest.mark.parametrize("voice", [CALLER, ASSISTANT, Voice(170, 60, "f4")], ids=["caller", "assistant", "f4"])
def test_a_callers_own_words_come_back_as_nothing_at_all(voice: Voice) -> None:
    """No interim result either: the service trusts those, and would take a name from them."""
    for text in OWN_WORDS:
        samples = np.concatenate([silence(0.5), decode_mulaw(speak(text, voice)), silence(0.8)])
        assert hear(samples, Wishes(interim_results=True)) == []


def test_a_sentence_that_begins_with_known_words_has_no_other_words_in_its_results() -> None:
    for text in ("אני רוצה לקנות דירה", "השם שלי הוא גדעון", "כמה עולה להחליף צמיגים לרכב"):
        results = hear(np.concatenate([silence(0.5), by_caller(text), silence(0.8)]), Wishes(interim_results=True))
        for result in results:
            assert isinstance(result, InterimHeard)
            assert text.startswith(result.text)


def test_noise_and_tones_are_not_speech() -> None:
    random = np.random.default_rng(5)
    assert texts(random.normal(0, 3000, 24_000).astype(np.int16)) == []
    assert texts((6000 * np.sin(np.arange(24_000) * 0.4)).astype(np.int16)) == []


def test_audio_that_holds_no_known_phrase_is_given_to_whisper() -> None:
    samples = np.concatenate([by_caller("החתול ישב על הגג"), silence(0.8), by_caller("כן"), silence(0.8)])
    finals = recognize_at_once(samples, lexicon(), PLAIN, lambda audio: f"{len(audio) / BYTES_PER_S:.0f} s")
    assert [final.text for final in finals] == ["2 s", "כן."]
