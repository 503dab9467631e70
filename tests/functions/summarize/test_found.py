"""What is known of the caller, whoever found it, points at the words that say so."""

from dataclasses import replace

from calls.events import CallEvent, FieldValue
from calls.lead_fields import Kind, LeadField
from functions.summarize.found import Found, best_of, found_by_rule, found_by_service
from functions.summarize.outcome import Outcome, outcome_of
from tests.functions.summarize.example_calls import CALLER, conversation, demo_call, ended, said
from tests.understanding.hebrew import HEBREW


def outcome(*events: CallEvent) -> Outcome:
    made = outcome_of(events)
    assert made
    return made


def test_the_demonstration_call_is_understood_without_a_model() -> None:
    found = found_by_rule(outcome(*demo_call(fields={})), CALLER, HEBREW)
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
    name = found_by_rule(outcome(*first, *second, ended(3, leg=2)), CALLER, HEBREW)["name"]
    assert (name.leg, name.seq, name.quote) == (1, 2, "קוראים לי דנה")


def test_what_was_kept_of_an_utterance_when_it_was_said_stands() -> None:
    """A typed number, say: its digits are a line like any other once it is stored."""
    typed = replace(
        conversation(("caller", "0521234567"))[0],
        fields={"phone": FieldValue("+972521234567", 1, confirmed=True, quote="0521234567", source="keypad")},
    )
    phone = found_by_rule(outcome(typed, ended(2)), CALLER, HEBREW)["phone"]
    assert (phone.confirmed, phone.source) == (True, "keypad")


def test_a_field_of_the_business_is_read_from_the_words_as_well() -> None:
    floor = LeadField("floor", Kind.NUMBER, question="באיזו קומה הדירה?")
    lines = conversation(("assistant", "באיזו קומה הדירה?"), ("caller", "3"))
    ending = replace(ended(3), fields_to_collect=(floor,))
    assert found_by_rule(outcome(*lines, ending), CALLER, HEBREW)["floor"].value == "3"


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
    assert found_by_rule(outcome(*lines, ended(3)), CALLER, HEBREW) == {}


def test_words_of_an_earlier_leg_keep_their_own_evidence() -> None:
    first = conversation(("assistant", "איך קוראים לכם?"), ("caller", "דנה לוי"))
    second = conversation(("assistant", "מתי נוח?"), ("caller", "מחר"), leg=2)
    found = found_by_rule(outcome(*first, *second, ended(3, leg=2)), "", HEBREW)
    assert (found["name"].seq, found["name"].quote) == (2, "דנה לוי")
    assert (found["callback_time"].seq, found["callback_time"].quote) == (2, "מחר")


def test_in_listen_mode_it_is_the_callee_who_asks() -> None:
    lines = conversation(("callee", "עם מי אני מדבר?"), ("caller", "רון כהן"))
    assert found_by_rule(outcome(*lines, ended(3)), "", HEBREW)["name"].value == "רון כהן"


def test_without_the_caller_s_number_a_yes_names_none() -> None:
    assert "phone" not in found_by_rule(outcome(*demo_call(fields={})), "", HEBREW)


def test_what_the_service_found_is_quoted_from_the_utterance_it_points_at() -> None:
    lines = conversation(("caller", "קוראים לי דנה"))
    fields = {"name": FieldValue("דנה", 1, confirmed=True), "need": FieldValue("מזגן", 7)}
    assert found_by_service(fields, lines) == {
        "name": Found("דנה", 0.9, 1, "קוראים לי דנה", confirmed=True, leg=1),
        "need": Found("מזגן", None, 7, "", leg=1),
    }


def test_without_every_utterance_the_answers_are_not_read_again() -> None:
    """The answer to the question that is missing would be taken for that to another."""
    lines = [said(1, "איך קוראים לכם?", "assistant"), said(3, "מחר בבוקר")]
    assert found_by_rule(outcome(*lines, ended(4)), "", HEBREW) == {}


def test_the_assistant_s_words_are_no_quote() -> None:
    """A service that has lost its place quotes the first line of the new leg."""
    lines = [said(1, "סליחה, הקו נותק לרגע.", "assistant"), said(2, "קוראים לי דנה")]
    told = {"name": FieldValue("דנה", 1, quote="סליחה, הקו נותק לרגע."), "need": FieldValue("מזגן", 1)}
    assert {name: each.quote for name, each in found_by_service(told, lines).items()} == {"name": "", "need": ""}


DEMO = outcome(*demo_call())
RULES = {"name": Found("דנה לוי", 0.9, 4, "קוראים לי דנה לוי", leg=1), "need": Found("מזגן", 0.9, 2, "מזגן", leg=1)}


def _best(by_model: dict[str, Found], by_rule: dict[str, Found] = RULES, of: Outcome = DEMO) -> dict[str, Found]:
    return best_of(by_rule, by_model, of, HEBREW)


def test_what_only_the_model_found_is_kept() -> None:
    assert _best({"callback_time": Found("מחר", seq=8, leg=1, source="model")})["callback_time"].source == "model"


def test_where_rule_and_model_disagree_both_are_kept() -> None:
    name = _best({"name": Found("דנה", 0.9, 4, "דנה", leg=1, source="model")})["name"]
    assert (name.value, name.source, name.other) == ("דנה לוי", "rule", "דנה")


def test_where_they_agree_there_is_no_other() -> None:
    assert _best({"name": Found("דנה לוי.", 0.9, 4, "דנה לוי", leg=1, source="model")})["name"].other == ""
    phone = {"phone": Found(CALLER)}
    assert _best({"phone": Found("050-123-4567")}, phone)["phone"].other == ""


CORRECTED = outcome(
    *conversation(
        ("assistant", "איך קוראים לך?"),
        ("caller", "דנה לוי"),
        ("assistant", "סליחה, איך קוראים לך?"),
        ("caller", "רינה"),
    ),
    ended(5),
)


def test_a_later_answer_to_the_same_question_beats_the_earlier_one() -> None:
    known = {"name": Found("דנה לוי", seq=2, leg=1)}
    name = _best({"name": Found("רינה", seq=4, leg=1, source="model")}, known, CORRECTED)["name"]
    assert (name.value, name.source, name.other) == ("רינה", "model", "דנה לוי")


def test_what_the_caller_confirmed_beats_any_model() -> None:
    known = {"name": Found("דנה לוי", seq=2, leg=1, confirmed=True)}
    name = _best({"name": Found("רינה", seq=4, leg=1, source="model")}, known, CORRECTED)["name"]
    assert (name.value, name.confirmed, name.other) == ("דנה לוי", True, "רינה")


def test_a_model_makes_no_name_of_a_word_that_was_said_to_another_question() -> None:
    name = _best({"name": Found("בבוקר", seq=8, leg=1, source="model")})["name"]
    assert name.value == "דנה לוי"
    need_alone = {"need": RULES["need"]}
    assert "name" not in _best({"name": Found("מזגן", seq=2, leg=1, source="model")}, need_alone)
