"""The scripted intake: whole Hebrew conversations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.events import FieldValue
from calls.lead_fields import CALLBACK_TIME, NAME, NEED, PHONE
from media_service.core.conversation import AssistantSettings, Conversation, Turn
from media_service.core.record.intake import next_reply
from tests.core.hebrew_texts import INTAKE, TEXTS
from understanding.questions import asked_field
from understanding.reading import learn_from

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
        said = Turn("caller", text, len(self.turns) + 1)
        self.fields = learn_from(self.fields, self.turns, said.text, said.seq, self.number, INTAKE.language)
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


def test_a_name_given_before_it_is_asked_for_is_taken() -> None:
    phone = Phone()
    phone.says("שלום, קוראים לי דנה לוי ואני צריכה מזגן")
    assert phone.known[NAME] == "דנה לוי"


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
    assert asked_field(reply, INTAKE.language) == NEED


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

    assert asked_field(reply, INTAKE.language) == PHONE
    assert NAME not in phone.known


@pytest.mark.parametrize("between", ["אתם עדיין על הקו?", "כן, אני מקשיב.", "סליחה, הקו נותק לרגע. בואו נמשיך."])
def test_a_question_stands_until_it_is_answered(between: str) -> None:
    """Whatever the assistant says in between: the silent caller of a moment ago answers the question."""
    phone = Phone()
    phone.says("אני צריכה מזגן")
    phone.hears(between)
    phone.says("דנה")

    assert phone.known[NAME] == "דנה"


def test_the_product_team_chooses_what_is_asked() -> None:
    phone = Phone(settings=AssistantSettings(fields_to_collect=(NAME,)))
    assert asked_field(phone.says("אני צריכה מזגן"), INTAKE.language) == NAME
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
