"""A webhook is answered in time, whatever becomes of its records."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from calls.bounded_work import BoundedWork
from calls.json_logging import payload
from calls.missing_records import Documents
from functions.shared.bounded_records import BoundedRecords
from functions.shared.errors import RecordsUnavailable


class Deciding:
    def __init__(self) -> None:
        self.give_up_at = 0.0

    def change(self, call_sid: str, lead_id: str, decide: Callable[[Documents], Any], give_up_at: float) -> Any:
        self.give_up_at = give_up_at
        return decide(Documents({"sid": call_sid}, {"id": lead_id}))


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def change(self, *_: object) -> Any:
        raise self._error


class Hanging:
    def __init__(self) -> None:
        self.released = threading.Event()

    def change(self, *_: object) -> Any:
        self.released.wait(30)


def bounded(records: Any, budget_s: float = 5.0, room: int = 4) -> BoundedRecords:
    return BoundedRecords(records, BoundedWork(1, room), budget_s)


def test_what_was_decided_comes_back() -> None:
    records = Deciding()
    decided = bounded(records).change("CA1", "972501234567", lambda documents: documents)
    assert decided == Documents({"sid": "CA1"}, {"id": "972501234567"})
    assert 7 < records.give_up_at - time.monotonic() <= 8, "before Cloud Run ends an instance"


@pytest.mark.parametrize(
    ("error", "line", "level"),
    [
        (RecordsUnavailable("ServiceUnavailable"), "records_not_written", "WARNING"),
        (RuntimeError("leads/972501234567"), "records_failed", "ERROR"),
    ],
)
def test_a_failure_is_one_line_without_anything_personal(
    error: Exception, line: str, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert bounded(Failing(error)).change("CA1", "972501234567", lambda _: None, stream_sid="MZ1") is None
    assert [each.levelname for each in caplog.records] == [level]
    (record,) = [payload(each) for each in caplog.records]
    assert record["message"] == line
    assert (record["call_sid"], record["stream_sid"]) == ("CA1", "MZ1")
    assert "97250" not in str(record)


def test_nothing_is_waited_for_longer_than_the_budget_nor_collected_without_bound(
    caplog: pytest.LogCaptureFixture,
) -> None:
    records = Hanging()
    limited = bounded(records, budget_s=0.02, room=2)
    started = time.monotonic()
    for _ in range(3):
        assert limited.change("CA1", "CA1", lambda _: None) is None
    assert time.monotonic() - started < 2
    assert [vars(each)["problem"] for each in caplog.records] == ["StillRunning", "StillRunning", "Overloaded"]
    records.released.set()
