import math

import pytest

from media_service.core.turns.keypad import Keypad


def typed(keypad: Keypad, keys: str, now: float = 1.0) -> list[str]:
    return [number for key in keys if (number := keypad.press(key, now))]


@pytest.mark.parametrize("end", ["#", "*"])
def test_a_key_that_is_no_digit_ends_the_number(end: str) -> None:
    assert typed(Keypad(), "0501234567" + end) == ["0501234567"]


def test_a_pause_ends_the_number() -> None:
    keypad = Keypad()
    keypad.press("0", 1.0)
    keypad.press("5", 2.0)

    assert keypad.deadline() == 5.0
    assert keypad.due(4.9) == ""
    assert keypad.due(5.0) == "05"
    assert keypad.deadline() == math.inf
    assert keypad.due(9.0) == ""


def test_a_number_cannot_be_longer_than_the_longest_there_is() -> None:
    assert typed(Keypad(), "1" * 31) == ["1" * 15, "1" * 15]


def test_keys_without_digits_are_nothing() -> None:
    assert typed(Keypad(), "##*ABCD#") == []


@pytest.mark.parametrize("key", ["", "12", "*#", "٣", " "])
def test_what_is_not_one_key_is_nothing(key: str) -> None:
    """Two digits are a part of "0123456789" too, and so is no digit at all: a key is one of them or none."""
    keypad = Keypad()
    keypad.press("5", 1.0)
    assert keypad.press(key, 2.0) == ""
    assert keypad.deadline() == 4.0, "nothing was typed"
    assert keypad.flush() == "5"


def test_what_was_typed_when_the_call_ends_is_not_lost() -> None:
    keypad = Keypad()
    typed(keypad, "050")
    assert keypad.flush() == "050"
    assert keypad.flush() == ""
