import math

import numpy as np
import pytest

from evals.speech_activity import sounds
from local.voice import CALLER, speak
from media_service.core.vad.audio import FRAME_BYTES, SAMPLE_RATE_HZ, decode_mulaw, encode_mulaw
from media_service.core.vad.speech_activity import SpeechActivity, SpeechActivitySettings, level_dbfs

SILENCE = b"\xff" * FRAME_BYTES


def noise(dbfs: float, seconds: float, seed: int = 0) -> bytes:
    """White noise of this level."""
    samples = np.random.default_rng(seed).standard_normal(int(seconds * SAMPLE_RATE_HZ))
    return encode_mulaw(np.clip(samples * 32768 * 10 ** (dbfs / 20), -32000, 32000).astype(np.int16))


def speech(dbfs: float, seconds: float, seed: int = 0) -> bytes:
    """Syllables: noise that swells and fades four times a second, with this level on average."""
    count = int(seconds * SAMPLE_RATE_HZ)
    envelope = np.abs(np.sin(np.arange(count) / SAMPLE_RATE_HZ * math.pi * 4)) * math.sqrt(2)
    samples = np.random.default_rng(seed).standard_normal(count) * envelope
    return encode_mulaw(np.clip(samples * 32768 * 10 ** (dbfs / 20), -32000, 32000).astype(np.int16))


def voiced(detector: SpeechActivity, audio: bytes) -> list[bool]:
    return [
        detector.is_voiced(audio[start : start + FRAME_BYTES])
        for start in range(0, len(audio) - FRAME_BYTES + 1, FRAME_BYTES)
    ]


def test_levels_are_relative_to_full_scale() -> None:
    assert level_dbfs(SILENCE) == -96.0
    assert level_dbfs(noise(-20.0, 1.0)) == pytest.approx(-20.0, abs=0.3)
    assert level_dbfs(b"\x00\x80" * 80) == pytest.approx(-0.17, abs=0.01)


@pytest.mark.parametrize("audio", [SILENCE * 500, noise(-55.0, 10.0), noise(-50.0, 10.0)])
def test_neither_silence_nor_comfort_noise_is_speech(audio: bytes) -> None:
    assert not any(voiced(SpeechActivity(), audio))


@pytest.mark.parametrize("level", [-15.0, -20.0, -30.0, -35.0])
@pytest.mark.parametrize("background", [-90.0, -60.0, -50.0])
def test_speech_is_found_over_the_noise_of_a_line_and_its_end_is_seen(level: float, background: float) -> None:
    detector = SpeechActivity()
    voiced(detector, noise(background, 3.0))

    during = voiced(detector, speech(level, 1.5, seed=1))
    after = voiced(detector, noise(background, 1.0, seed=2))

    assert sum(during) > 0.6 * len(during)
    assert not any(after)


@pytest.mark.parametrize("seconds", [0.3, 8.0])
def test_a_short_word_is_found_and_a_long_monologue_stays_speech(seconds: float) -> None:
    detector = SpeechActivity()
    voiced(detector, noise(-60.0, 2.0))

    frames = voiced(detector, speech(-30.0, seconds, seed=3))

    assert sum(frames) > 0.6 * len(frames)
    assert sum(frames[-15:]) >= 9, "its end is as good as its beginning"


@pytest.mark.parametrize("level", [-40.0, -35.0, -28.0])
@pytest.mark.parametrize("before", [SILENCE * 500, b""])
def test_steady_noise_stops_counting_as_speech(level: float, before: bytes) -> None:
    """Also where digital silence came before it: a caller who drives off does not talk for ever."""
    detector = SpeechActivity()
    voiced(detector, before)

    frames = voiced(detector, noise(level, 14.0))

    assert not any(frames[-50:])


def test_speech_is_heard_over_noise_that_was_adapted_to() -> None:
    detector = SpeechActivity()
    voiced(detector, noise(-40.0, 15.0))

    frames = voiced(detector, speech(-22.0, 1.0, seed=4))

    assert sum(frames) > 0.5 * len(frames)


def begins(frames: list[bool]) -> bool:
    """Whether an utterance would begin: three voiced frames among five."""
    return any(sum(frames[at : at + 5]) >= 3 for at in range(len(frames)))


def sound(samples: np.ndarray) -> bytes:
    return encode_mulaw(np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16))


