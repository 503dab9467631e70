import pytest

from tests.understanding.hebrew import HEBREW
from understanding.said import Said
from understanding.times import time_in


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("מחר בבוקר", "מחר בבוקר"),
        ("אה, מחר בעשר, תודה רבה", "מחר בעשר"),
        ("בכל יום", "בכל יום"),
        ("כן", None),
        ("להתראות", None),
        ("תודה ולהתראות", None),
    ],
)
def test_when_to_call_back(said: str, time: str | None) -> None:
    found = time_in(Said(said), asked=True, language=HEBREW)
    assert (found.value if found else None) == time


def test_a_time_nobody_asked_for_is_part_of_something_else() -> None:
    assert time_in(Said("מחר בבוקר"), asked=False, language=HEBREW) is None
