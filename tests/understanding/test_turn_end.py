import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.lead_fields import BY_NAME, LEAD_FIELDS, NEED, Kind, LeadField
from evals.turn_ends.items import OWN_SETS, items_of
from tests.understanding.hebrew import HEBREW
from understanding.said import OTHER, Said
from understanding.turn_end import TurnEnd, turn_end

ITEMS = [item for path in sorted(OWN_SETS.glob("*.json")) for item in items_of(path)]
FIELDS = [None, *LEAD_FIELDS, *(LeadField(kind.value, kind, choices=("דירה", "בית")) for kind in Kind)]
WORDS = sorted({word for item in ITEMS for word in item.text.split()})
PATAH = "\u05b7"


def end_of(text: str, asked: str = NEED) -> TurnEnd:
    return turn_end(Said(text, asked), BY_NAME.get(asked), HEBREW).end


@pytest.mark.parametrize(
    "text",
    [
        *("אני צריכה טכנאי למזגן", "יש לי נזילה במטבח", "תיקון מקרר", "היי אני רוצה לקבוע תור לשיננית"),
        *("כמה זה עולה", "מתי אתם פתוחים", "רציתי לשאול אם אתם עובדים בשישי", "אם אני מזמין היום מתי הטכנאי מגיע"),
        *("תודה ביי", "זהו תודה להתראות", "אני רוצה לדבר עם נציג", "נציג", "אפשר לדבר עם מנהל בבקשה"),
    ],
)
def test_a_finished_request_a_question_and_a_leave_taking_are_all(text: str) -> None:
    """Whoever has said it all is answered at once."""
    assert end_of(text) is TurnEnd.COMPLETE


@pytest.mark.parametrize(
    "text",
    [
        *("אני צריכה חשמלאי", "הלו", "המזגן לא מקרר", "הכביסה יוצאת רטובה", "אני צריכה רופא שיניים שמטפל בילדים"),
        *("יש לי נזילה במטבח והיא לא נגמרת", "תנו לי מישהו שיודע", "כמה עולה ביקור", "אני מבקש הצעת מחיר לשיפוץ"),
    ],
)
def test_a_sentence_that_may_go_on_is_not(text: str) -> None:
    assert end_of(text) is TurnEnd.ORDINARY


@pytest.mark.parametrize("text", ["", "...", "אני צריכה", "כן אבל", "אני צריכה תיקון", "יש לי בעיה עם", "כמה"])
def test_nothing_that_wants_more_is_all(text: str) -> None:
    assert end_of(text) is TurnEnd.OPEN


@pytest.mark.parametrize(
    "text",
    ["המסך", "שלום", "אם אפשר", "כשאני עולה במדרגות", "קניתי רכב ממישהו פרטי", "יש לי בעיה", "ועד היום הוא לא תיקן"],
)
def test_what_rather_goes_on_is_waited_for_and_is_not_open(text: str) -> None:
    """People who hesitate are let speak; and who has said it all is not asked whether there is more."""
    assert end_of(text) is TurnEnd.UNCERTAIN


def test_a_street_and_its_number() -> None:
    assert end_of("אני גר ברחוב הרצל") is TurnEnd.DICTATING
    assert end_of("אני גר ברחוב הרצל חמש") is TurnEnd.UNCERTAIN
    assert end_of("ביאליק עשרים", OTHER) is TurnEnd.UNCERTAIN
    assert end_of("ביאליק עשרים רמת גן", OTHER) is TurnEnd.ORDINARY


def test_a_request_beside_another_question_may_go_on_to_the_answer() -> None:
    assert end_of("אני צריכה טכנאי למזגן", "name") is TurnEnd.ORDINARY
    assert end_of("אני צריכה טכנאי למזגן", OTHER) is TurnEnd.COMPLETE


def test_names_and_choices_that_end_like_a_sentence_begun() -> None:
    assert end_of("חן בר אל", "name") is not TurnEnd.COMPLETE
    assert end_of("ענת שני", "name") is TurnEnd.COMPLETE
    home = LeadField("home", Kind.CHOICE, choices=("דירה", "בית"))
    assert turn_end(Said("בדירה", "home"), home, HEBREW).end is TurnEnd.COMPLETE


def test_a_listener_s_words_may_be_all() -> None:
    """ "Received" wants an object in a story, and none where it is all that is said."""
    assert end_of("קיבלתי") is TurnEnd.ORDINARY
    assert end_of("ואז קיבלתי") is TurnEnd.OPEN


@pytest.mark.parametrize("text", ["מדברת", "שלום מדבר", "פה מדברת"])
def test_who_speaks_is_told_next(text: str) -> None:
    assert end_of(text) is TurnEnd.OPEN
    assert end_of(f"דנה לוי {text}".replace("שלום ", "")) is not TurnEnd.OPEN


def test_the_reason_holds_no_word_of_the_caller() -> None:
    for item in ITEMS:
        assert turn_end(item.said, item.field, HEBREW).why.isascii()


def test_the_labelled_points_are_told_as_a_caller_would_have_it() -> None:
    """Talking over a caller is the costly error: hardly ever; and one turn in ten may be told otherwise at all."""
    told = [(item, turn_end(item.said, item.field, HEBREW).end) for item in ITEMS]
    waits = [(item, end) for item, end in told if item.end in (TurnEnd.OPEN, TurnEnd.DICTATING)]
    assert len(told) > 900
    assert sum(end is TurnEnd.COMPLETE for _, end in waits) <= 0.005 * len(waits)
    assert sum(end is item.end for item, end in told) >= 0.9 * len(told)
    answered = (TurnEnd.COMPLETE, TurnEnd.ORDINARY)
    halves = [(item, end) for item, end in told if item.end not in answered]
    wholes = [(item, end) for item, end in told if item.end in answered]
    assert sum(end in answered for _, end in halves) <= 0.06 * len(halves)
    assert sum(end not in answered for _, end in wholes) <= 0.06 * len(wholes)


@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from(FIELDS), st.text(max_size=20))
def test_no_words_are_too_odd(words: list[str], field: LeadField | None, other: str) -> None:
    for text in (" ".join(words), other, f"{other} {' '.join(words)}"):
        said = Said(
            text, field.name if field else OTHER, "+972521234567", earlier=(other, text), known={"phone": other}
        )
        assert turn_end(said, field, HEBREW).why


@pytest.mark.parametrize("item", ITEMS[::9], ids=lambda item: item.id)
def test_points_and_vowels_change_nothing(item) -> None:
    """Interims have no punctuation, and finals do: the same words end the same way."""
    end = turn_end(item.said, item.field, HEBREW).end
    for text in (f"{item.text}.", f"{item.text},", "".join(ch + PATAH * (ch == "ל") for ch in item.text)):
        said = Said(text, item.asked, item.caller_number, item.earlier, item.known)
        assert turn_end(said, item.field, HEBREW).end is end
