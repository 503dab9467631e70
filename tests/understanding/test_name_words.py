import pytest

from tests.understanding.hebrew import HEBREW
from understanding.clauses import clauses_of
from understanding.name_words import is_doubtful, is_family, run_at


@pytest.mark.parametrize(
    ("text", "name", "firm"),
    [
        ("דנה לוי ואני צריכה", "דנה לוי", ""),
        ("דנה ויוסי", "דנה", ""),
        ("דנה ויינר", "דנה ויינר", ""),
        ("יוסי מהמוסך", "יוסי", "המוסך"),
        ("יוסי מחברת שמש ואני", "יוסי", "חברת שמש"),
        ("יוסי מזרחי", "יוסי מזרחי", ""),
        ("דנה בת אל כהן", "דנה בת אל כהן", ""),
        ('ד"ר רון בר לב', 'ד"ר רון בר לב', ""),
        ("עוד דנה", None, ""),
        ('עו"ד דנה', 'עו"ד דנה', ""),
        ("עורך דין", None, ""),
        ("דנה אה לוי", "דנה לוי", ""),
        ("דנה דנה לוי", "דנה לוי", ""),
        ("שלי לנדאו", "שלי לנדאו", ""),
        ("שלי הוא", None, ""),
        ("באר שבע", None, ""),
        ("דנה 052", "דנה", ""),
        ("המזגן", None, ""),
        ("דיברתי", None, ""),
    ],
)
def test_how_far_a_name_goes(text: str, name: str | None, firm: str) -> None:
    run = run_at(clauses_of(text)[0].words, 0, HEBREW.names)
    assert (run and run.text) == name
    assert (run.firm if run else "") == firm


def test_from_after_a_first_name_is_a_firm_where_somebody_presents_himself() -> None:
    words = clauses_of("יוסי מפיצוציה")[0].words
    presented, answered = run_at(words, 0, HEBREW.names, from_firm=True), run_at(words, 0, HEBREW.names)
    assert presented is not None and presented.firm == "פיצוציה"
    assert answered is not None and answered.text == "יוסי מפיצוציה"


@pytest.mark.parametrize("name", ["זליקוביץ", "גרינשטיין", "אברמאשוילי", "אלכהן", "בןלולו"])
def test_second_names_are_known_by_how_they_are_built(name: str) -> None:
    assert is_family(name, HEBREW.names.words)


@pytest.mark.parametrize("word", ["לתקן", "בעבודה", "שמעתם", "אמרנו"])
def test_forms_that_no_name_has(word: str) -> None:
    assert is_doubtful(word, HEBREW.names.words)
