import pytest

from functions.summarize import texts
from functions.summarize.answer import STEPS
from functions.summarize.rule_summary import Caller, next_step, summary_by_rule

TEXTS = texts.load()
DANA = Caller("דנה לוי", "הצעת מחיר להתקנת מזגן", "מחר בבוקר", "+972501234567")


def test_the_summary_says_who_what_and_when() -> None:
    assert summary_by_rule(DANA, TEXTS.writes) == "דנה לוי: הצעת מחיר להתקנת מזגן. לחזור מחר בבוקר."
    assert next_step(DANA, "", TEXTS) == "לחזור אל דנה לוי מחר בבוקר"


def test_what_is_not_known_is_said_to_be_unknown_and_asked_for() -> None:
    nobody = Caller(phone="+972501234567")
    assert summary_by_rule(nobody, TEXTS.writes) == "המתקשר: לא נאמר במה מדובר."
    assert next_step(nobody, "", TEXTS) == "לחזור אל המתקשר ולברר במה מדובר"
    assert next_step(Caller(need="תיקון", phone="1"), "", TEXTS) == "לחזור אל המתקשר ולברר את השם"


def test_nobody_is_told_to_call_back_without_a_number() -> None:
    assert next_step(Caller("דנה", "תיקון"), "", TEXTS) == "אין מספר לחזרה"


def test_another_number_than_the_caller_s_is_written_out() -> None:
    caller = Caller("דנה", "תיקון.", "", "+972501234567", "0527654321")
    assert summary_by_rule(caller, TEXTS.writes) == "דנה: תיקון. מספר לחזרה: 0527654321."


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_the_model_has_its_sentence(step: str) -> None:
    sentence = next_step(DANA, step, TEXTS)
    assert sentence
    assert "{" not in sentence


def test_a_time_to_call_is_no_time_for_anything_else() -> None:
    assert next_step(DANA, "send_quote", TEXTS) == "לשלוח הצעת מחיר אל דנה לוי ולחזור מחר בבוקר"
    assert next_step(DANA, "none", TEXTS) == "אין צורך בפעולה"


def test_braces_from_a_caller_stay_braces() -> None:
    assert summary_by_rule(Caller("{need}", "{0}", "", "1"), TEXTS.writes) == "{need}: {0}."
