import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.lead_fields import CALLBACK_TIME, NAME, NEED
from tests.understanding.hebrew import HEBREW
from understanding.needs import read_need, text_in, without_opening
from understanding.said import Said


@pytest.mark.parametrize(
    ("said", "need"),
    [
        ("שלום, אני צריכה הצעת מחיר להתקנת מזגן", "אני צריכה הצעת מחיר להתקנת מזגן"),
        ("תיקון דוד שמש.", "תיקון דוד שמש"),
        ("קוראים לי דנה לוי ואני צריכה טכנאי", "אני צריכה טכנאי"),
        ("שלום, דנה לוי, 050-1234567, תיקון מכונת כביסה", "תיקון מכונת כביסה"),
        ("אני צריך צבעי, הטלפון שלי אפס חמש שתיים שלוש ארבע חמש שש שבע שמונה תשע", "אני צריך צבעי"),
        ("ההזמנה מספר 458812 לא הגיעה", "ההזמנה מספר 458812 לא הגיעה"),
        ("הלו? שומעים אותי? אני צריך שרברב", "אני צריך שרברב"),
        ("אפשר לשאול שאלה? כמה עולה ניקוי ספה", "כמה עולה ניקוי ספה"),
        ("רוצה לדבר עם נציג על החשבון שלי", "על החשבון שלי"),
        ("אני רוצה להחליף צמיגים, תודה, יום טוב", "אני רוצה להחליף צמיגים"),
    ],
)
def test_the_need_is_what_was_said_without_what_stands_around_it(said: str, need: str) -> None:
    assert read_need(Said(said, NEED), HEBREW) == need
    assert read_need(Said(said), HEBREW) == need


@pytest.mark.parametrize(
    "said",
    [
        *(
            "",
            "...",
            "כן",
            "שלום",
            "תודה, להתראות",
            "הלו? שומעים אותי?",
            "שלום, מה שלומך",
            "אפשר לשאול שאלה?",
            "דנה לוי",
        ),
        *("רגע אני בנהיגה", "אני רוצה לדבר עם נציג", "קוראים לי דנה", "0521234567", "אני צריך", "סליחה, טעות במספר"),
        *("לא הבנתי", "מי זה?", "תודה שחזרתם אליי"),
    ],
)
def test_what_is_no_need(said: str) -> None:
    assert read_need(Said(said, NEED), HEBREW) == ""


def test_a_need_told_in_several_utterances_is_one() -> None:
    assert read_need(Said("טכנאי למזגן", NEED, earlier=("שלום", "אני צריכה")), HEBREW) == "אני צריכה טכנאי למזגן"
    assert read_need(Said("אני צריכה", NEED), HEBREW) == ""


@pytest.mark.parametrize(
    ("asked", "said", "need"),
    [
        (NAME, "דנה לוי ואני צריכה טכנאי", "אני צריכה טכנאי"),
        (NAME, "צריך טכנאי למזגן", "צריך טכנאי למזגן"),
        (NAME, "אני לא רוצה להגיד", ""),
        (NAME, "אני רוצה לדעת למה", ""),
        (NAME, "למה אתם צריכים לדעת", ""),
        (NAME, "דנה", ""),
        (CALLBACK_TIME, "מחר בעשר", ""),
        (CALLBACK_TIME, "אני רוצה שתחזרו אליי מחר", ""),
        (CALLBACK_TIME, "מחר, ואני צריך גם טכנאי", "אני צריך גם טכנאי"),
    ],
)
def test_beside_another_answer_it_is_one_where_the_caller_says_so(asked: str, said: str, need: str) -> None:
    assert read_need(Said(said, asked), HEBREW) == need


words = st.sampled_from(
    [
        *("שלום", "אני", "צריכה", "טכנאי", "למזגן", "דנה", "לוי", "קוראים", "לי"),
        *("כן,", "תודה,", "0521234567", "ואני", "נציג", "רוצה", "לדבר", "עם", "להתראות"),
        *("הלו?", "אה", "מחר"),
    ]
)


@given(st.lists(words, max_size=12), st.sampled_from(["", NEED, NAME, CALLBACK_TIME]))
def test_a_need_has_the_caller_s_words_in_the_caller_s_order(said: list[str], asked: str) -> None:
    rest = iter(word.strip(",?").removeprefix("ו") for word in said)
    need = read_need(Said(" ".join(said), asked), HEBREW)
    assert all(word.strip(",?").removeprefix("ו") in rest for word in need.split())


@given(
    st.text(alphabet="אבדהוילמנרשתם \"'׳-.,?!:0123456789+", max_size=40),
    st.sampled_from(["", NEED, NAME, CALLBACK_TIME]),
)
def test_no_text_is_too_strange(text: str, asked: str) -> None:
    need = read_need(Said(text, asked, earlier=(text,)), HEBREW)
    assert need == need.strip()


def test_what_answers_another_question_is_no_answer_to_this_one() -> None:
    assert text_in(Said("תיקון דוד שמש"), asked=False, language=HEBREW) is None


@pytest.mark.parametrize(
    ("need", "inside"),
    [
        ("היי, בוקר טוב, אני מחפשת טכנאי למקרר", "טכנאי למקרר"),
        ("אני צריכה הצעת מחיר", "הצעת מחיר"),
        ("תיקון", "תיקון"),
        ("אני רוצה", ""),
    ],
)
def test_inside_a_sentence_of_ours_a_need_has_no_opening(need: str, inside: str) -> None:
    assert without_opening(need, HEBREW) == inside


@pytest.mark.parametrize(
    "said", ["מדברים עם המוסך?", "שלום, הגעתי למשרד עורכי הדין?", "נו באמת", "אפשר לחזור על השאלה?"]
)
def test_whoever_asks_whom_they_have_reached_has_not_told_a_need(said: str) -> None:
    assert read_need(Said(said, asked=NEED), HEBREW) == ""


def test_a_boiler_that_could_be_a_man_is_one_where_the_sentence_goes_on() -> None:
    said = Said("שהתפוצץ לנו בלילה", asked=NEED, earlier=("דוד שמש",))
    assert read_need(said, HEBREW) == "דוד שמש שהתפוצץ לנו בלילה"
