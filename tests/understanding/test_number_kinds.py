import pytest

from tests.understanding.hebrew import HEBREW
from understanding.digit_runs import read_runs
from understanding.number_kinds import NumberKind, kind_of


def kinds(text: str) -> list[NumberKind]:
    return [kind_of(run, HEBREW) for run in read_runs([text], HEBREW)]


@pytest.mark.parametrize(
    "text",
    [
        "תעודת זהות 0521234567",
        "תעודת הזהות שלי היא 0521234567",
        "ת.ז. 0521234567",
        'ת"ז 0521234567',
        "מספר ההזמנה שלי הוא, רגע, 0521234567",
        "ההזמנה של דנה 0521234567",
        "בכרטיס אשראי 0521234567",
        "מספר הרכב 0521234567",
        "0521234567 זה מספר הפוליסה",
        "0521234567 תעודת זהות",
        "0521234567 שקל",
        'זה עלה 0521234567 ש"ח',
        "רחוב הרצל 0521234567",
        "דירה 0521234567",
    ],
)
def test_what_is_no_number_to_call(text: str) -> None:
    assert kinds(text) == [NumberKind.OTHER]


@pytest.mark.parametrize(
    "text",
    ["הטלפון 0521234567", "תתקשרו בבקשה ל 0521234567", "0521234567 זה הנייד שלי", "ההזמנה לא הגיעה, הנייד 0521234567"],
)
def test_what_is_one(text: str) -> None:
    assert kinds(text) == [NumberKind.PHONE]


def test_the_nearest_word_tells() -> None:
    assert kinds("ההזמנה 123456 והטלפון 0521234567") == [NumberKind.OTHER, NumberKind.PHONE]
    assert kinds("0521234567 זה הטלפון ומספר ההזמנה 123456") == [NumberKind.PHONE, NumberKind.OTHER]
    assert kinds("0521234567 תעודת זהות 123456782") == [NumberKind.UNTOLD, NumberKind.OTHER]


@pytest.mark.parametrize("text", ["אחרי 5", "בשעה 17", "יש לי 3 בנות", "3 ילדים", "תתקשרו אחרי 5"])
def test_times_and_amounts(text: str) -> None:
    assert kinds(text) == [NumberKind.COUNT]


@pytest.mark.parametrize(
    "text", ["הכרטיס לא עובד 0521234567", "אני לקוח שלכם 0521234567", "0521234567", "אחרי זה 0521234567"]
)
def test_another_clause_tells_nothing_of_the_number(text: str) -> None:
    assert kinds(text) == [NumberKind.UNTOLD]
