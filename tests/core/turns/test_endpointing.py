import pytest

from media_service.core.turns.endpointing import EndpointingSettings, is_noise, is_over, is_strong

SETTINGS = EndpointingSettings(
    hangover_s=0.22, timeout_s=0.45, strong_chars=15, dismiss_s=3.0, behind_s=0.5, catch_up_s=0.3
)
WEAK, STRONG = "אני רוצה", "אני צריכה הצעת מחיר"


@pytest.mark.parametrize(
    ("silence_s", "text", "unheard_s", "over"),
    [
        (0.21, STRONG, None, False),  # still speech
        (0.22, STRONG, 0.0, True),  # a strong interim ends it at the hangover
        (0.22, WEAK, 0.0, False),
        (0.22, WEAK, None, True),  # all of it is final
        (0.44, WEAK, 0.5, False),
        (0.45, WEAK, 0.5, True),  # with the words there are
        (0.74, STRONG, 0.51, False),  # the recognizer has not heard the end of it
        (0.75, WEAK, 9.0, True),  # and nobody waits for ever
        (60.0, "", 0.0, False),  # nothing to close it with
    ],
)
def test_when_an_utterance_is_over(silence_s: float, text: str, unheard_s: float | None, over: bool) -> None:
    assert is_over(silence_s, text, unheard_s, SETTINGS) is over


@pytest.mark.parametrize("text", ["כן.", "רגע,", "מתי?", "די!", "א" * 15])
def test_enough_text_or_punctuation_makes_an_interim_strong(text: str) -> None:
    assert is_strong(text, SETTINGS)
    assert not is_strong(text[:-1], SETTINGS)


def test_long_silence_without_words_was_noise() -> None:
    assert not is_noise(2.99, "", SETTINGS)
    assert is_noise(3.0, "", SETTINGS)
    assert not is_noise(60.0, "כן", SETTINGS)
