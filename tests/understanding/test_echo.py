import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.echo import is_echo, without_echo

OFFER = "אפשר לחזור אליכם למספר שממנו התקשרתם?"
GREETING = "שלום, הגעתם למרפאת השיניים של דוקטור כהן. השיחה מתומללת. במה אפשר לעזור?"
QUESTION = "תודה דנה, רשמתי טכנאי למזגן בדירה ברמת גן. מתי נוח לכם שנחזור?"
PLAYED = st.sampled_from([OFFER, GREETING, QUESTION])


@pytest.mark.parametrize(
    ("text", "played"),
    [
        *(("אפשר לחזור אליכם", OFFER), ("לחזור אלכם למספר שממנו", OFFER), ("למספר שממנו התק", OFFER)),
        *(("ור אליכם למספר שממנו התקשרתם", OFFER), ("הגעתם למרפאה השיניים דוקטור כהן", GREETING)),
        *(("השיחה מתומללת במה אפשר", GREETING), ("רשמתי טכנאי למזגן", QUESTION), ("נוח לכם שנחזור", QUESTION)),
        *(("טכנאי מזגן בדירה", QUESTION), ("המתומללת במה אפשר לעזור", GREETING)),
    ],
)
def test_an_echo_of_a_speakerphone_is_not_the_caller(text: str, played: str) -> None:
    """Also with words lost, bent or cut."""
    assert is_echo(text, played, HEBREW)


@pytest.mark.parametrize(
    ("text", "played", "own"),
    [
        ("קוראים לכם קוראים לי דנה לוי", "איך קוראים לכם?", "קוראים לי דנה לוי"),
        ("לחזור אליכם למספר הזה", "באיזה מספר לחזור אליכם?", "למספר הזה"),
        ("אחד קוראים לכם יוסי כהן", "רגע אחד. איך קוראים לכם?", "יוסי כהן"),
        ("אחד רשמתי את זה עוד אפשר לעשות", "רגע אחד. איך קוראים לכם? רשמתי את זה. מה עוד אפשר לעשות?", ""),
    ],
)
def test_the_end_of_a_question_before_the_answer_is_its_echo(text: str, played: str, own: str) -> None:
    assert without_echo(text, played, HEBREW) == own


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("יום שלישי בעשר", "נוח לכם ביום שלישי?"),
        ("מחר בבוקר מעולה", "לחזור מחר בבוקר?"),
        ("לא קוראים לכם ולא עונים", "איך קוראים לכם?"),
    ],
)
def test_who_repeats_the_end_of_a_question_in_their_own_words_is_no_echo(text: str, played: str) -> None:
    assert without_echo(text, played, HEBREW) == text


@pytest.mark.parametrize(
    ("text", "played"),
    [
        *(("כן", OFFER), ("אפשר", OFFER), ("כן אפשר", OFFER), ("למספר אחר", OFFER), ("כן למספר הזה", OFFER)),
        *(("מזגן", QUESTION), ("מחר בבוקר", QUESTION), ("אני צריכה טכנאי", GREETING), ("שלום", GREETING)),
        *(("שלום אני צריכה תור לדוקטור כהן", GREETING), ("לא דירה בית", QUESTION), ("", OFFER), ("...", OFFER)),
        *(("מתי שנוח לכם", QUESTION), ("למספר שממנו התקשרתי", OFFER), ("אפשר למספר הזה", OFFER)),
        *(("אפשר לחזור אין בעיה", OFFER), ("אפשר לחזור", OFFER), ("לא 052 1234568", "המספר הוא 0521234567, נכון?")),
    ],
)
def test_the_callers_own_words_are_kept(text: str, played: str) -> None:
    assert not is_echo(text, played, HEBREW)
    assert without_echo(text, played, HEBREW) == text


@pytest.mark.parametrize(
    ("text", "played", "own"),
    [
        ("למספר שממנו התקשרתם כן בטח", OFFER, "כן בטח"),
        ("אליכם למספר שממנו לא לנייד אחר", OFFER, "לא לנייד אחר"),
        ("במה אפשר לעזור אני צריכה תור", GREETING, "אני צריכה תור"),
        ("אפשר לחזור אליכם רגע לא שמעתי", OFFER, "רגע לא שמעתי"),
        ("אפשר לחזור אליכם לא למספר שממנו התקשרתם", OFFER, "לא למספר שממנו התקשרתם"),
        ("מתי נוח לכם שנחזור? מחר, בעשר.", QUESTION, "מחר, בעשר."),
    ],
)
def test_what_is_said_behind_an_echo_is_the_callers(text: str, played: str, own: str) -> None:
    assert without_echo(text, played, HEBREW) == own


@given(PLAYED, st.lists(st.sampled_from(["מחר", "קוראים", "בשבע", "לא", "כן", "צריכה", "נזילה", "בעלי"]), max_size=6))
def test_own_words_behind_all_of_it_are_never_lost(played: str, own: list[str]) -> None:
    assert without_echo(f"{played} {' '.join(own)}", played, HEBREW).split() == own


@given(PLAYED, st.data())
def test_any_three_words_in_a_row_are_an_echo(played: str, data: st.DataObject) -> None:
    words = played.split()
    start = data.draw(st.integers(0, len(words) - 3))
    end = data.draw(st.integers(start + 3, len(words)))
    assert is_echo(" ".join(words[start:end]), played, HEBREW)


@given(st.text(max_size=40), st.text(max_size=60))
def test_no_words_are_too_odd(text: str, played: str) -> None:
    assert without_echo(text, played, HEBREW) in text
    assert not is_echo(text, "", HEBREW)


def test_a_number_that_is_repeated_is_no_echo() -> None:
    """Whoever puts a digit right says nearly the same as was read back."""
    assert not is_echo("052 123 45 68", "המספר הוא 052 123 45 67", HEBREW)
