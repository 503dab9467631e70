"""One reader: what it makes of an utterance, and that a second reading comes to the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.events import FieldValue
from calls.lead_fields import CALLBACK_TIME, NAME, NEED, PHONE
from media_service.core.conversation import Turn
from tests.understanding.hebrew import HEBREW
from understanding.reading import learn, learn_from, read_again
from understanding.said import Said

NUMBER = "+972501234567"
INTAKE = (
    Turn("assistant", "שלום, איך אפשר לעזור?"),
    Turn("caller", "אני צריכה הצעת מחיר"),
    Turn("assistant", "איך קוראים לכם?"),
    Turn("caller", "דנה לוי"),
    Turn("assistant", "נעים מאוד, דנה לוי. אפשר לחזור אליכם למספר שממנו התקשרתם?"),
    Turn("caller", "כן"),
    Turn("assistant", "מצוין. מתי נוח לכם שנחזור?"),
    Turn("caller", "מחר בבוקר"),
)


def after(asked: str, text: str, known: dict[str, FieldValue] | None = None) -> dict[str, FieldValue]:
    return learn(known or {}, Said(text, asked, NUMBER), 9, HEBREW)


def test_a_conversation_is_read_from_its_lines() -> None:
    assert read_again(INTAKE, NUMBER, HEBREW) == {
        NEED: FieldValue("אני צריכה הצעת מחיר", 2),
        NAME: FieldValue("דנה לוי", 4, confirmed=True),
        PHONE: FieldValue(NUMBER, 6, confirmed=True),
        CALLBACK_TIME: FieldValue("מחר בבוקר", 8),
    }


texts = st.sampled_from(
    ["כן", "לא", "דנה", "מחר", "קוראים לי דינה", "0521234567", "אני צריכה מזגן", "איך קוראים לך?", "מתי נוח?", "..."]
)


@given(st.lists(st.builds(Turn, st.sampled_from(["caller", "assistant", "callee"]), texts), max_size=12))
def test_reading_again_comes_to_what_was_understood_line_by_line(turns: list[Turn]) -> None:
    known: dict[str, FieldValue] = {}
    for place, turn in enumerate(turns):
        if turn.speaker == "caller":
            known = learn_from(known, turns[:place], turn.text, place + 1, NUMBER, HEBREW)
    assert read_again(turns, NUMBER, HEBREW) == known


@pytest.mark.parametrize("refusal", ["לא רוצה להגיד", "אני לא רוצה להגיד", "לא", "למה אתם צריכים לדעת את זה עכשיו"])
def test_a_refusal_is_no_name(refusal: str) -> None:
    assert NAME not in after(NAME, refusal)


def test_a_name_read_back_and_not_objected_to_is_confirmed() -> None:
    known = {NAME: FieldValue("דנה", 4)}
    assert after(PHONE, "כן", known)[NAME] == FieldValue("דנה", 4, confirmed=True)
    assert after(PHONE, "לא", known)[NAME] == FieldValue("דנה", 4)
    assert after("", "כן", known)[NAME] == FieldValue("דנה", 4)
    assert after(PHONE, "לא, קוראים לי דינה", known)[NAME] == FieldValue("דינה", 9)


def test_the_first_thing_of_substance_is_the_need_and_stays_it() -> None:
    first = after("", "שלום, המזגן לא עובד")
    assert first == {NEED: FieldValue("המזגן לא עובד", 9)}
    assert after("", "ועוד משהו", first) == first


def test_what_tells_a_name_or_a_number_is_not_also_the_need() -> None:
    assert set(after("", "קוראים לי דנה")) == {NAME}
    assert set(after(NEED, "0501234567")) == {PHONE}


def test_an_answer_to_another_question_is_no_need() -> None:
    assert after(NAME, "למה אתם צריכים לדעת את זה עכשיו") == {}


def test_what_others_say_is_never_the_caller_s_word() -> None:
    assert read_again([Turn("assistant", "קוראים לי מאיה ואני צריכה את הפרטים")], NUMBER, HEBREW) == {}
