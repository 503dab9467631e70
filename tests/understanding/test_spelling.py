import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.clauses import clauses_of
from understanding.spelling import differences, is_like, spelled_name, with_final_form, without_final_form

CALLED = {letter: called for called, letter in HEBREW.names.letters.items() if len(called) > 1}


def spelled(text: str) -> tuple[str, ...] | None:
    found = spelled_name(clauses_of(text), HEBREW.names)
    return found.words if found else None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("דלת נון הא", ("דנה",)),
        ("ד' נ' ה'", ("דנה",)),
        ("ד-נ-ה", ("דנה",)),
        ("דל״ת, נו״ן, ה״א", ("דנה",)),
        ("ד' כמו דוד, נ' כמו נחום, ה' כמו הדס", ("דנה",)),
        ("ריש וו נון סופית", ("רון",)),
        ("אלף ואז וו ואז ריש", ("אור",)),
        ("דלת נון הא, למד וו יוד", ("דנה", "לוי")),
        ("דלת נון הא למד וו יוד", ("דנה", "לוי")),
        ("דלת", None),
        ("דנה לוי", None),
    ],
)
def test_letters_make_a_name(text: str, words: tuple[str, ...] | None) -> None:
    assert spelled(text) == words


# "Sharon-Li" is compared as one word, with a final letter in the middle that nobody would spell.
IN_ONE_WORD = sorted(name for name in HEBREW.names.words.given if set(without_final_form(name)) <= set(CALLED))


@given(st.sampled_from(IN_ONE_WORD))
def test_every_name_comes_back_from_its_letters(name: str) -> None:
    letters = [CALLED[letter] for letter in without_final_form(name)]
    found = spelled(" ".join(letters))
    assert found == (with_final_form(name),) if len(name) > 1 else found is None


def test_how_unlike_two_names_are() -> None:
    assert differences("דנה", "דינה") == 1
    assert is_like("דנה", "דינה")
    assert not is_like("דנה", "יוסף")
