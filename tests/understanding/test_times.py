import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.moments import ISRAEL
from understanding.said import Said
from understanding.times import TimeReading, read_time

SET = Path(__file__).parents[2] / "evals" / "sets" / "words" / "times.json"
WEDNESDAY = datetime(2026, 1, 14, 10, tzinfo=ISRAEL)


def _read(text: str, *earlier: str, at: datetime | None = WEDNESDAY, asked: bool = True) -> TimeReading:
    return read_time(Said(text, earlier=earlier, at=at), HEBREW, asked=asked)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ISRAEL)


def _wrong(item: dict[str, Any]) -> str:
    """What was understood, where it is not what is expected."""
    texts = item.get("texts") or [item["text"]]
    now, known = _moment(item["now"]), item.get("known") or {}
    found = TimeReading()
    for place, text in enumerate(texts):
        said = Said(text, item["asked"], earlier=tuple(texts[:place]), known=known, at=now)
        read = read_time(said, HEBREW, asked=item["asked"] == "callback_time")
        found = read if read.text else found
    expected = item["expect"].get("callback_time", found.text or None)
    if (found.text or None) not in (expected if isinstance(expected, list) else [expected]):
        return f"{item['id']} {texts}: {found}"
    if window := item["expect"].get("callback_at"):
        earliest, latest = (_moment(window[end]) for end in ("earliest", "latest"))
        if found.at is None or not earliest <= found.at <= latest:
            return f"{item['id']} {texts}: {found}"
    return ""


def test_the_set_of_times_is_read_without_a_mistake() -> None:
    items = json.loads(SET.read_text(encoding="utf-8"))
    assert len(items) > 400
    assert [wrong for item in items if (wrong := _wrong(item))] == []


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
    assert read_time(Said(said), HEBREW).text == (time or "")


def test_a_time_nobody_asked_for_is_part_of_something_else() -> None:
    assert read_time(Said("מחר בבוקר"), HEBREW, asked=False).text == ""
    assert _read("אני צריכה טכנאי מחר בבוקר", asked=False).text == ""


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("אני צריכה טכנאי, תחזרו אליי מחר בעשר", "מחר בעשר"),
        ("מחר בעשר תתקשרו אליי", "מחר בעשר"),
        ("יש לי נזילה מאתמול ואני פנויה אחרי ארבע", "אחרי ארבע"),
        ("אני אתקשר מחר", ""),
    ],
)
def test_unasked_a_time_counts_beside_the_wish_for_a_call(said: str, text: str) -> None:
    assert _read(said, asked=False).text == text


@pytest.mark.parametrize("said", ["אין צורך", "אל תתקשרו", "לא משנה", "אני אתקשר מחר", "תודה, לא צריך שתחזרו"])
def test_a_refusal_is_told_from_an_answer_without_a_time(said: str) -> None:
    assert _read(said) == TimeReading(refused=True)
    assert _read("רגע") == TimeReading()


def test_a_time_after_a_refusal_counts() -> None:
    found = _read("לא משנה לי, מחר בעשר")
    assert (found.text, found.refused) == ("מחר בעשר", False)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("לא, בארבע", "מחר בארבע"),
        ("לא בארבע", "מחר בארבע"),
        ("סליחה, מחרתיים", "בשלוש מחרתיים"),
        ("בעצם עדיף ביום ראשון בעשר", "ביום ראשון בעשר"),
        ("ביום ראשון", "ביום ראשון"),
        ("בלי אימייל, תודה", ""),
        ("לא, תודה", ""),
    ],
)
def test_a_correction_keeps_of_the_known_time_what_it_does_not_touch(said: str, text: str) -> None:
    known = {"callback_time": "מחר בשלוש"}
    found = read_time(Said(said, "callback_time", known=known, at=WEDNESDAY), HEBREW)
    assert found.text == text


def test_what_says_nothing_of_a_time_leaves_the_one_before_to_itself() -> None:
    """Its quote stays the utterance that gave it."""
    assert _read("תודה", "מחר בעשר") == TimeReading()
    assert _read("בעשר", "מחר").text == "מחר בעשר"


def test_without_a_clock_the_words_are_kept_and_no_moment() -> None:
    assert _read("מחר בעשר", at=None) == TimeReading("מחר בעשר")


def test_a_moment_is_told_in_israel_wherever_the_clock_stands() -> None:
    """At half past ten in the evening UTC it is tomorrow there already."""
    found = _read("מחר בעשר", at=datetime.fromisoformat("2026-01-14T22:30:00+00:00"))
    assert found.at == datetime(2026, 1, 16, 10, tzinfo=ISRAEL)


def test_a_window_has_an_end_and_an_hour_has_none() -> None:
    assert _read("בין שלוש לחמש").until == WEDNESDAY.replace(hour=17)
    assert _read("מחר בעשר").until is None


def test_niqqud_and_marks_of_direction_change_nothing() -> None:
    assert _read("\u200fמָחָר בְּעֶשֶׂר\u200f").at == _read("מחר בעשר").at


@given(
    st.lists(
        st.sampled_from(
            [
                "מחר",
                "בעשר",
                "לא",
                "או",
                "עד",
                "בין",
                "שלוש",
                "ל",
                "-",
                "10:30",
                "3.12",
                "?",
                "אחרי",
                "החג",
                "רבע",
                "בעוד",
                "שעה",
                "יום",
                "ב",
                "ו",
                "סליחה",
                "תשע",
            ]
        ),
        max_size=9,
    )
)
def test_whatever_is_said_a_moment_is_not_before_now_nor_after_its_end(words: list[str]) -> None:
    found = _read(" ".join(words))
    assert found.at is None or found.at >= WEDNESDAY
    assert found.until is None or (found.at is not None and found.until >= found.at)
    assert found.text or found.at is None


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    _read(text)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(1, 300))
def test_a_written_time_of_a_named_day_comes_back(hour: int, minute: int, days: int) -> None:
    day = WEDNESDAY + timedelta(days=days)
    found = _read(f"ב-{day.day}.{day.month} בשעה {hour:02}:{minute:02}")
    assert found.at is not None
    # On one night of the year the clocks skip the hour after two.
    wall = day.replace(hour=hour, minute=minute).astimezone(UTC).astimezone(ISRAEL)
    assert found.at == wall


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("מחר לא נוח לי אולי ביום ראשון", "ביום ראשון"),
        ("לא עכשיו מחר", "מחר"),
        ("אה לא בשלוש, בארבע", "בארבע"),
        ("יום שני אה לא יום שלישי", "יום שלישי"),
        ("אחרי הצהריים של מחר", "אחרי הצהריים של מחר"),
        ("מה שנוח לכם", "מה שנוח לכם"),
        ("תחזור על מה שאמרת", ""),
    ],
)
def test_what_is_denied_and_what_stands(said: str, time: str) -> None:
    assert _read(said).text == time


@pytest.mark.parametrize(
    ("said", "at", "until"),
    [
        ("כשאני מסיים את העבודה בחמש", "2026-01-14T17:00", "2026-01-14T21:00"),
        ("בשבוע הבא באמצע השבוע", "2026-01-20T09:00", "2026-01-21T19:00"),
        ("בשבוע שאחרי פסח", "2026-04-09T09:00", "2026-04-13T19:00"),
        ("בימים א עד ה בין תשע לחמש", "2026-01-14T10:00", "2026-01-15T17:00"),
    ],
)
def test_moments_of_longer_wordings(said: str, at: str, until: str) -> None:
    read = _read(said)
    assert [each and each.strftime("%Y-%m-%dT%H:%M") for each in (read.at, read.until)] == [at, until]
