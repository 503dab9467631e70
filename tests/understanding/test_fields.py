import pytest

from calls.lead_fields import Kind, LeadField
from tests.understanding.hebrew import HEBREW
from understanding.fields import can_mean, stands_in, value_of
from understanding.said import OTHER, Answer, Said

NUMBER = "+972501234567"
ID = "039337423"


def answer(kind: Kind, text: str, choices: tuple[str, ...] = (), name: str = "own") -> str:
    found = value_of(LeadField(name, kind, choices=choices), Said(text, "own", NUMBER), HEBREW)
    return found.value if found else ""


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.TEXT, "רחוב הרצל 5 בחולון, תודה", "רחוב הרצל 5 בחולון"),
        (Kind.NAME, "דנה לוי", "דנה לוי"),
        (Kind.PHONE, "052-1234567", "+972521234567"),
        (Kind.PHONE, "כן, למספר הזה", NUMBER),
        (Kind.TIME, "מחר בבוקר", "מחר בבוקר"),
        (Kind.DATE, "ביום שלישי", "ביום שלישי"),
        (Kind.YES_NO, "כן בטח", "כן"),
        (Kind.YES_NO, "יש", "כן"),
        (Kind.YES_NO, "לא, אין", "לא"),
        (Kind.YES_NO, "אה יש", "כן"),
        (Kind.NUMBER, "בשלישית", "3"),
        (Kind.NUMBER, "קומה שנייה", "2"),
        (Kind.NUMBER, "שנייה אני בודק", ""),
        (Kind.NUMBER, "רגע שנייה", ""),
        (Kind.NUMBER, "3", "3"),
        (Kind.ID_NUMBER, ID, ID),
    ],
)
def test_an_answer_is_read_by_the_kind_of_the_field(kind: Kind, text: str, value: str) -> None:
    assert answer(kind, text) == value


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.YES_NO, Kind.NUMBER, Kind.CHOICE, Kind.NAME, Kind.ID_NUMBER])
def test_what_answers_another_question_is_no_answer_to_this(kind: Kind) -> None:
    field = LeadField("own", kind, choices=("כן", "לא"))
    for asked in ("", OTHER, "other_field"):
        assert value_of(field, Said("כן 3", asked, NUMBER), HEBREW) is None


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("text", ["", "...", "אה"])
def test_nothing_is_made_of_nothing(kind: Kind, text: str) -> None:
    assert answer(kind, text, ("דירה", "בית")) == ""


def test_a_caller_who_tells_the_number_that_called_calls_from_it() -> None:
    field = LeadField("phone", Kind.PHONE)
    told = value_of(field, Said("050-1234567", "phone", NUMBER), HEBREW)
    assert told == Answer(NUMBER, confirmed=True)
    assert value_of(field, Said("052-1234567", "phone", NUMBER), HEBREW) == Answer("+972521234567")


def test_a_yes_to_the_number_that_called_is_the_word_of_the_network() -> None:
    agreed = value_of(LeadField("phone", Kind.PHONE), Said("כן", "phone", NUMBER), HEBREW)
    assert agreed == Answer(NUMBER, confirmed=True, source="caller_id")


@pytest.mark.parametrize(
    ("value", "text", "stands"),
    [
        ("+972521234567", "רשמתי 052-1234567. נכון?", True),
        ("+972521234567", "רשמתי אפס חמש שתיים, אחת שתיים שלוש, ארבע חמש שש שבע. נכון?", True),
        ("+972521234567", "רשמתי 052-1234568. נכון?", False),
        ("דנה לוי", "נעים מאוד, דנה לוי. מתי נוח?", True),
        ("דנה", "נעים מאוד, דינה. מתי נוח?", False),
        ("כן", "כן, אני מקשיב.", False),
    ],
)
def test_a_value_is_found_in_what_was_said_to_the_caller(value: str, text: str, stands: bool) -> None:
    assert stands_in(value, text, HEBREW) is stands


@pytest.mark.parametrize(
    ("field", "value", "quote", "proved"),
    [
        ("name", "דנה", "קוראים לי דנה", True),
        ("name", "רון", "קוראים לי דנה", False),
        ("phone", "0501234567", "050-1234567", True),
        ("phone", "0501234568", "050-1234567", False),
        ("need", "תיקון מזגן", "המזגן לא עובד", True),
        ("callback_time", "מחר", "מתי שתרצו", True),
    ],
)
def test_names_and_numbers_stand_in_their_quote_and_the_rest_may_be_put_in_other_words(
    field: str, value: str, quote: str, proved: bool
) -> None:
    assert can_mean(field, value, quote) is proved
