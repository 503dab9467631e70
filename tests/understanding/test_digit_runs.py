import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.digit_runs import read_runs, variants


def digits(*utterances: str) -> list[str]:
    return ["".join(next(variants(run))) for run in read_runs(utterances, HEBREW)]


@pytest.mark.parametrize(
    "text",
    [
        "0521234567",
        "052-1234567",
        "(052) 1234567",
        "052/123/4567",
        "052.123.4567.",
        "052–123—4567!",
        "052 12:34 567?",
        "052, 123, 4567",
        "אפס חמש שתיים אה אחת שתיים, אז שלוש כן ארבע רגע חמש שש שבע",
        "052 אחת שתיים 3 ארבע 567",
        "052 מקף 123 מקף 4567",
        "052\u200f-123\u00a04567",
    ],
)
def test_any_separator_and_filler_leaves_the_run_whole(text: str) -> None:
    assert digits(text) == ["0521234567"]


def test_a_six_before_digits_is_no_preposition() -> None:
    """It is written with the letters of two of them."""
    assert digits("052 שש 123456") == ["0526123456"]
    assert digits("052 שש-שש 12345") == ["0526612345"]


def test_a_run_goes_on_over_utterances_and_what_is_said_between() -> None:
    assert digits("אפס חמש שתיים", "כן", "אחת שתיים שלוש", "ארבע חמש", "שש ושבע") == ["0521234567"]


def test_other_words_and_prepositions_begin_another_run() -> None:
    assert digits("תתקשרו ל052-1234567 ב-5") == ["0521234567", "5"]
    assert digits("הנייד 0521234567 והבית 036543210") == ["0521234567", "036543210"]


def test_what_is_said_around_a_run_stays_with_it() -> None:
    first, second = read_runs(["ההזמנה היא 123 והטלפון שלי, 0521234567 בבקשה"], HEBREW)
    assert (first.before, first.direct, first.after) == (["ההזמנה", "היא"], "היא", ["והטלפון", "שלי"])
    assert (second.before, second.direct) == (["והטלפון", "שלי"], "")
    assert first.is_followed
    assert not second.is_followed


def test_a_number_that_is_whole_by_itself_is_not_joined_to_the_one_before() -> None:
    runs = read_runs(["דירה 12, 0521234567"], HEBREW, is_whole=lambda written, sign: len(written) == 10)
    assert ["".join(next(variants(run))) for run in runs] == ["12", "0521234567"]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("+972521234567", "+"),
        ("פלוס 972 52 1234567", "+"),
        ("*2700", "*"),
        ("כוכבית 2700", "*"),
        ("2700*", "*"),
        ("לכוכבית שתיים שבע אפס אפס", "*"),
        ("2700", ""),
    ],
)
def test_the_sign_that_is_dialled(text: str, sign: str) -> None:
    assert [run.sign for run in read_runs([text], HEBREW)] == [sign]


def test_words_for_a_number_of_zeros_or_times() -> None:
    assert digits("שלושה אפסים שני אפסים") == ["00000"]
    assert digits("ארבע פעמים שבע") == ["7777"]


def test_an_ordinal_or_a_noun_is_no_digit() -> None:
    assert digits("ביום שני הבא") == []
    assert digits("יש לי שבוע חופש") == []


_WORDS = st.sampled_from(
    [
        *HEBREW.numbers.forms,
        *HEBREW.number_runs.twice,
        "פעמים",
        "אפסים",
        "כן",
        "לא",
        "ל",
        "ו",
        "שלום",
        "12",
        "052",
        "+",
        "*",
        ",",
        ".",
    ]
)


@given(st.lists(st.lists(_WORDS, max_size=12).map(" ".join), max_size=4))
def test_whatever_is_said_is_read_to_digits_without_an_error(utterances: list[str]) -> None:
    for run in read_runs(utterances, HEBREW):
        assert all(group.isdecimal() for groups in variants(run) for group in groups)


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for run in read_runs([text], HEBREW):
        assert all(group.isdecimal() for group in next(variants(run)))
