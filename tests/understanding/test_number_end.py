from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from calls.lead_fields import BY_NAME, PHONE, Kind, LeadField
from tests.understanding.hebrew import HEBREW
from understanding.id_numbers import identity_number
from understanding.said import OTHER, Said
from understanding.turn_end import TurnEnd, turn_end

IDENTITY = LeadField("id_number", Kind.ID_NUMBER)
ROOMS = LeadField("rooms", Kind.NUMBER, question="כמה חדרים?")
ORDER = LeadField("order", Kind.NUMBER, question="מה מספר ההזמנה?")
DIGITS = ["אפס", "אחת", "שתיים", "שלוש", "ארבע", "חמש", "שש", "שבע", "שמונה", "תשע"]


def end_of(text: str, field: LeadField | None = BY_NAME[PHONE], earlier: Sequence[str] = ()) -> TurnEnd:
    asked = field.name if field else ""
    return turn_end(Said(text, asked, earlier=tuple(earlier)), field, HEBREW).end


def tail(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=size, max_size=size)


numbers = st.one_of(
    st.builds("05{}{}".format, st.sampled_from("0234568"), tail(7)),
    st.builds("0{}{}{}".format, st.sampled_from("23489"), st.sampled_from("23456789"), tail(6)),
    st.builds("077{}".format, tail(7)),
    st.builds("1700{}".format, tail(6)),
)
identities = (
    tail(8)
    .filter(lambda digits: digits.strip("0"))
    .map(lambda digits: next(digits + last for last in "0123456789" if identity_number(digits + last)))
)


def spoken(digits: str) -> list[str]:
    return [DIGITS[int(digit)] for digit in digits]


@given(numbers, st.booleans())
def test_a_telephone_number_is_dictated_until_its_last_digit(number: str, in_words: bool) -> None:
    """Nobody is interrupted in the middle of a number, however it is grouped."""
    said = spoken(number) if in_words else list(number)
    for size in range(1, len(said)):
        assert end_of(" ".join(said[:size])) is TurnEnd.DICTATING
    assert end_of(" ".join(said)) is TurnEnd.COMPLETE


@given(numbers)
def test_digits_written_together_are_counted_all_the_same(number: str) -> None:
    for size in range(1, len(number)):
        assert end_of(number[:size]) is TurnEnd.DICTATING
    assert end_of(number) is TurnEnd.COMPLETE


@given(numbers, st.data())
def test_a_number_may_come_in_several_utterances(number: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(number) - 1))
    assume(not number[cut:].startswith("00"))  # which begins a number abroad
    assert end_of(number[cut:], earlier=[number[:cut]]) is TurnEnd.COMPLETE
    if cut < len(number) - 1:
        assert end_of(number[cut:-1], earlier=[number[:cut]]) is TurnEnd.DICTATING


@given(identities)
def test_an_identity_number_has_nine_digits(number: str) -> None:
    """Also where eight of them would be one without its zero."""
    said = spoken(number)
    for size in range(1, len(said)):
        assert end_of(" ".join(said[:size]), IDENTITY) is TurnEnd.DICTATING
    assert end_of(" ".join(said), IDENTITY) is TurnEnd.COMPLETE


@pytest.mark.parametrize(
    "text",
    [
        *("אפס חמש כפול", "כוכבית", "כוכבית שלושים", "פלוס תשע שבע שתיים", "052 אה", "אפס חמש שתיים כן"),
        *("הטלפון הוא אפס חמש", "052 123", "אפס חמישים ושתיים"),
    ],
)
def test_a_number_begun(text: str) -> None:
    assert end_of(text) is TurnEnd.DICTATING


@pytest.mark.parametrize(
    "text",
    [
        "*2345",
        "כוכבית 2345",
        "1-700-50-70-80",
        "אפס חמישים, שבע מאות, שלושים וארבע, עשרים ואחת, שתים עשרה",
        "+972521234567",
    ],
)
def test_a_whole_number(text: str) -> None:
    assert end_of(text) is TurnEnd.COMPLETE


def test_a_number_abroad_has_no_fixed_length() -> None:
    assert end_of("+1 212 555 1234") is TurnEnd.ORDINARY


def test_more_digits_than_a_number_has_are_not_waited_for() -> None:
    assert end_of("052123456789") is TurnEnd.ORDINARY


