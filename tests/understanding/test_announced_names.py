import pytest

from calls.lead_fields import NAME, NEED
from tests.understanding.hebrew import HEBREW
from understanding.announced_names import announced, parted
from understanding.clauses import clauses_of
from understanding.said import Said


def found(text: str, asked: str = "") -> str | None:
    name = announced(parted(clauses_of(text), HEBREW), Said(text, asked), HEBREW)
    return name.run.text if name else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("צריך מנעולן, קוראים לי שי", "שי"),
        ("שלום מדברת טובה בן שושן", "טובה בן שושן"),
        ("היי אני שחר ואני צריך מחיר", "שחר"),
        ("שלום, זה יוסי מהמוסך", "יוסי"),
        ("דנה לוי מדברת", "דנה לוי"),
        ("תגידי לו שבני התקשר", "בני"),
        ("שלום, דנה לוי", "דנה לוי"),
        ("דנה", None),
        ("זה דחוף", None),
        ("זה חיים או מוות", None),
        ("כאן בחיפה יש נזילה", None),
        ("מדבר על הביטוח", None),
        ("קוראים לו יוסי", None),
        ("דיברתי עם דנה אתמול", None),
    ],
)
def test_a_name_that_nobody_asked_for(text: str, name: str | None) -> None:
    assert found(text) == name
    assert found(text, NEED) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("לדנה", "דנה"),
        ("ליאור", "ליאור"),
        ("ההזמנה על שם רוזן", "רוזן"),
        ("תרשמי בבקשה דנה", "דנה"),
        ("זליגסון", "זליגסון"),
        ("שלום כהן", "שלום כהן"),
        ("דנה אמרה לי להתקשר", None),
        ("אני לקוח שלכם", None),
        ("אני מהמשרד ממול", None),
        ("הצעת מחיר", None),
        ("תל אביב", None),
        ("נציג", None),
    ],
)
def test_the_answer_to_the_question_for_it(text: str, name: str | None) -> None:
    assert found(text, NAME) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("אני מחפשת טכנאי אני לימור", "לימור"),
        ("היי זאת עדי אפשר לקבוע תור", "עדי"),
        ("זאת בת של לקוח", None),
        ("אין לי כוח אני עייף", None),
    ],
)
def test_a_name_said_as_an_afterthought_or_before_a_wish(text: str, name: str | None) -> None:
    assert found(text) == name


def test_a_hum_parts_no_name_and_a_correction_does() -> None:
    assert [len(clause.words) for clause in parted(clauses_of("דנה, אה, לוי"), HEBREW)] == [2]
    assert [len(clause.words) for clause in parted(clauses_of("דני לא סליחה דניאל"), HEBREW)] == [1, 2, 1]
    assert len(parted(clauses_of("דינה לא דנה"), HEBREW)) == 1
