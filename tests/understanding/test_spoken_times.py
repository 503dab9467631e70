from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.moments import ISRAEL
from understanding.said import Said
from understanding.spoken_times import spoken_time
from understanding.times import read_time

WORDS = HEBREW.spoken_times
NOW = datetime(2026, 1, 14, 10, tzinfo=ISRAEL)  # a Wednesday


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ISRAEL)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-01-14T16:00", "היום בארבע אחר הצהריים"),
        ("2026-01-15T09:00", "מחר בתשע בבוקר"),
        ("2026-01-15T09:45", "מחר ברבע לעשר בבוקר"),
        ("2026-01-17T19:30", "ביום שבת בשבע וחצי בערב"),
        ("2026-01-18T09:00", "ביום ראשון בתשע בבוקר"),
        ("2026-01-19T12:20", "ביום שני בשתים עשרה ועשרים בצהריים"),
        ("2026-01-20T08:37", "ביום שלישי ב-8:37 בבוקר"),
        ("2026-01-21T13:00", "ביום רביעי, ה-21 בינואר באחת בצהריים"),
    ],
)
def test_a_moment_as_it_is_said(at: str, said: str) -> None:
    assert spoken_time(_at(at), NOW, WORDS) == said


def test_today_is_that_of_israel() -> None:
    late = datetime.fromisoformat("2026-01-14T22:30+00:00")  # 00:30 on Thursday, there
    assert spoken_time(_at("2026-01-15T09:00"), late, WORDS) == "היום בתשע בבוקר"


@given(st.integers(0, 90), st.integers(5 * 12, 24 * 12 - 1), st.integers(0, 4))
def test_what_is_said_reads_back_as_the_moment(days: int, five_minutes: int, odd: int) -> None:
    """The caller hears the time that is stored, and may repeat it."""
    at = _at("2026-01-14T00:00") + timedelta(days=days, minutes=5 * five_minutes + odd)
    at = at if at > NOW else at + timedelta(days=7)
    said = spoken_time(at, NOW, WORDS)
    read = read_time(Said(said, asked="callback_time", at=NOW), HEBREW)
    assert (read.at, read.until) == (at, None), said