def test_a_part_put_right_may_go_on() -> None:
    said = Said("לא 68", PHONE, known={PHONE: "+972521234567"})
    assert turn_end(said, BY_NAME[PHONE], HEBREW).end is TurnEnd.ORDINARY


def test_another_number_than_the_known_one_is_waited_for() -> None:
    said = Said("לא אפס חמש ארבע", PHONE, known={PHONE: "+972521234567"})
    assert turn_end(said, BY_NAME[PHONE], HEBREW).end is TurnEnd.DICTATING


def test_nine_digits_that_are_no_identity_number() -> None:
    assert not identity_number("123456789")
    assert end_of("123456789", IDENTITY) is TurnEnd.ORDINARY


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("שלוש", TurnEnd.COMPLETE),
        ("שלושה חדרים", TurnEnd.COMPLETE),
        ("ארבע וחצי", TurnEnd.COMPLETE),
        ("עשרים", TurnEnd.ORDINARY),
        ("שלושה חדרים אבל", TurnEnd.OPEN),
    ],
)
def test_how_many(text: str, end: TurnEnd) -> None:
    """ "Twenty" may go on to "and two"; "three rooms" does not."""
    assert end_of(text, ROOMS) is end


@pytest.mark.parametrize(
    ("text", "end"),
    [("ארבע", TurnEnd.DICTATING), ("ארבע חמש שש", TurnEnd.DICTATING), ("4567890", TurnEnd.ORDINARY)],
)
def test_a_number_of_unknown_length(text: str, end: TurnEnd) -> None:
    assert end_of(text, ORDER) is end


def test_a_whole_number_that_ends_in_a_round_one_may_go_on() -> None:
    """ "... twenty", "... and one"."""
    assert end_of("אפס חמישים וארבע שבעים ושש חמישים וארבע שלוש מאות עשרים") is TurnEnd.ORDINARY
    assert end_of("אפס חמישים וארבע שבעים ושש חמישים וארבע שלוש מאות עשרים ואחת") is TurnEnd.COMPLETE


@pytest.mark.parametrize("text", ["לא רק בשלוש", "מחר ב-10:30", "12.5.1985"])
def test_a_time_is_no_beginning_of_a_telephone_number(text: str) -> None:
    assert end_of(text) is not TurnEnd.DICTATING


def test_twice_is_a_digit_only_where_digits_are_told() -> None:
    assert end_of("חייבתם אותי פעמיים", BY_NAME["need"]) is not TurnEnd.DICTATING
    assert end_of("אפס חמש פעמיים", BY_NAME["need"]) is TurnEnd.DICTATING


def test_ten_years_are_no_digits() -> None:
    """ "Two" is written like "years"."""
    assert end_of("אני לקוח כבר עשר שנים", BY_NAME["need"]) is TurnEnd.ORDINARY


def test_a_number_that_nobody_asked_for_is_not_interrupted_either() -> None:
    assert end_of("תחזרו אליי לאפס חמש שתיים", BY_NAME["need"]) is TurnEnd.DICTATING
    assert end_of("תחזרו אליי ל 0521234567", BY_NAME["need"]) is TurnEnd.ORDINARY
    assert end_of("מספר ההזמנה 4 5 6", BY_NAME["need"]) is TurnEnd.DICTATING


def test_a_number_that_was_put_right_may_lack_a_digit() -> None:
    """Which digits the correction replaces is told by those that come after it."""
    said = "אפס חמש שתיים שלוש ארבע לא סליחה שלוש חמש אחת שבע שמונה"
    assert end_of(said) is TurnEnd.UNCERTAIN


def test_a_group_of_digits_to_a_question_that_is_not_known() -> None:
    other = turn_end(Said("7741", OTHER), None, HEBREW)
    assert other.end is TurnEnd.UNCERTAIN
    assert turn_end(Said("12", OTHER), None, HEBREW).end is TurnEnd.ORDINARY
    assert turn_end(Said("טיפול עשרת אלפים", OTHER), None, HEBREW).end is not TurnEnd.DICTATING


def test_a_word_that_is_half_recognized_is_a_digit_begun() -> None:
    """A recognizer that lags shows "thr" for a while: no word that ends a number."""
    assert end_of("אפס שלו") is TurnEnd.DICTATING
    assert end_of("אפס חמש שתיי") is TurnEnd.DICTATING
    assert end_of("אפס חמש שלי") is not TurnEnd.COMPLETE
    assert end_of("יש שלו", None) is not TurnEnd.DICTATING