@pytest.mark.parametrize("frame", [b"\x00" * 160, b"\x1f" * 160, b"\x08\x88" * 80, b"\x1e\x9e" * 80])
@pytest.mark.parametrize("before", [b"", SILENCE * 50])
def test_any_loud_tone_counts_for_some_seconds_and_then_no_more(frame: bytes, before: bytes) -> None:
    """Test equipment speaks in tones; a dial tone that is left on is not a caller."""
    detector = SpeechActivity()
    voiced(detector, before)

    frames = voiced(detector, frame * 400)

    assert all(frames[10:150])
    assert not any(frames[300:])


def test_tone_bursts_go_on_counting() -> None:
    detector = SpeechActivity()

    bursts = [voiced(detector, b"\x08\x88" * 80 * 100 + SILENCE * 50)[:100] for _ in range(10)]

    assert all(sum(frames) > 90 for frames in bursts)


def test_keys_of_the_telephone_are_not_speech() -> None:
    rng = np.random.default_rng(1)

    assert not begins(voiced(SpeechActivity(), sound(sounds.dtmf(rng, 30.0, -12.0) + sounds.white(rng, 30.0, -60.0))))


def test_clicks_are_not_speech() -> None:
    rng = np.random.default_rng(2)

    assert not begins(voiced(SpeechActivity(), sound(sounds.clicks(rng, 30.0, -12.0) + sounds.white(rng, 30.0, -60.0))))


@pytest.mark.parametrize("level", [-45.0, -38.0, -32.0])
def test_hum_is_not_speech_even_when_the_call_begins_with_it(level: float) -> None:
    assert not begins(voiced(SpeechActivity(), sound(sounds.hum(np.random.default_rng(3), 10.0, level))))


@pytest.mark.parametrize("seed", range(5))
def test_noise_that_starts_suddenly_counts_for_half_a_second(seed: int) -> None:
    detector = SpeechActivity()
    voiced(detector, noise(-60.0, 3.0))

    frames = voiced(detector, noise(-25.0, 10.0, seed=seed))

    assert not any(frames[30:])


def test_music_on_hold_is_not_speech_for_long() -> None:
    frames = voiced(SpeechActivity(), sound(sounds.music(np.random.default_rng(4), 60.0, -22.0)))

    assert sum(frames[500:]) < 0.05 * len(frames[500:])


@pytest.mark.parametrize("interruption", ["music", "noise"])
def test_a_caller_who_comes_back_from_hold_is_heard(interruption: str) -> None:
    rng = np.random.default_rng(5)
    on_hold = sounds.music(rng, 30.0, -22.0) if interruption == "music" else sounds.white(rng, 30.0, -35.0)
    detector = SpeechActivity()
    voiced(detector, sound(on_hold))

    for sentence in ("שלום, אני צריכה הצעת מחיר להתקנת מזגן", "כן"):
        frames = voiced(detector, speak(sentence, CALLER))
        assert begins(frames[:15])
        voiced(detector, noise(-60.0, 1.0))


@pytest.mark.parametrize("level", [-20.0, -35.0])
def test_a_caller_who_speaks_at_once_is_heard_within_200_ms(level: float) -> None:
    voice = decode_mulaw(speak("שלום, אני צריכה הצעת מחיר להתקנת מזגן", CALLER))[240:] / 32768
    audio = sound(voice * sounds.gain(level + 20.0))

    assert begins(voiced(SpeechActivity(), audio)[:10])


def test_two_tracks_do_not_hear_each_other_and_the_same_track_is_heard_the_same() -> None:
    track = speech(-30.0, 3.0) + noise(-40.0, 3.0)
    alone = voiced(SpeechActivity(), track)
    first, second = SpeechActivity(), SpeechActivity()
    together = []
    for start in range(0, len(track), FRAME_BYTES):
        together.append(first.is_voiced(track[start : start + FRAME_BYTES]))
        second.is_voiced(SILENCE if start % 320 else b"\x00" * FRAME_BYTES)

    assert together == alone


def test_quiet_frames_are_put_aside_and_not_forgotten() -> None:
    """One that takes no frame for quiet measures each at once."""
    pauses = [(frames, noise(-60.0, frames * 0.02, seed=frames)) for frames in (40, 1, 2, 7, 8, 9, 16, 17, 25)]
    track = b"".join(pause + speech(-30.0, 0.3, seed=frames) for frames, pause in pauses)

    at_once = voiced(SpeechActivity(SpeechActivitySettings(quietest_voice_dbfs=-95.0)), track)

    assert voiced(SpeechActivity(), track) == at_once
    assert sum(at_once) > 50
