from datetime import datetime

import pytest

from tests.understanding.hebrew import HEBREW
from understanding.moments import ISRAEL
from understanding.time_items import DAY, HOURS, LENGTH, PART, SOON, Item, item_at
from understanding.time_words import tokens_in

NOW = datetime(2026, 1, 14, 10, tzinfo=ISRAEL)


def _item(text: str) -> Item | None:
    return item_at(tokens_in(text, HEBREW.times), 0, NOW, -1)


@pytest.mark.parametrize(
    ("said", "kind", "bound"),
    [
        ("אחרי ארבע", HOURS, "after"),
        ("לפני עשר", HOURS, "before"),
        ("עד חמש", HOURS, "until"),
        ("משלוש", HOURS, "from"),
        ("משלוש והלאה", HOURS, "from"),
        ("החל מ-10", HOURS, "from"),
        ("בסביבות שמונה", HOURS, ""),
        ("עד הצהריים", HOURS, "until"),
        ("בסביבות הצהריים", PART, ""),
        ("עד יום חמישי", DAY, "until"),
        ("אחרי החג", DAY, "from"),
        ("מיד", SOON, ""),
    ],
)
def test_a_limit_belongs_to_what_it_limits(said: str, kind: str, bound: str) -> None:
    item = _item(said)
    assert item and (item.kind, item.bound, item.ends) == (kind, bound, len(tokens_in(said, HEBREW.times)))


@pytest.mark.parametrize(
    ("said", "begins", "ends"),
    [
        ("בין שלוש לחמש", 15, 17),
        ("בין שלוש ל-5", 15, 17),
        ("בין שלוש וחמש", 15, 17),
        ("מ-9 עד 12", 9, 12),
        ("מתשע לשתים עשרה", 9, 12),
        ("9-12", 9, 12),
        ("10:00 - 12:00", 10, 12),
        ("מעשר ועד אחת עשרה", 10, 11),
        ("בין 10 בבוקר ל-12 בצהריים", 10, 12),
    ],
)
def test_a_range_of_hours(said: str, begins: int, ends: int) -> None:
    item = _item(said)
    assert item and item.clock and item.to
    assert (item.clock.minutes(), item.to.minutes()) == (begins * 60, ends * 60)


@pytest.mark.parametrize(
    ("said", "earliest", "latest"),
    [
        ("בעוד שעתיים", 120, 120),
        ("עוד חצי שעה", 30, 30),
        ("בעוד רבע שעה", 15, 15),
        ("עוד שעה ורבע", 75, 75),
        ("עוד שעה ועשר דקות", 70, 70),
        ("בעוד 3 שעות", 180, 180),
        ("תוך שעה", 0, 60),
        ("עוד שעה שעתיים", 60, 120),
        ("עוד שעה או שעתיים", 60, 120),
        ("עוד חצי שעה עד שעה", 30, 60),
        ("עוד שעתיים שלוש", 120, 180),
        ("שעה מעכשיו", 60, 60),
    ],
)
def test_a_length_of_time_from_now(said: str, earliest: int, latest: int) -> None:
    item = _item(said)
    assert item and (item.kind, item.minutes) == (LENGTH, (earliest, latest))


@pytest.mark.parametrize("said", ["שלושה ילדים", "שלוש פעמים", "שני חדרים", "עוד משהו", "חמש מאות שקל", "אחרי העבודה"])
def test_numbers_and_lengths_of_something_else_are_no_times(said: str) -> None:
    assert _item(said) is None


def test_a_bare_hour_stands_alone_or_beside_a_time() -> None:
    assert _item("שלוש") is not None
    assert _item("שלוש בבוקר") is not None
    assert _item("שלוש דירות") is None
