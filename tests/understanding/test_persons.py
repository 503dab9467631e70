import pytest

from tests.understanding.hebrew import HEBREW
from understanding.persons import wants_person, wish_in
from understanding.said import Said


@pytest.mark.parametrize(
    "text",
    [
        "נציגה!",
        "אני רוצה לדבר עם נציג",
        "תעבירו אותי לנציג",
        "מבקשת את דני מהשירות",
        "אני רוצה מישהו שמדבר רוסית",
        "נציג נציג נציג",
        "ולדבר עם המנהל אפשר",
        "אפשר מישהו מהנהלה?",
        "תביא את המנהל",
        "תעבירי אותי בבקשה",
        "לא מדברת עם מכונה",
        "תן לי מישהו לדבר איתו",
        "אפשר לדבר עם דנה?",
        "דנה נמצאת?",
        "אפשר את יוסי?",
        "אני רוצה שנציג יחזור אליי",
        "המזכירה בבקשה",
        "רוצה לדבר עם מחלקת שירות",
        "רוצה לדבר עם נציג על החשבון שלי",
    ],
)
def test_a_wish_for_a_person(text: str) -> None:
    assert wants_person(text, HEBREW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "מזגן",
        "את בן אדם או מחשב",
        "אני צריך מישהו שיתקן את הברז",
        "תרשום שהנציג יביא חשבונית",
        "צריך נציג מכירות לסוף השבוע",
        "אני מחפש מנהל חשבונות",
        "צריך רופא שיניים",
        "אני צריכה קבלה",
        "הנציג שלכם לא חזר אליי",
        "דיברתי כבר עם המזכירה",
        "אני לא צריך נציג",
        "יש שם מישהו?",
        "קניתי רובוט שואב",
        "תעבירו לי את החשבונית",
        "אני רוצה לדבר עם אשתי קודם",
        "קוראים לי אדם",
    ],
)
def test_people_that_are_only_talked_about(text: str) -> None:
    assert not wants_person(text, HEBREW)


def test_an_answer_to_the_business_s_own_question_is_no_wish() -> None:
    assert wants_person(Said("מנהל", "name"), HEBREW)
    assert not wants_person(Said("מנהל", "position"), HEBREW)
    assert wants_person(Said("תעבירו אותי לנציג", "position"), HEBREW)


def test_the_place_of_the_wish_in_its_clause() -> None:
    assert wish_in(["אפשר", "לדבר", "עם", "נציג", "לגבי", "החשבון"], HEBREW) == (0, 4)
    assert wish_in(["לגבי", "החשבון"], HEBREW) is None
