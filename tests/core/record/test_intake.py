"""The scripted intake: whole Hebrew conversations, and what is understood of single answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.events import FieldValue
from media_service.core.conversation import AssistantSettings, Conversation, Turn
from media_service.core.record.intake import (
    CALLBACK_TIME,
    NAME,
    NEED,
    PHONE,
    asked_topic,
    last_asked,
    learn,
    next_reply,
)
from media_service.core.record.intake import spoken_number as number_in
from tests.core.hebrew_texts import INTAKE, TEXTS

NUMBER = "+972501234567"
BUILT_IN = AssistantSettings()
GREETING = TEXTS.greeting.format(business_name="מזגני הצפון")


class Phone:
    """A caller who says one thing after another to the intake."""

    def __init__(self, number: str = NUMBER, settings: AssistantSettings = BUILT_IN) -> None:
        self.number = number
        self.settings = settings
        self.turns = [Turn("assistant", GREETING, 1)]
        self.fields: dict[str, FieldValue] = {}
        self.ended = False

    def says(self, text: str) -> str:
        asked = last_asked(self.turns, INTAKE)
        said = Turn("caller", text, len(self.turns) + 1)
        self.fields = learn(self.fields, asked, said, self.number, INTAKE)
        self.turns.append(said)
        reply, self.ended = next_reply(Conversation(tuple(self.turns), self.settings, self.number, self.fields), INTAKE)
        self.turns.append(Turn("assistant", reply, len(self.turns) + 1))
        return reply

    def hears(self, text: str) -> None:
        self.turns.append(Turn("assistant", text, len(self.turns) + 1))

    @property
    def known(self) -> dict[str, str]:
        return {topic: found.value for topic, found in self.fields.items()}


def test_the_whole_intake() -> None:
    phone = Phone()

    assert phone.says("שלום, אני צריכה הצעת מחיר להתקנת מזגן") == "הבנתי. איך קוראים לכם?"
    assert phone.says("קוראים לי דנה לוי") == "נעים מאוד, דנה לוי. אפשר לחזור אליכם למספר שממנו התקשרתם?"
    assert phone.says("כן") == "מצוין. מתי נוח לכם שנחזור?"
    assert phone.says("מחר בבוקר") == "תודה דנה לוי. רשמתי הכול. מחר בבוקר נחזור אליכם. להתראות."
    assert phone.ended
    assert phone.fields == {
        NEED: FieldValue("אני צריכה הצעת מחיר להתקנת מזגן", 2),
        NAME: FieldValue("דנה לוי", 4, confirmed=True),
        PHONE: FieldValue(NUMBER, 6, confirmed=True),
        CALLBACK_TIME: FieldValue("מחר בבוקר", 8),
    }


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("קוראים לי דנה לוי", "דנה לוי"),
        ("שמי יוסי", "יוסי"),
        ("השם שלי הוא רון כהן", "רון כהן"),
        ("השם שלי זה רון.", "רון"),
        ("דנה", "דנה"),
        ("דנה לוי.", "דנה לוי"),
        ("אה, דנה לוי", "דנה לוי"),
        ("מדברת דנה מחברת שמש", "דנה"),
        ("אני משה", "משה"),
        ("זה יוסי", "יוסי"),
        ("קוראים לי דנה ואני צריכה מזגן", "דנה"),
        ("קוראים לי דנה, בבקשה", "דנה"),
        ("אני לא רוצה להגיד", ""),
        ("לא משנה", ""),
        ("כן", ""),
        ("להתראות", ""),
        ("0501234567", ""),
        ("למה אתם צריכים לדעת את זה עכשיו", ""),
    ],
)
def test_ways_to_give_a_name(said: str, name: str) -> None:
    fields = learn({NEED: FieldValue("מזגן", 1)}, NAME, Turn("caller", said, 4), NUMBER, INTAKE)
    assert (fields[NAME].value if NAME in fields else "") == name


def test_a_name_given_before_it_is_asked_for_is_taken() -> None:
    phone = Phone()
    phone.says("שלום, קוראים לי דנה לוי ואני צריכה מזגן")
    assert phone.known[NAME] == "דנה לוי"


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("0501234567", "0501234567"),
        ("המספר שלי 050-1234567.", "0501234567"),
        ("050 123 45 67", "0501234567"),
        ("אפס חמש אפס אחת שתיים שלוש ארבע חמש שש שבע", "0501234567"),
        ("אפס חמש אפס, אחת שתיים שלוש, ארבע חמש ושש ושבע", "0501234567"),
        ("03-9876543", "039876543"),
        ("+972501234567", "+972501234567"),
        ("אפשר ב 0501234567 אחרי 5", "0501234567"),
        ("בשעה 5", ""),
        ("יש לי 3 ילדים ו 2 מזגנים", ""),
        ("", ""),
    ],
)
def test_ways_to_give_a_number(said: str, number: str) -> None:
    assert number_in(said, INTAKE.digits) == number


def test_a_withheld_number_is_asked_for() -> None:
    phone = Phone(number="")
    phone.says("אני צריכה מזגן")

    assert phone.says("דנה").endswith(INTAKE.phone_unknown)
    phone.says("כן")
    assert PHONE not in phone.known, "a yes names no number"
    phone.says("אפס חמש אפס אחת שתיים שלוש ארבע חמש שש שבע")
    assert phone.known[PHONE] == "0501234567"


def test_another_number_than_the_one_that_called() -> None:
    phone = Phone()
    phone.says("אני צריכה מזגן")
    phone.says("דנה")

    assert phone.says("לא") == INTAKE.phone_unknown
    phone.says("052-7654321")
    assert phone.fields[PHONE] == FieldValue("0527654321", 8, confirmed=True)


def test_a_correction_replaces_what_was_understood() -> None:
    phone = Phone()
    phone.says("אני צריכה מזגן")
    phone.says("רינה")
    phone.says("לא, קוראים לי דינה")

    assert phone.known[NAME] == "דינה"


def test_a_caller_who_wants_a_person_is_promised_one_and_asked_on() -> None:
    phone = Phone()
    reply = phone.says("אני רוצה לדבר עם נציג")
    assert reply.startswith(INTAKE.person_wanted)
    assert asked_topic(reply, INTAKE) == NAME


@pytest.mark.parametrize("farewell", ["ביי", "תודה ושלום", "טוב, להתראות", "יום טוב!"])
def test_a_farewell_ends_the_call_at_any_time(farewell: str) -> None:
    phone = Phone()
    reply = phone.says(farewell)
    assert phone.ended
    assert "להתראות" in reply
    assert phone.known == {}


def test_a_word_that_only_contains_a_farewell_is_none() -> None:
    phone = Phone()
    phone.says("אני צריכה בייביסיטר")
    assert not phone.ended
    assert phone.known[NEED] == "אני צריכה בייביסיטר"


def test_what_is_not_answered_twice_is_left_out() -> None:
    phone = Phone()
    phone.says("אני צריכה מזגן")
    assert phone.says("לא").startswith(INTAKE.retry)
    reply = phone.says("לא רוצה")

    assert asked_topic(reply, INTAKE) == PHONE
    assert NAME not in phone.known


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("מחר בבוקר", "מחר בבוקר"),
        ("אה, מחר בעשר, תודה רבה", "מחר בעשר"),
        ("בכל יום", "בכל יום"),
        ("כן", None),
        ("להתראות", None),
        ("תודה ולהתראות", None),
    ],
)
def test_when_to_call_back(said: str, time: str | None) -> None:
    fields = learn({}, CALLBACK_TIME, Turn("caller", said, 2), NUMBER, INTAKE)
    assert (fields[CALLBACK_TIME].value if CALLBACK_TIME in fields else None) == time


@pytest.mark.parametrize("between", ["אתם עדיין על הקו?", "כן, אני מקשיב.", "סליחה, הקו נותק לרגע. בואו נמשיך."])
def test_a_question_stands_until_it_is_answered(between: str) -> None:
    """Whatever the assistant says in between: the silent caller of a moment ago answers the question."""
    phone = Phone()
    phone.says("אני צריכה מזגן")
    phone.hears(between)
    phone.says("דנה")

    assert phone.known[NAME] == "דנה"


def test_an_answered_question_is_over() -> None:
    turns = [Turn("assistant", "מתי נוח לכם?"), Turn("caller", "מחר"), Turn("assistant", "בסדר גמור.")]
    assert last_asked(turns, INTAKE) == ""
    assert last_asked(turns[:2], INTAKE) == CALLBACK_TIME, "the caller may need two breaths"


def test_the_product_team_chooses_what_is_asked() -> None:
    phone = Phone(settings=AssistantSettings(fields_to_collect=(NAME,)))
    assert asked_topic(phone.says("אני צריכה מזגן"), INTAKE) == NAME
    phone.says("דנה")
    assert phone.ended


def test_fields_the_script_cannot_ask_for_leave_it_with_its_own() -> None:
    phone = Phone(settings=AssistantSettings(fields_to_collect=("budget",)))
    phone.says("אני צריכה מזגן")
    assert not phone.ended


answers = st.sampled_from(
    [
        "כן",
        "לא",
        "מה?",
        "דנה",
        "מחר",
        "אה",
        "נציג",
        "אני צריכה מזגן",
        "0501234567",
        "לא יודעת",
        "קוראים לי דנה",
        "",
        "...",
    ]
)


@given(st.lists(answers, min_size=9, max_size=9), st.sampled_from([NUMBER, ""]))
def test_the_script_always_comes_to_an_end(said: list[str], number: str) -> None:
    phone = Phone(number)
    for text in said:
        phone.says(text)
        if phone.ended:
            break

    assert phone.ended
