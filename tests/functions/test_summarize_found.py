"""What is known of the caller, whoever found it, points at the words that say so."""

from calls.events import CallEvent, FieldValue
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
        "name": ("דנה לוי", 4, "קוראים לי דנה לוי", True),
        "phone": (CALLER, 6, "כן", True),
        "callback_time": ("מחר בבוקר", 8, "מחר בבוקר", False),
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
        "name": Found("דנה", 0.9, 1, "קוראים לי דנה", confirmed=True),
        "need": Found("מזגן", None, 7, ""),
    }


def test_a_confirmed_value_is_better_than_what_the_words_say_and_any_other_is_not() -> None:
    by_service = {"name": Found("דנה", confirmed=True), "need": Found("מזגן")}
    from_words = {"name": Found("רינה"), "need": Found("מקרר")}
    assert {name: found.value for name, found in best_of(by_service, from_words).items()} == {
        "name": "דנה",
        "need": "מקרר",
    }
