import pytest

from tests.understanding.hebrew import HEBREW
from understanding.said import Said
from understanding.yes_no import says_no, says_yes


@pytest.mark.parametrize("text", ["כן", "כן, בבקשה", "בטח", "אפשר"])
def test_a_yes(text: str) -> None:
    assert says_yes(Said(text), HEBREW)
    assert not says_no(Said(text), HEBREW)


@pytest.mark.parametrize("text", ["לא", "לא, תודה", "ממש לא", "אין צורך"])
def test_a_no(text: str) -> None:
    assert says_no(Said(text), HEBREW)
    assert not says_yes(Said(text), HEBREW)


@pytest.mark.parametrize("text", ["", "דנה", "אולי כן"])
def test_neither(text: str) -> None:
    assert not says_yes(Said(text), HEBREW)
    assert not says_no(Said(text), HEBREW)
