import pytest

from calls.lead_fields import BY_NAME, NAME, NEED
from tests.understanding.hebrew import HEBREW
from understanding.said import Said
from understanding.turn_end import TurnEnd, turn_end


def end_of(text: str, *earlier: str, asked: str = NAME) -> TurnEnd:
    return turn_end(Said(text, asked, earlier=earlier), BY_NAME[asked], HEBREW).end


@pytest.mark.parametrize("text", ["ד", "ד נ", "דלת נון הא", "מם יוד כף למד"])
def test_letters_are_waited_for(text: str) -> None:
    """Nobody knows where a name ends that is only spelled."""
    assert end_of(text) is TurnEnd.DICTATING


def test_a_word_said_before_tells_where_its_spelling_ends() -> None:
    assert end_of("דנה דלת נון") is TurnEnd.DICTATING
    assert end_of("דנה דלת נון הא") is TurnEnd.ORDINARY
    assert end_of("קוראים לי גל, גימל למד") is TurnEnd.ORDINARY
    assert end_of("דלת נון הא", "דנה") is TurnEnd.ORDINARY


def test_words_that_are_letters_too() -> None:
    """ "Here" is how the letter P is called."""
    assert end_of("יוסי פה") is not TurnEnd.DICTATING
    assert end_of("המזגן לא פועל פה", asked=NEED) is not TurnEnd.DICTATING


def test_letters_told_with_a_word_each() -> None:
    """A for Alpha."""
    assert end_of("אלף כמו אבא") is TurnEnd.DICTATING
    assert end_of("אלף כמו אבא זין") is TurnEnd.DICTATING
    assert end_of("דנה כמו הזמרת") is not TurnEnd.DICTATING
