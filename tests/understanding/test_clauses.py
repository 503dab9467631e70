import pytest

from understanding.clauses import clauses_of, plain_words


def clauses(text: str) -> list[str]:
    return [" ".join(word.written for word in clause.words) for clause in clauses_of(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("שלום, דנה לוי.", ["שלום", "דנה לוי"]),
        ("הלו?כן", ["הלו", "כן"]),
        ("דלת, נון, הא - דנה", ["דלת", "נון", "הא", "דנה"]),
        ("ב-10:30 במספר 050-1234567", ["ב-10:30 במספר 050-1234567"]),
        ("דנה כהן-לוי", ["דנה כהן-לוי"]),
        ("ג'ורג' מדבר", ["ג'ורג' מדבר"]),
        ("...", []),
        ("", []),
    ],
)
def test_punctuation_parts_a_sentence(text: str, parts: list[str]) -> None:
    assert clauses(text) == parts


def test_a_question_mark_is_kept_in_mind() -> None:
    assert [clause.asks for clause in clauses_of("מה? דנה.")] == [True, False]


def test_words_are_compared_without_marks() -> None:
    assert plain_words(clauses_of("ד\"ר 'דנה'!")) == ["דר", "דנה"]
