import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.clock import Clock, clock_at, number_at
from understanding.time_words import tokens_in


def _clock(text: str) -> tuple[int, int] | None:
    tokens = tokens_in(text, HEBREW.times)
    found = clock_at(tokens, 0)
    if found is None or found[1] != len(tokens):
        return None
    return divmod(found[0].minutes(), 60)


@pytest.mark.parametrize(
    ("said", "hour", "minute"),
    [
        ("שש וחצי", 18, 30),
        ("בשבע ועשרים", 19, 20),
        ("רבע לשבע", 18, 45),
        ("עשרה לתשע", 8, 50),
        ("עשר דקות לתשע", 8, 50),
        ("ארבע פחות רבע", 15, 45),
        ("ארבע פחות חמש דקות", 15, 55),
        ("שבע עשרים וחמש", 19, 25),
        ("בשתים עשרה", 12, 0),
        ("שתיים עשרה ורבע", 12, 15),
        ("בשעה אחת עשרה וחצי", 11, 30),
        ("ארבע עשרה שלושים", 14, 30),
        ("עשרים ואחת", 21, 0),
        ("עשרים ושתיים", 22, 0),
        ("עשר בבוקר", 10, 0),
        ("שש בבוקר", 6, 0),
        ("אחת בצהריים", 13, 0),
        ("שבע אחרי הצהריים", 19, 0),
        ("שמונה בערב", 20, 0),
        ("שתים עשרה בלילה", 24, 0),
        ("אחת בלילה", 25, 0),
        ("חצות", 24, 0),
        ("10:30", 10, 30),
        ("08:05", 8, 5),
        ("10.30", 10, 30),
        ("ב-14", 14, 0),
        ("ב-1030", 10, 30),
        ('ב-4 אחה"צ', 16, 0),
        ("9 ורבע", 9, 15),
        ("9 ו-20", 9, 20),
    ],
)
def test_the_hour_of_a_clock(said: str, hour: int, minute: int) -> None:
    assert _clock(said) == (hour, minute)


@pytest.mark.parametrize("said", ["רבע שעה", "25", "050", "12345", "שלום", "שעה", "10:75", "מאה"])
def test_what_is_no_hour(said: str) -> None:
    assert _clock(said) is None


@pytest.mark.parametrize(("hour", "means"), [(1, 13), (6, 18), (7, 19), (8, 8), (10, 10), (12, 12)])
def test_an_hour_is_read_as_business_is_done(hour: int, means: int) -> None:
    assert Clock(hour, 0).minutes() == means * 60


def test_two_hours_of_a_range_are_not_joined() -> None:
    """Between three and five is not five past three."""
    tokens = tokens_in("שלוש וחמש", HEBREW.times)
    assert clock_at(tokens, 0) == (Clock(3, 5), 2)
    assert clock_at(tokens, 0, in_range=True) == (Clock(3, 0), 1)


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_written_hour_comes_back(hour: int, minute: int) -> None:
    found = clock_at(tokens_in(f"{hour:02}:{minute:02}", HEBREW.times), 0)
    assert found is not None
    assert (found[0].hour, found[0].minute) == (hour, minute)


@pytest.mark.parametrize(
    ("said", "number"),
    [("עשרים ושלוש", 23), ("עשרים ואחד", 21), ("שמנה", 8), ("חמשה עשר", 15), ("שתיים", 2), ("שתים", 2), ("47", 47)],
)
def test_numbers_below_a_hundred(said: str, number: int) -> None:
    tokens = tokens_in(said, HEBREW.times)
    assert number_at(tokens, 0) == (number, len(tokens))


HOURS = ["אחת", "שתיים", "שלוש", "ארבע", "חמש", "שש", "שבע", "שמונה", "תשע", "עשר", "אחת עשרה", "שתים עשרה"]
PAST = {
    "": 0,
    " וחצי": 30,
    " ורבע": 15,
    " וחמישה": 5,
    " ועשרה": 10,
    " ועשרים": 20,
    " ועשרים וחמש": 25,
    " שלושים": 30,
    " ארבעים וחמש": 45,
    " פחות רבע": -15,
    " פחות עשרה": -10,
}
PARTS = {"": 0, " בבוקר": 0, " אחרי הצהריים": 12, " בערב": 12}


@given(
    st.integers(1, 12),
    st.sampled_from(sorted(PAST)),
    st.sampled_from(sorted(PARTS)),
    st.sampled_from(["", "ב", "בשעה "]),
)
def test_every_way_to_say_an_hour_comes_back(hour: int, past: str, part: str, before: str) -> None:
    """Apart from morning and evening, where no part of the day is said."""
    said = before + HOURS[hour - 1] + past + part
    found = _clock(said)
    assert found is not None, said
    minutes = (hour * 60 + PAST[past]) % (12 * 60)
    assert (found[0] * 60 + found[1]) % (12 * 60) == minutes, said
    if PARTS[part] and minutes >= 60:
        assert found[0] >= PARTS[part], said


@given(st.integers(1, 12), st.sampled_from(["חמישה", "עשרה", "רבע", "עשרים"]), st.sampled_from(["ל", "ל-"]))
def test_minutes_before_the_hour_come_back(hour: int, minutes: str, to: str) -> None:
    written = str(hour) if "-" in to else HOURS[hour - 1]
    found = _clock(f"{minutes} {to}{written}")
    assert found is not None
    before = {"חמישה": 5, "עשרה": 10, "רבע": 15, "עשרים": 20}[minutes]
    assert (found[0] * 60 + found[1]) % (12 * 60) == (hour * 60 - before) % (12 * 60)
