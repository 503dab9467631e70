import pytest

from functions.summarize.plain_text import clean


@pytest.mark.parametrize("control", [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"])
def test_bidi_controls_are_taken_out(control: str) -> None:
    """A name cannot turn the number beside it around on the screen."""
    assert clean(f"דנה{control} לוי", 100) == "דנה לוי"


@pytest.mark.parametrize("hidden", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\ud800", "\udfff"])
def test_nothing_invisible_and_no_half_surrogate_is_kept(hidden: str) -> None:
    assert clean(f"ד{hidden}נה", 100) == "דנה"


def test_text_becomes_one_line() -> None:
    assert clean("  שורה\n\x00שניה\u2028\tושלישית\x1b ", 100) == "שורה שניה ושלישית"


def test_text_is_cut_to_its_limit() -> None:
    assert clean("א" * 100, 7) == "א" * 7


def test_ordinary_text_stays_as_it_is() -> None:
    text = "צריך 3 יחידות, מס' 12 ברח' הרצל; עלות: 1,500 ש\"ח?"
    assert clean(text, 100) == text
