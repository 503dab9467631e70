import pytest

from calls.events import FieldValue
from calls.lead_fields import Kind, LeadField, understood
from tests.understanding.hebrew import HEBREW
from understanding.questions import asked_field, last_asked, read_back
from understanding.said import OTHER, Turn

OWN = understood(
    (
        LeadField("model", Kind.TEXT, question="מה דגם המזגן?"),
        LeadField("id_number", Kind.ID_NUMBER),
        LeadField("home", Kind.CHOICE, question="זו דירה או בית?", choices=("דירה", "בית")),
        LeadField("תקציב", Kind.TEXT),
    )
)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("איך אפשר לעזור?", "need"),
        ("במה מדובר?", "need"),
        ("ספרו לי מה הבעיה.", "need"),
        ("בשמחה. איך קוראים לך?", "name"),
        ("מה השם בבקשה?", "name"),
        ("עם מי אני מדבר", "name"),
        ("ומה השם המלא?", "name"),
        ("אשמח לשמכם.", "name"),
        ("אפשר לחזור למספר הזה?", "phone"),
        ("מה מספר הטלפון שלך?", "phone"),
        ("לאיזה מספר לחזור אליכם?", "phone"),
        ("באיזה מספר אפשר להשיג אתכם?", "phone"),
        ("מתי נוח שנחזור?", "callback_time"),
        ("באיזה יום נוח?", "callback_time"),
        ("מתי נוח לכם שנחזור למספר הזה?", "callback_time"),
        ("נוח לכם מחר בבוקר?", "callback_time"),
        ("ומתי?", "callback_time"),
        ("תודה, יום טוב.", ""),
        ("נרשם השם דנה.", ""),
        ("נרשם השם דנה. מתי לחזור?", "callback_time"),
        ("מתי נוח לחזור? אני מקשיב.", "callback_time"),
        ("אתם עדיין על הקו?", ""),
        ("", ""),
    ],
)
def test_a_question_is_about_what_its_last_sentence_asks(text: str, field: str) -> None:
    assert asked_field(text, HEBREW) == field


@pytest.mark.parametrize(
    "text",
    [
        "מה מספר הדירה?",
        "מה מספר הרכב שלכם?",
        "ומה מספר ההזמנה?",
        "מה מספר תעודת הזהות?",
        "באיזו עיר?",
        "באיזו קומה הדירה?",
        "איך קוראים לכלב?",
        "מה שם החברה?",
        "מה שם הרחוב?",
        "מתי התקלה התחילה?",
        "מתי קניתם את המזגן?",
        "באיזו שעה זה קרה?",
        "כמה חדרים יש?",
        "מה הדגם של המזגן?",
        "יש לכם חניה?",
    ],
)
def test_a_question_for_something_else_is_about_none_of_our_fields(text: str) -> None:
    assert asked_field(text, HEBREW) == OTHER


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("מה דגם המזגן?", "model"),
        ("תודה. מה דגם המזגן?", "model"),
        ("ומה הדגם של המזגן שלכם?", "model"),
        ("אפשר את תעודת הזהות שלכם?", "id_number"),
        ("זו דירה או בית?", "home"),
        ("האם מדובר בדירה או בבית?", "home"),
        ("מה התקציב שלכם?", "תקציב"),
        ("מה מספר הדירה?", OTHER),
        ("מה מספר הטלפון?", "phone"),
    ],
)
def test_a_question_of_the_business_is_known_in_other_words_too(text: str, field: str) -> None:
    assert asked_field(text, HEBREW, OWN) == field


def test_a_question_of_ours_that_was_broken_off_is_known_by_its_beginning() -> None:
    """The caller spoke over it, and answers it all the same."""
    assert asked_field("נעים מאוד, דנה. אפשר לחזור אליכם", HEBREW) == "phone"
    assert asked_field("נעים מאוד, דנה.", HEBREW) == ""


