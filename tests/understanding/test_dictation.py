"""How numbers come out of runs, with numbers of six digits that begin with 7."""

import pytest

from tests.understanding.hebrew import HEBREW
from understanding.dictation import Dictated, dictate
from understanding.digit_runs import read_runs


def six_digits(digits: str, sign: str) -> str:
    return digits if len(digits) == 6 and digits.startswith("7") and not sign else ""


def dictated(*utterances: str, known: str = "") -> Dictated:
    runs = read_runs(utterances, HEBREW, is_whole=lambda digits, sign: bool(six_digits(digits, sign)))
    return dictate(runs, six_digits, HEBREW.number_runs, known)


@pytest.mark.parametrize(
    ("utterances", "number"),
    [
        (["712345"], "712345"),
        (["71", "23", "45"], "712345"),
        (["71 ואחר כך דבר ראשון 2345"], "712345"),
        (["71, 71, 23, 45"], "712345"),
        (["שבע אחת שתיים", "שבע אחת שתיים שלוש ארבע חמש"], "712345"),
        (["71234"], ""),
        (["7123456"], ""),
        (["712399, לא, סליחה, 45"], "712345"),
        (["71 23 99", "סליחה, 45"], "712345"),
        (["שבע אחת שתיים תשע, סליחה, שלוש ארבע חמש"], "712345"),
        (["71 99, לא, 23, 45"], "712345"),
        (["712399", "45 בסוף"], "712345"),
        (["792345", "לא 92, 12"], "712345"),
        (["792345, לא 92 אלא 12"], "712345"),
        (["799999, סליחה, 712345"], "712345"),
        (["799999", "712345"], "712345"),
        (["שבע תשע תשע תשע תשע תשע", "שבע אחת שתיים שלוש ארבע חמש"], "712345"),
        (["לא 799999, 712345"], "712345"),
        (["לא 799999 אלא 712345"], "712345"),
        (["712345 ולא 799999"], "712345"),
        (["712345, בשעה 5"], "712345"),
        (["712345", "כן"], "712345"),
    ],
)
def test_groups_and_corrections(utterances: list[str], number: str) -> None:
    assert dictated(*utterances).number == number


def test_two_numbers_at_once_are_one_and_another() -> None:
    assert (dictated("712345 או 799999").number, dictated("712345 או 799999").others) == ("712345", ["799999"])
    assert dictated("712345", "ויש גם 799999").others == ["799999"]
    assert dictated("712345, שוב, 712345").others == []


def test_a_correction_applies_to_what_was_known_before() -> None:
    assert dictated("לא, 45 בסוף", known="712399").number == "712345"
    assert dictated("45", known="712399").changed_at == -1


def test_what_was_heard_of_a_number_that_is_not_whole_is_kept() -> None:
    assert dictated("712", "34").digits == "71234"
    assert dictated("7123456").digits == "7123456"


def test_which_utterance_changed_the_number_is_known() -> None:
    assert dictated("712345", "תודה").changed_at == 0
    assert dictated("71 23", "45").changed_at == 1
    assert dictated("712399", "סליחה, 45").changed_at == 1
