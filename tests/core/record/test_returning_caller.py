"""What earlier calls told, and what this call makes of it."""

import pytest

from calls.events import FieldValue
from calls.lead_fields import BY_NAME, LEAD_FIELDS, NAME, PHONE, Kind, LeadField
from media_service.core.conversation import Conversation, Turn
from media_service.core.record.returning_caller import (
    Reading,
    greeting,
    lasting,
    learned,
    name_to_greet,
    read_back_of,
)
from tests.core.hebrew_texts import INTAKE

CALLING = "+972501234567"
OFFICE = FieldValue("+97231234567", 1, confirmed=True)
DANA = FieldValue("דנה לוי", 1, confirmed=True)
READS_BACK = Turn("assistant", "רשום אצלי השם דנה לוי. נכון?", 1, asks=NAME)
ASKS_PHONE = Turn("assistant", "שלום דנה לוי. אפשר לחזור אליכם למספר שממנו התקשרתם?", 1, asks=PHONE)
STREET = LeadField("street", Kind.TEXT, question="באיזה רחוב?")


def after(
    question: Turn, text: str, known: dict[str, FieldValue] | None = None, confidence: float | None = None
) -> dict[str, FieldValue]:
    turn = Turn("caller", text, 2, confidence=confidence)
    reading = Reading((question,), turn, CALLING, INTAKE.language, LEAD_FIELDS)
    return learned(known or {}, {NAME: DANA, PHONE: OFFICE}, reading)


def of(earlier: dict[str, FieldValue], *turns: Turn, known: dict[str, FieldValue] | None = None) -> Conversation:
    return Conversation(turns, caller_number=CALLING, fields=known or {}, earlier=earlier)


def test_need_and_times_were_those_of_their_call() -> None:
    visit = LeadField("visit", Kind.DATE, question="מתי לבוא?")
    earlier = dict.fromkeys(("need", "name", "callback_time", "visit", "street", "forgotten"), DANA)
    assert set(lasting(earlier, (*LEAD_FIELDS, visit, STREET))) == {"name", "street"}


def test_an_identity_number_is_read_to_nobody() -> None:
    """The number that calls can be forged."""
    identity = LeadField("id_number", Kind.ID_NUMBER)
    assert lasting({"id_number": FieldValue("039337423", 1, confirmed=True)}, (*LEAD_FIELDS, identity)) == {}


def test_a_yes_makes_it_a_field_of_this_call_in_the_words_of_this_call() -> None:
    (found,) = after(READS_BACK, "כן נכון", confidence=0.9).values()
    assert found == FieldValue("דנה לוי", 2, confirmed=True, quote="כן נכון", confidence=0.9)


def test_a_yes_to_something_else_confirms_no_name_that_was_only_used() -> None:
    assert set(after(ASKS_PHONE, "כן")) == {PHONE}
    assert after(ASKS_PHONE, "כן")[PHONE].value == CALLING


@pytest.mark.parametrize("text", ["לא", "רגע", "מה?", "אני צריכה טכנאי"])
def test_whatever_is_no_yes_makes_nothing_of_it(text: str) -> None:
    assert NAME not in after(READS_BACK, text)


def test_a_yes_that_nobody_may_have_said_makes_nothing_of_it() -> None:
    assert after(READS_BACK, "כן", confidence=0.3) == {}


def test_saying_the_same_again_is_saying_it_in_this_call() -> None:
    name = after(READS_BACK, "קוראים לי דנה לוי")[NAME]
    assert (name.value, name.quote) == ("דנה לוי", "קוראים לי דנה לוי")


def test_what_this_call_told_is_not_touched_by_what_another_told() -> None:
    yossi = {NAME: FieldValue("יוסי", 1)}
    assert after(READS_BACK, "כן", yossi)[NAME].value == "יוסי"


def test_who_is_greeted_by_name() -> None:
    language = INTAKE.language
    assert name_to_greet(of({NAME: DANA}), language) == "דנה לוי"
    assert name_to_greet(of({}), language) == ""
    assert name_to_greet(of({NAME: FieldValue("דנה לוי", 1)}), language) == "", "it was only heard"
    assert name_to_greet(of({NAME: DANA}, known={NAME: FieldValue("יוסי", 2)}), language) == ""
    assert name_to_greet(of({NAME: DANA}, ASKS_PHONE, Turn("caller", "אני לא דנה לוי", 2)), language) == ""


def test_the_greeting_is_said_once_and_again_if_nobody_heard_it() -> None:
    language, texts = INTAKE.language, INTAKE.returning
    greeted = texts.greeting.format(value="דנה לוי")
    assert (
        greeting(of({NAME: DANA}, Turn("assistant", "שלום", 1), Turn("caller", "הלו", 2)), language, texts) == greeted
    )
    assert greeting(of({NAME: DANA}, ASKS_PHONE, Turn("caller", "כן", 2)), language, texts) == ""


def test_the_number_that_calls_is_not_read_out() -> None:
    parts = INTAKE.language, INTAKE.returning, INTAKE.numbers
    assert read_back_of(BY_NAME[PHONE], of({PHONE: FieldValue(CALLING, 1, confirmed=True)}), *parts) == ""
    assert "שלוש" in read_back_of(BY_NAME[PHONE], of({PHONE: OFFICE}), *parts)


def test_what_a_yes_could_not_be_told_to_mean_is_asked_for() -> None:
    parts = INTAKE.language, INTAKE.returning, INTAKE.numbers
    assert read_back_of(STREET, of({"street": FieldValue("הרצל", 1)}), *parts) == "באיזה רחוב? רשום אצלי הרצל. נכון?"
    assert read_back_of(STREET, of({"street": FieldValue("א", 1)}), *parts) == ""
    assert read_back_of(STREET, of({}), *parts) == ""
    assert read_back_of(STREET, of({"street": DANA}, known={"street": DANA}), *parts) == ""
