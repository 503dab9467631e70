import pytest

from calls.lead_fields import BY_NAME, NEED
from tests.understanding.hebrew import HEBREW
from understanding.said import OTHER, Said
from understanding.turn_end import TurnEnd, turn_end


def end_of(text: str, asked: str = NEED) -> TurnEnd:
    return turn_end(Said(text, asked), BY_NAME.get(asked), HEBREW).end


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *(
            ("נציג", TurnEnd.COMPLETE),
            ("אני רוצה לדבר עם מנהל", TurnEnd.COMPLETE),
            ("תעבירו אותי לדנה", TurnEnd.COMPLETE),
        ),
        *(("אני צריכה מזכירה", TurnEnd.UNCERTAIN), ("המוקדנית", TurnEnd.UNCERTAIN), ("לדבר עם בן", TurnEnd.OPEN)),
        *(("תנו לי מישהו שיודע", TurnEnd.ORDINARY), ("אפשר לדבר עם הטכנאי שהיה", TurnEnd.ORDINARY)),
    ],
)
def test_a_wish_for_a_person(text: str, end: TurnEnd) -> None:
    """ "The manager" may go on to what he did, "a secretary" to what for."""
    assert end_of(text) is end


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *(
            ("מה שעות הפתיחה", TurnEnd.COMPLETE),
            ("יש לכם שירות בחיפה", TurnEnd.COMPLETE),
            ("מה השעה", TurnEnd.COMPLETE),
        ),
        *(("תגידי את מתקנת גם טלפונים", TurnEnd.COMPLETE), ("רציתי לדעת אם הרופאה מקבלת היום", TurnEnd.COMPLETE)),
        *(("מי מטפל", TurnEnd.OPEN), ("איך מגיעים", TurnEnd.OPEN), ("מה המחיר", TurnEnd.ORDINARY)),
        *(("מה שהכי מתאים לך", TurnEnd.ORDINARY), ("כמה עולה ביקור", TurnEnd.ORDINARY)),
        *(("למה החשבון שלי", TurnEnd.ORDINARY), ("איך אני מחדש", TurnEnd.ORDINARY)),
        *(("כמה עולה טיפול עשרת", TurnEnd.OPEN), ("מה הכתובת", TurnEnd.COMPLETE)),
    ],
)
def test_a_question(text: str, end: TurnEnd) -> None:
    assert end_of(text) is end


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *(("אני צריך להאריך את הביטוח של הרכב", TurnEnd.COMPLETE), ("צריך הובלה מחולון לבאר שבע", TurnEnd.COMPLETE)),
        *(("יש לי דוד שמש של 150", TurnEnd.ORDINARY), ("אני רוצה להחזיר חולצה שקניתי", TurnEnd.ORDINARY)),
        *(("אני צריכה שלושה", TurnEnd.OPEN), ("אני מתקשרת", TurnEnd.OPEN), ("אני רוצה לקבוע תור לרופא", TurnEnd.OPEN)),
        *(("דלת הכניסה נתקעה", TurnEnd.ORDINARY), ("אנחנו בחוץ", TurnEnd.UNCERTAIN)),
    ],
)
def test_a_request(text: str, end: TurnEnd) -> None:
    assert end_of(text) is end


def test_good_wishes_open_a_call_of_which_nothing_is_known() -> None:
    assert end_of("שבת שלום", asked="") is TurnEnd.UNCERTAIN
    known = Said("שבת שלום", known={NEED: "מזגן"})
    assert turn_end(known, None, HEBREW).end is TurnEnd.COMPLETE


def test_a_question_mark_ends_a_question_that_seems_to_hang() -> None:
    assert end_of("מה?", OTHER) is TurnEnd.ORDINARY
    assert end_of("מה", OTHER) is TurnEnd.OPEN


@pytest.mark.parametrize(
    "text", ["יש לי בעיה", "יש לי שאלה", "אני צריכה טכנאי", "אני מחפש מתנה", "יש לנו בבניין", "יש לי כלב", "ביטוח"]
)
def test_a_request_in_a_word_is_told_closer(text: str) -> None:
    assert end_of(text) is TurnEnd.UNCERTAIN


@pytest.mark.parametrize(
    "text", ["יש לי נזילה", "אני צריך חשמלאי", "אני רוצה לקבוע תור", "רוצה להחליף ברז", "אין לנו חשמל", "נשבר לי החלון"]
)
def test_what_is_wrong_or_is_to_be_done_is_told_in_a_word(text: str) -> None:
    assert end_of(text) is TurnEnd.ORDINARY


def test_a_round_number_in_two_words_counts_nothing_more() -> None:
    assert end_of("רציתי לדעת כמה עולה טיפול עשרת אלפים") is not TurnEnd.OPEN
