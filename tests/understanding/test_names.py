import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.lead_fields import NAME, PHONE
from tests.understanding.hebrew import HEBREW
from understanding.names import NameReading, name_stands_in, read_name
from understanding.said import Said


def name(text: str, *, asked: bool) -> str:
    return read_name(Said(text, asked="name" if asked else ""), HEBREW).name


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("קוראים לי דנה לוי", "דנה לוי"),
        ("שמי יוסי", "יוסי"),
        ("רגע, תודה רבה", ""),
        ("תודה רבה לך דנה לוי", "דנה לוי"),
        ("הילה עם ה, הילה כרמל", "הילה כרמל"),
        ("דנה. דנה לוי תודה", "דנה לוי"),
        ("השם הוא איגור והמשפחה היא פטרוב", "איגור פטרוב"),
        ('אני יו"ר הוועד, משה אלקיים', "משה אלקיים"),
        ("אלה בן ארי", "אלה בן ארי"),
        ("סימן טוב מזרחי", "סימן טוב מזרחי"),
        ("שרה'לה", "שרה'לה"),
        ("כן רשמת נכון", ""),
        ("וואי וואי", ""),
        ("השם שלי הוא רון כהן", "רון כהן"),
        ("השם שלי זה רון.", "רון"),
        ("דנה", "דנה"),
        ("דנה לוי.", "דנה לוי"),
        ("אה, דנה לוי", "דנה לוי"),
        ("רונית לוי", "רונית לוי"),
        ("מדברת דנה מחברת שמש", "דנה"),
        ("אני משה", "משה"),
        ("זה יוסי", "יוסי"),
        ("קוראים לי דנה ואני צריכה מזגן", "דנה"),
        ("קוראים לי דנה, בבקשה", "דנה"),
        ("אני לא רוצה להגיד", ""),
        ("לא רוצה להגיד", ""),
        ("לא משנה", ""),
        ("אין צורך", ""),
        ("נכון מאוד", ""),
        ("כן", ""),
        ("להתראות", ""),
        ("0501234567", ""),
        ("למה אתם צריכים לדעת את זה עכשיו", ""),
        ("למה זה בכלל חשוב לכם לדעת", ""),
    ],
)
def test_answers_to_the_question_for_the_name(said: str, expected: str) -> None:
    assert name(said, asked=True) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("קוראים לי דנה", "דנה"),
        ("שלום, שמי יוסי כהן.", "יוסי כהן"),
        ("מדבר אבי, התקשרתי אתמול", "אבי"),
        ("השם שלי משה ואני צריך שרברב", "משה"),
        ("קוראים לי", ""),
        ("אני מדבר על המזגן", ""),
        ("דנה", ""),
        ("זה דחוף", ""),
    ],
)
def test_a_name_that_nobody_asked_for_is_taken_where_it_is_announced(said: str, expected: str) -> None:
    assert name(said, asked=False) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("זה יוסי מהמוסך", NameReading("יוסי", "המוסך")),
        ("דנה. דנה לוי.", NameReading("דנה לוי")),
        ("רון. שם משפחה גולן", NameReading("רון גולן")),
        ("יוסי, סליחה, יוסף", NameReading("יוסף")),
        ("דנה, דלת נון הא", NameReading("דנה")),
        ("דנה לוי, למד וו יוד", NameReading("דנה לוי")),
        ("קוראים לי שירה, שין יוד ריש אלף", NameReading("שירא")),
        ("תרשמי אנונימי", NameReading()),
        ("אני לא רוצה להגיד", NameReading(refused=True)),
        ("מעדיפה לא", NameReading(refused=True)),
        ("לא", NameReading(refused=True)),
        ("רגע", NameReading()),
    ],
)
def test_what_is_read_with_a_name(text: str, expected: NameReading) -> None:
    assert read_name(Said(text, NAME), HEBREW) == expected


def test_a_name_may_be_told_in_several_utterances() -> None:
    assert read_name(Said("לוי", NAME, earlier=("דנה",)), HEBREW).name == "דנה לוי"
    assert read_name(Said("הא", NAME, earlier=("דלת", "נון")), HEBREW).name == "דנה"
    assert read_name(Said("אבי כהן", earlier=("שלום, קוראים לי",)), HEBREW).name == "אבי כהן"
    assert read_name(Said("לוי", NAME, earlier=("רגע",)), HEBREW).name == "לוי"


def test_a_known_name_is_corrected() -> None:
    known = {NAME: "דנה"}
    assert read_name(Said("לא דנה, דינה", PHONE, known=known), HEBREW) == NameReading("דינה", is_correction=True)
    assert read_name(Said("דנה", NAME, known=known), HEBREW) == NameReading("דנה")
    assert read_name(Said("דנה לוי", NAME, known=known), HEBREW) == NameReading("דנה לוי", is_correction=True)
    assert read_name(Said("לא דנה", PHONE, known=known), HEBREW) == NameReading(is_correction=True)
    assert read_name(Said("לא, תחזרו למספר אחר", PHONE, known=known), HEBREW) == NameReading()


LISTS = HEBREW.names.words
names = st.sampled_from(sorted(LISTS.given - LISTS.never - LISTS.also_words))
second_names = st.sampled_from(sorted(LISTS.family - LISTS.never - LISTS.given))


@given(
    names, second_names, st.sampled_from(["קוראים לי {}", "שלום, מדברת {}", "{} מדברת", "אה שמי {}, ואני צריכה טכנאי"])
)
def test_every_name_is_read_from_its_announcement(first: str, second: str, form: str) -> None:
    assert read_name(Said(form.format(f"{first} {second}")), HEBREW).name == f"{first} {second}"


@given(
    st.lists(
        st.sampled_from(
            [
                *("לא", "דנה", "דינה,", "קוראים", "לי", "לוי", "ואני", "דלת", "נון"),
                *("הא", "אה?", "מהמוסך", "052", "רגע,", "שם", "משפחה"),
            ]
        ),
        max_size=9,
    )
)
def test_whatever_is_said_is_read(said: list[str]) -> None:
    """Any order of words comes to a name of words that were said, letters spelled aside."""
    reading = read_name(Said(" ".join(said), NAME), HEBREW)
    words = {word.strip(",?") for word in said}
    assert {"דלת", "נון", "הא"} & words or set(reading.name.split()) <= words


@given(
    st.text(alphabet="אבגדהוזחטיכלמנסעפצקרשתםןץףך \"'׳״-–.,?!:;0123456789ad", max_size=40),
    st.sampled_from(["", NAME, PHONE]),
)
def test_no_text_is_too_strange(text: str, asked: str) -> None:
    reading = read_name(Said(text, asked, earlier=(text,), known={NAME: "דנה לוי"}), HEBREW)
    assert reading.name == reading.name.strip()


@pytest.mark.parametrize(
    ("quote", "value", "stands"),
    [
        ("קוראים לי דנה לוי", "דנה לוי", True),
        ("מדנה", "דנה", True),
        ("זה צה״ל", "צהל", True),
        ("קוראים לי דנה", "דנה לוי", False),
        ("", "דנה", False),
    ],
)
def test_a_name_is_proved_by_a_quote_that_holds_its_words(quote: str, value: str, stands: bool) -> None:
    assert name_stands_in(quote, value) is stands
