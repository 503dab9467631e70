"""What is known of the caller, whoever found it, points at the words that say so."""

from dataclasses import replace

from calls.events import CallEvent, FieldValue
from calls.lead_fields import Kind, LeadField
from functions.summarize.found import Found, best_of, found_by_service, found_in_words
from functions.summarize.outcome import Outcome, outcome_of
from tests.functions.summarize_calls import CALLER, conversation, demo_call, ended
from tests.understanding.hebrew import HEBREW


def outcome(*events: CallEvent) -> Outcome:
    made = outcome_of(events)
    assert made
    return made


def test_the_demonstration_call_is_understood_without_a_model() -> None:
    found = found_in_words(outcome(*demo_call(fields={})), CALLER, HEBREW)
    assert {name: (field.value, field.seq, field.quote, field.confirmed) for name, field in found.items()} == {
        "need": ("אני צריכה הצעת מחיר להתקנת מזגן", 2, "שלום, אני צריכה הצעת מחיר להתקנת מזגן", False),
        "name": ("דנה לוי", 4, "קוראים לי דנה לוי", False),
        "phone": (CALLER, 6, "כן", True),
        "callback_time": ("מחר בבוקר", 8, "מחר בבוקר", False),
    }


def test_the_words_read_again_are_those_of_the_caller() -> None:
    """On whatever leg: the first line of the second is the assistant's own."""
    first = conversation(("assistant", "איך קוראים לכם?"), ("caller", "קוראים לי דנה"))
    second = conversation(("assistant", "סליחה, הקו נותק לרגע."), ("caller", "כן"), leg=2)
    name = found_in_words(outcome(*first, *second, ended(3, leg=2)), CALLER, HEBREW)["name"]
    assert (name.leg, name.seq, name.quote) == (1, 2, "קוראים לי דנה")


def test_what_was_kept_of_an_utterance_when_it_was_said_stands() -> None:
    """A typed number, say: its digits are a line like any other once it is stored."""
    typed = replace(
        conversation(("caller", "0521234567"))[0],
        fields={"phone": FieldValue("+972521234567", 1, confirmed=True, quote="0521234567", source="keypad")},
    )
    phone = found_in_words(outcome(typed, ended(2)), CALLER, HEBREW)["phone"]
    assert (phone.confirmed, phone.source) == (True, "keypad")


def test_a_field_of_the_business_is_read_from_the_words_as_well() -> None:
    floor = LeadField("floor", Kind.NUMBER, question="באיזו קומה הדירה?")
    lines = conversation(("assistant", "באיזו קומה הדירה?"), ("caller", "3"))
    ending = replace(ended(3), fields_to_collect=(floor,))
    assert found_in_words(outcome(*lines, ending), CALLER, HEBREW)["floor"].value == "3"


def test_an_entry_of_a_lead_s_fields_says_where_it_was_said() -> None:
    found = Found("דנה", 0.9, 3, "קוראים לי דנה", leg=2, other="דינה")
    assert found.as_document("CA1") == {
        "value": "דנה",
        "confidence": 0.9,
        "call_sid": "CA1",
        "leg": 2,
        "seq": 3,
        "quote": "קוראים לי דנה",
        "confirmed": False,
        "source": "rule",
        "other": "דינה",
    }


def test_a_refusal_to_give_a_name_is_not_stored_as_one() -> None:
    lines = conversation(("assistant", "איך קוראים לכם?"), ("caller", "לא רוצה להגיד"))
    assert found_in_words(outcome(*lines, ended(3)), CALLER, HEBREW) == {}


def test_words_of_an_earlier_leg_keep_their_own_evidence() -> None:
    first = conversation(("assistant", "איך קוראים לכם?"), ("caller", "דנה לוי"))
    second = conversation(("assistant", "מתי נוח?"), ("caller", "מחר"), leg=2)
    found = found_in_words(outcome(*first, *second, ended(3, leg=2)), "", HEBREW)
    assert (found["name"].seq, found["name"].quote) == (2, "דנה לוי")
    assert (found["callback_time"].seq, found["callback_time"].quote) == (2, "מחר")


def test_in_listen_mode_it_is_the_callee_who_asks() -> None:
    lines = conversation(("callee", "עם מי אני מדבר?"), ("caller", "רון כהן"))
    assert found_in_words(outcome(*lines, ended(3)), "", HEBREW)["name"].value == "רון כהן"


def test_without_the_caller_s_number_a_yes_names_none() -> None:
    assert "phone" not in found_in_words(outcome(*demo_call(fields={})), "", HEBREW)


def test_what_the_service_found_is_quoted_from_the_utterance_it_points_at() -> None:
    lines = conversation(("caller", "קוראים לי דנה"))
    fields = {"name": FieldValue("דנה", 1, confirmed=True), "need": FieldValue("מזגן", 7)}
    assert found_by_service(outcome(*lines, ended(2, fields=fields))) == {
        "name": Found("דנה", 0.9, 1, "קוראים לי דנה", confirmed=True, leg=1),
        "need": Found("מזגן", None, 7, "", leg=1),
    }


def test_a_confirmed_value_is_better_than_what_the_words_say_and_any_other_is_not() -> None:
    by_service = {"name": Found("דנה", confirmed=True), "need": Found("מזגן")}
    from_words = {"name": Found("רינה"), "need": Found("מקרר")}
    assert {name: found.value for name, found in best_of(by_service, from_words).items()} == {
        "name": "דנה",
        "need": "מקרר",
    }
