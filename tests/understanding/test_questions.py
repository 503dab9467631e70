import pytest

from media_service.core.conversation import Turn
from tests.understanding.hebrew import HEBREW
from understanding.questions import asked_field, last_asked


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("איך אפשר לעזור?", "need"),
        ("בשמחה. איך קוראים לך?", "name"),
        ("מה השם בבקשה?", "name"),
        ("עם מי אני מדבר?", "name"),
        ("אפשר לחזור למספר הזה?", "phone"),
        ("מתי נוח שנחזור?", "callback_time"),
        ("באיזה יום נוח?", "callback_time"),
        ("תודה, יום טוב.", ""),
        ("נרשם השם דנה. מתי לחזור?", "callback_time"),
        ("", ""),
    ],
)
def test_a_question_is_about_what_its_last_sentence_asks(text: str, field: str) -> None:
    assert asked_field(text, HEBREW) == field


def test_an_answered_question_is_over() -> None:
    turns = [Turn("assistant", "מתי נוח לכם?"), Turn("caller", "מחר"), Turn("assistant", "בסדר גמור.")]
    assert last_asked(turns, HEBREW) == ""
    assert last_asked(turns[:2], HEBREW) == "callback_time", "the caller may need two breaths"


@pytest.mark.parametrize("asking", ["assistant", "callee"])
def test_whoever_is_not_the_caller_asks(asking: str) -> None:
    assert last_asked([Turn(asking, "איך קוראים לך?")], HEBREW) == "name"
    assert last_asked([Turn("caller", "איך קוראים לך?")], HEBREW) == ""
