"""How recognized text reads."""

import pytest

from media_service.core.recognition.wording import Wording, joined, lowest, unpunctuated


def test_interims_come_without_sentence_marks_and_finals_with_them() -> None:
    assert Wording().interim("שלום, אני דנה.") == "שלום אני דנה"
    assert Wording().final("שלום, אני דנה.") == "שלום, אני דנה."


def test_either_can_be_had_the_other_way() -> None:
    other = Wording(punctuate_interims=True, punctuate_finals=False)
    assert other.interim("שלום, אני דנה.") == "שלום, אני דנה."
    assert other.final("שלום,", "אני דנה.") == "שלום אני דנה"


@pytest.mark.parametrize(
    ("text", "plain"),
    [("שלום , לך !", "שלום לך"), ("3.5 שקלים.", "3.5 שקלים"), ("ע.מ 12:30?", "ע.מ 12:30"), ("...", "")],
)
def test_marks_inside_a_word_or_number_stay(text: str, plain: str) -> None:
    assert unpunctuated(text) == plain


def test_parts_that_are_empty_leave_no_gap() -> None:
    assert joined("", "שלום", "", "לך") == "שלום לך"
    assert joined("", "") == ""


def test_confidence_is_that_of_the_weakest_part_that_has_one() -> None:
    assert lowest((None, 0.9, 0.7)) == 0.7
    assert lowest((None, None)) is None
