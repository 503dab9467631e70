import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.overlap import Overlap, overlap


@pytest.mark.parametrize(
    "text",
    [
        *("כן", "כן כן", "כן, כן.", "אהה", "הבנתי", "אוקיי", "נכון", "מממ", "בסדר", "יופי", "אה", "מעולה", "אה אוקיי"),
        *(
            "כן הבנתי",
            "נכון מאוד",
            "אה הבנתי תודה",
            "סבבה",
            "בסדר גמור",
            "אוקיי מעולה",
            "כֵּן",
            "אני שומעת",
            "ברור כן כן",
        ),
    ],
)
def test_who_shows_that_they_listen_does_not_interrupt(text: str) -> None:
    assert overlap(text, HEBREW) is Overlap.BACK_CHANNEL


@pytest.mark.parametrize(
    "text",
    [
        *("רגע", "די", "תפסיק", "תפסיקי", "שנייה", "לא לא", "סליחה", "חכי", "עצור", "הלו", "שמע אני צריך משהו"),
        *("תקשיבי", "אבל רגע", "כן רגע", "אה סליחה", "רגע רגע רגע", "לא, לא זה", "לא הבנתי", "אוקיי די"),
    ],
)
def test_who_wants_us_to_stop_is_heard_at_once(text: str) -> None:
    assert overlap(text, HEBREW) is Overlap.STOP


@pytest.mark.parametrize(
    "text",
    [
        "כן אבל לא היום",
        "מחר בבוקר",
        "לא",
        "כן למספר הזה",
        "נכון הייתה נזילה",
        "אני צריכה טכנאי",
        "דנה",
        "מה",
        "אוקיי מה המחיר",
    ],
)
def test_real_words(text: str) -> None:
    assert overlap(text, HEBREW) is Overlap.OTHER


@pytest.mark.parametrize("text", ["", "  ", "...", "?!", "-"])
def test_no_words(text: str) -> None:
    assert overlap(text, HEBREW) is Overlap.NOTHING


@given(st.text(max_size=40))
def test_no_words_are_too_odd(text: str) -> None:
    assert overlap(text, HEBREW) in Overlap


@given(st.lists(st.sampled_from(["כן", "אהה", "הבנתי", "רגע", "מזגן", "לא", "נכון", "די"]), min_size=1), st.data())
def test_points_and_vowels_change_nothing(words: list[str], data: st.DataObject) -> None:
    marks = data.draw(
        st.lists(st.sampled_from(["", ",", ".", "?", "\u05b7"]), min_size=len(words), max_size=len(words))
    )
    marked = " ".join(word + mark for word, mark in zip(words, marks, strict=True))
    assert overlap(marked, HEBREW) is overlap(" ".join(words), HEBREW)


def test_an_acknowledgement_that_lacks_its_last_letter_is_one() -> None:
    """So reads its first interim."""
    assert overlap("הבנת", HEBREW) is Overlap.BACK_CHANNEL
    assert overlap("הבנתם", HEBREW) is Overlap.OTHER
