"""From where something is said again that was cut short."""

from hypothesis import given
from hypothesis import strategies as st

from media_service.core.speaking.clauses import clause_start
from media_service.core.vad.audio import BYTES_PER_S

VOICE, PAUSE = b"\x10\x90" * (BYTES_PER_S // 2), b"\xff" * BYTES_PER_S


def part(audio: bytes, seconds: float) -> bytes:
    return audio[: int(seconds * BYTES_PER_S)]


def test_it_goes_back_to_the_pause_before() -> None:
    audio = part(VOICE, 1.0) + part(PAUSE, 0.2) + VOICE + part(VOICE, 0.4)
    start_s = clause_start(audio, int(2.0 * BYTES_PER_S)) / BYTES_PER_S
    assert 1.1 <= start_s <= 1.2


def test_without_a_pause_it_begins_again() -> None:
    assert clause_start(VOICE, 6_000) == 0


def test_a_gap_between_words_is_no_pause() -> None:
    assert clause_start(part(VOICE, 0.5) + part(PAUSE, 0.06) + VOICE, 7_000) == 0


def test_no_more_than_a_few_seconds_are_said_again() -> None:
    assert clause_start(VOICE * 12, 10 * BYTES_PER_S) >= int(5.8 * BYTES_PER_S)


@given(st.binary(max_size=20_000), st.integers(0, 20_000))
def test_it_is_never_behind_what_was_sent(audio: bytes, sent: int) -> None:
    sent = min(sent, len(audio))
    assert 0 <= clause_start(audio, sent) <= sent
