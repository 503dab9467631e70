import pytest

from calls.events import CallEvent
from functions.summarize import texts
from functions.summarize.intake_rules import caller_spoke, found_by_rule
from functions.summarize.outcome import Outcome, outcome_of
from tests.functions.summarize_calls import conversation, demo_call, ended

PHRASES = texts.load().listens_for


def _outcome(*events: CallEvent) -> Outcome:
    outcome = outcome_of([*events, ended(99)])
    assert outcome
    return outcome


def _values(*lines: tuple[str, str]) -> dict[str, str]:
    return {name: found.value for name, found in found_by_rule(_outcome(*conversation(*lines)), PHRASES).items()}


def test_the_demonstration_call_is_understood_without_a_model() -> None:
    outcome = outcome_of(demo_call(fields={}))
    assert outcome
    found = found_by_rule(outcome, PHRASES)
    assert {name: (field.value, field.seq, field.quote) for name, field in found.items()} == {
        "need": ("הצעת מחיר להתקנת מזגן", 2, "שלום, אני צריכה הצעת מחיר להתקנת מזגן"),
        "name": ("דנה לוי", 4, "קוראים לי דנה לוי"),
        "callback_time": ("מחר בבוקר", 8, "מחר בבוקר"),
    }


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("קוראים לי דנה", "דנה"),
        ("שלום, שמי יוסי כהן.", "יוסי כהן"),
        ("מדבר אבי, התקשרתי אתמול", "אבי"),
        ("השם שלי משה ואני צריך שרברב", "משה"),
        ("קוראים לי", ""),
    ],
)
def test_a_name_follows_the_words_that_announce_one(said: str, name: str) -> None:
    assert _values(("caller", said)).get("name", "") == name


def test_a_short_answer_to_the_question_for_the_name_is_the_name() -> None:
    assert _values(("assistant", "מה השם בבקשה?"), ("caller", "רונית לוי"))["name"] == "רונית לוי"
    assert "name" not in _values(("assistant", "מה השם בבקשה?"), ("caller", "למה זה בכלל חשוב לכם לדעת"))


def test_the_need_is_told_without_its_opening() -> None:
    assert _values(("caller", "היי, בוקר טוב, אני מחפשת טכנאי למקרר"))["need"] == "טכנאי למקרר"


def test_every_value_is_a_piece_of_what_the_caller_said() -> None:
    for found in found_by_rule(
        _outcome(*conversation(*[("caller", text) for text in ("קוראים לי דן", "תיקון דוד שמש")])), PHRASES
    ).values():
        assert found.value in found.quote


@pytest.mark.parametrize("heard", ["", "אה", "הלו? הלו?", "אממ... כן", "...", "שלום"])
def test_hums_and_greetings_are_nothing_to_summarise(heard: str) -> None:
    outcome = _outcome(*conversation(("assistant", "שלום, במה אפשר לעזור?"), ("caller", heard)))
    assert not caller_spoke(outcome, PHRASES)
    assert found_by_rule(outcome, PHRASES) == {}


def test_what_the_assistant_says_is_never_the_caller_s_word() -> None:
    outcome = _outcome(*conversation(("assistant", "קוראים לי מאיה ואני צריכה את הפרטים")))
    assert not caller_spoke(outcome, PHRASES)
    assert found_by_rule(outcome, PHRASES) == {}