@pytest.mark.parametrize("text", ["רשמתי 052-1234567, נכון?", "רשמתי 052-1234567. נכון?", "052-1234567. זה המספר?"])
def test_is_that_so_asks_about_the_value_before_it(text: str) -> None:
    assert asked_field(text, HEBREW, known={"phone": FieldValue("+972521234567", 2)}) == "phone"


ASKED = Turn("assistant", "מתי נוח לכם?", 1)
TOLD = Turn("caller", "מחר", 2)
TIME = {"callback_time": FieldValue("מחר", 2)}


def test_an_answered_question_is_over() -> None:
    turns = [ASKED, TOLD, Turn("assistant", "בסדר גמור.", 3)]
    assert last_asked(turns, HEBREW, known=TIME).field == ""
    assert last_asked(turns, HEBREW).field == "callback_time", "it was not answered: the field is not known"
    assert last_asked(turns[:2], HEBREW, known=TIME).field == "callback_time", "the caller may need two breaths"


def test_a_caller_who_is_told_to_go_on_still_answers() -> None:
    turns = [ASKED, TOLD, Turn("assistant", "כן, אני מקשיב.", 3), Turn("caller", "או ביום שני", 4)]
    asked = last_asked([*turns, Turn("assistant", "אהה", 5)], HEBREW, known=TIME)
    assert asked.field == "callback_time"
    assert [turn.text for turn in asked.earlier] == ["מחר", "או ביום שני"]


def test_a_question_put_again_is_the_same_question() -> None:
    phone = Turn("assistant", "מה מספר הטלפון?")
    turns = [phone, Turn("caller", "אפס חמש שתיים", 2), Turn("assistant", "ומה המספר המלא?", 3)]
    asked = last_asked([*turns, Turn("caller", "אחת שתיים שלוש", 4)], HEBREW)
    assert (asked.field, [turn.seq for turn in asked.earlier]) == ("phone", [2, 4])


def test_what_came_before_a_read_back_is_in_the_value() -> None:
    turns = [
        Turn("assistant", "מה מספר הטלפון?", 1),
        Turn("caller", "052-1234567", 2),
        Turn("assistant", "רשמתי 052-1234567. נכון?", 3),
        Turn("caller", "לא", 4),
        Turn("assistant", "אז מה מספר הטלפון?", 5),
    ]
    assert last_asked(turns, HEBREW, known={"phone": FieldValue("+972521234567", 2)}).earlier == ()


def test_whoever_asked_knows_best() -> None:
    """The script says what its question is about; its words are not looked at."""
    assert last_asked([Turn("assistant", "מה מספר הדירה?", asks="floor")], HEBREW).field == "floor"
    assert last_asked([Turn("assistant", "איך קוראים לכם?", asks="")], HEBREW).field == ""


@pytest.mark.parametrize("asking", ["assistant", "callee"])
def test_whoever_is_not_the_caller_asks(asking: str) -> None:
    assert last_asked([Turn(asking, "איך קוראים לך?")], HEBREW).field == "name"
    assert last_asked([Turn("caller", "איך קוראים לך?")], HEBREW).field == ""


def test_what_was_said_to_the_caller_last_is_what_was_read_back() -> None:
    known = {"name": FieldValue("דנה לוי", 2), "phone": FieldValue("+972521234567", 4), "yes": FieldValue("כן", 6)}
    turns = [TOLD, Turn("assistant", "כן, נעים מאוד, דנה לוי."), Turn("assistant", "איך אפשר לעזור?")]
    assert last_asked(turns, HEBREW, known=known).read_back == {"name"}
    assert last_asked([TOLD], HEBREW, known=known).read_back == frozenset()
    assert read_back("", known, HEBREW) == frozenset()


@pytest.mark.parametrize("before", ["נעים מאוד, ", "נעים מאוד ", "בוודאי, ", "תודה רבה - ", ""])
def test_a_question_is_one_behind_an_acknowledgement_without_a_question_mark(before: str) -> None:
    """As a recognizer writes what a person asks."""
    assert asked_field(f"{before}מתי נוח לך שאחזור אליך", HEBREW) == "callback_time"
