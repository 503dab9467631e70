import pytest

from tests.understanding.hebrew import HEBREW
from understanding.unfinished import HUM, WANTING, unfinished, wants_a_noun


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *(("אה", HUM), ("כן אממ", HUM), ("אני צריכה", WANTING), ("יש לי", WANTING), ("אני רוצה לקבוע", WANTING)),
        *((text, "ends in a hanging word") for text in ("כן אבל", "כי", "תיקון של", "אני גר עם", "את", "אני לא")),
        *((text, "announces what comes next") for text in ("השם שלי", "קוראים לי", "הכתובת שלי היא", "והטלפון שלי")),
        *(
            (text, "a correction or a pause begun")
            for text in ("לא סליחה", "רגע", "ארבע רגע", "ביום שישי אה לא", "את ההזמנה אה לא")
        ),
        *((text, "a question only begun") for text in ("כמה", "רציתי לשאול מתי", "כמה עולה", "לאיזה שעה")),
        *((text, "a subject without its predicate") for text in ("כי אתם", "אנחנו", "וזה")),
        *((text, WANTING) for text in ("קניתי", "התקנתם", "אני צריך להאריך", "יש לי פה")),
        ("אם אני מזמין", "a condition without what follows"),
        ("ברחוב", "a street without its name"),
    ],
)
def test_more_is_to_come_after_it(text: str, why: str) -> None:
    """A caller who stops for breath there is not talked over."""
    assert unfinished(text.split(), HEBREW) == why


@pytest.mark.parametrize(
    "text",
    [
        *("טכנאי למזגן", "לא", "אם אפשר", "לא צריך", "מה זה", "בגלל זה", "כמה זה עולה", "חשבונית שקיבלתי", "מתאים לי"),
        *("מתי הטכנאי מגיע", "ביום שני", "אמיתי", "אני רוצה לחזור", "ולא שמעתי", "המזגן שלי"),
    ],
)
def test_what_may_be_all(text: str) -> None:
    assert unfinished(text.split(), HEBREW) == ""


@pytest.mark.parametrize("text", ["ולא שילמו לי", "תעודת האחריות אבדה לי", "אם אפשר אז בערב", "כן אה לא"])
def test_what_ends_in_a_hanging_word_and_is_whole(text: str) -> None:
    assert unfinished(text.split(), HEBREW) == ""


@pytest.mark.parametrize("text", ["תיקון", "מכונת", "אני צריכה בעל", "חברת", "גרה בקריית", "לצביעת", "חבילת"])
def test_a_noun_that_another_follows(text: str) -> None:
    """Also one that is on no list: "parcel (of)" is told from "parcel" by its last letter."""
    assert wants_a_noun(text.split(), HEBREW)


@pytest.mark.parametrize("text", ["מזגן", "המכונה", "דלת", "חבילה", "משכנתא"])
def test_a_noun_by_itself(text: str) -> None:
    assert not wants_a_noun(text.split(), HEBREW)


def test_who_is_getting_what_was_asked_for_has_not_told_it() -> None:
    assert unfinished(["רגע", "אני", "מוציאה", "את", "התעודה"], HEBREW)
    assert not unfinished(["רגע", "כמה", "זה", "עולה"], HEBREW)
