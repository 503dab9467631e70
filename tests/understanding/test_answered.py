import pytest

from calls.lead_fields import BY_NAME, CALLBACK_TIME, NAME, NEED, PHONE, Kind, LeadField
from tests.understanding.hebrew import HEBREW
from understanding.said import OTHER, Said
from understanding.turn_end import TurnEnd, TurnReading, turn_end

INSURED = LeadField("insured", Kind.YES_NO)
VISIT = LeadField("visit", Kind.DATE)
BIRTH = LeadField("birth", Kind.DATE, question="מה תאריך הלידה?")
HOME = LeadField("home", Kind.CHOICE, choices=("דירה", "בית", "בית פרטי"))


def read(text: str, field: LeadField, **said: object) -> TurnReading:
    return turn_end(Said(text, field.name, **said), field, HEBREW)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["כן", "לא", "כן בטח", "כן יש לי", "בוודאי", "ממש לא", "אה כן"])
def test_a_yes_or_a_no_is_all_of_the_answer(text: str) -> None:
    reading = read(text, INSURED)
    assert (reading.end, reading.answers) == (TurnEnd.COMPLETE, True)


@pytest.mark.parametrize(
    ("text", "end"),
    [("כן אבל", TurnEnd.OPEN), ("יש לי", TurnEnd.OPEN), ("כן דרך העבודה", TurnEnd.ORDINARY), ("לא אה", TurnEnd.OPEN)],
)
def test_a_yes_that_goes_on_is_not(text: str, end: TurnEnd) -> None:
    assert read(text, INSURED).end is end


def test_a_yes_to_what_was_offered_or_read_back() -> None:
    phone = BY_NAME[PHONE]
    assert read("כן", phone, caller_number="+972521234567").end is TurnEnd.COMPLETE
    assert read("כן למספר הזה", phone, caller_number="+972521234567").end is TurnEnd.COMPLETE
    assert read("נכון", phone, known={PHONE: "+972521234567"}).end is TurnEnd.COMPLETE
    assert read("כן", phone).end is TurnEnd.ORDINARY


@pytest.mark.parametrize("text", ["אפשר", "תחזרו", "מבחינתי"])
def test_a_yes_that_begins_sentences_is_none_yet(text: str) -> None:
    """ "Can ... I ask something", "call ... my husband"."""
    assert read(text, BY_NAME[PHONE], caller_number="+972521234567").end is TurnEnd.ORDINARY
    assert read(f"כן {text}", BY_NAME[PHONE], caller_number="+972521234567").end is TurnEnd.COMPLETE


def test_a_no_to_what_was_read_back_is_followed_by_what_is_right() -> None:
    assert read("לא", BY_NAME[PHONE], known={PHONE: "+972521234567"}).end is TurnEnd.ORDINARY


def test_a_yes_to_an_open_question_may_be_only_the_beginning() -> None:
    assert read("כן", BY_NAME[NEED]) == TurnReading(TurnEnd.ORDINARY, "a yes or a no to an open question")
    assert turn_end(Said("כן", OTHER), None, HEBREW).end is TurnEnd.COMPLETE
    assert turn_end(Said("אפשר", OTHER), None, HEBREW).end is not TurnEnd.COMPLETE


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *(("דנה", TurnEnd.ORDINARY), ("דנה לוי", TurnEnd.COMPLETE), ("קוראים לי דנה לוי", TurnEnd.COMPLETE)),
        *(("דנה לוי אבל", TurnEnd.OPEN), ("רות בן", TurnEnd.OPEN), ("דוקטור", TurnEnd.OPEN)),
        *(("דוקטור שטרן", TurnEnd.ORDINARY), ("ד נ", TurnEnd.DICTATING), ("דלת נון", TurnEnd.DICTATING)),
    ],
)
def test_a_name(text: str, end: TurnEnd) -> None:
    """After a first name there is time for the second."""
    assert read(text, BY_NAME[NAME]).end is end


def test_a_second_name_in_another_breath_makes_it_whole() -> None:
    assert read("לוי", BY_NAME[NAME], earlier=("דנה",)).end is TurnEnd.COMPLETE


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *(("מחר", TurnEnd.UNCERTAIN), ("מחר בעשר", TurnEnd.COMPLETE), ("ביום שני", TurnEnd.UNCERTAIN)),
        *(("ביום שני בבוקר", TurnEnd.COMPLETE), ("בין עשר", TurnEnd.OPEN), ("מתשע", TurnEnd.ORDINARY)),
        *(("בין עשר לשתים עשרה", TurnEnd.COMPLETE), ("עכשיו", TurnEnd.COMPLETE), ("אחרי", TurnEnd.OPEN)),
        *(("נוח לי אחרי ארבע", TurnEnd.COMPLETE), ("לא", TurnEnd.UNCERTAIN)),
    ],
)
def test_a_time(text: str, end: TurnEnd) -> None:
    assert read(text, BY_NAME[CALLBACK_TIME]).end is end


@pytest.mark.parametrize(
    ("text", "field", "end"),
    [
        *(("ביום שלישי", VISIT, TurnEnd.COMPLETE), ("חמישה עשר", VISIT, TurnEnd.ORDINARY)),
        *(("חמישה עשר במרץ", VISIT, TurnEnd.COMPLETE), ("15.3", VISIT, TurnEnd.COMPLETE)),
        *(("חמישה עשר במרץ", BIRTH, TurnEnd.ORDINARY), ("15.3.1990", BIRTH, TurnEnd.COMPLETE)),
    ],
)
def test_a_date(text: str, field: LeadField, end: TurnEnd) -> None:
    """Of a date of birth the year is told last."""
    assert read(text, field).end is end


@pytest.mark.parametrize(
    ("text", "end"),
    [("דירה", TurnEnd.COMPLETE), ("בית", TurnEnd.ORDINARY), ("בית פרטי", TurnEnd.COMPLETE), ("דירה או", TurnEnd.OPEN)],
)
def test_a_choice(text: str, end: TurnEnd) -> None:
    """What another choice begins with may go on to that one."""
    assert read(text, HOME).end is end
