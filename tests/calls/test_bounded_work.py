"""Work goes on after its budget, and never piles up."""

import logging
import threading

import pytest

from calls.bounded_work import BoundedWork, Overloaded, StillRunning

SOON_S = 0.01
LONG_S = 10.0


def test_the_result_comes_back_within_the_budget() -> None:
    assert BoundedWork(1, 1).run(lambda: 42, LONG_S, "CA1") == 42


@pytest.mark.parametrize("error", [ValueError, TimeoutError])
def test_an_error_of_the_work_comes_back_as_itself(error: type[Exception]) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(error):
        BoundedWork(1, 1).run(fail, LONG_S, "CA1")


def test_work_beyond_its_budget_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    may_end, ended = threading.Event(), threading.Event()

    def slow() -> None:
        may_end.wait(LONG_S)
        ended.set()

    work = BoundedWork(1, 2)
    with pytest.raises(StillRunning):
        work.run(slow, SOON_S, "CA1")
    assert not ended.is_set()
    may_end.set()
    assert ended.wait(LONG_S)
    work.run(lambda: None, LONG_S, "CA2")  # the one thread is done with the first piece
    assert [(r.message, vars(r)["call_sid"]) for r in caplog.records] == [("late_work_done", "CA1")]


def test_a_late_failure_is_logged_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    """Messages of database errors name documents, and leads are named by phone numbers."""
    may_end = threading.Event()

    def fail() -> None:
        may_end.wait(LONG_S)
        raise ValueError("leads/972501234567")

    work = BoundedWork(1, 2)
    with pytest.raises(StillRunning):
        work.run(fail, SOON_S, "CA1")
    may_end.set()
    work.run(lambda: None, LONG_S, "CA2")
    assert [(r.message, vars(r)["problem"]) for r in caplog.records] == [("late_work_failed", "ValueError")]
    assert "97250" not in caplog.text


def test_more_work_than_allowed_is_refused_at_once_and_room_comes_back() -> None:
    may_end = threading.Event()
    work = BoundedWork(threads=1, most_pending=2)
    running = [work.start(lambda: may_end.wait(LONG_S)) for _ in range(2)]
    with pytest.raises(Overloaded):
        work.run(lambda: None, LONG_S, "CA1")
    may_end.set()
    assert all(future.result(LONG_S) for future in running)
    assert work.run(lambda: 1, LONG_S, "CA1") == 1


def test_no_thread_starts_before_the_first_work() -> None:
    """A server may fork between the two, and threads do not live on in the fork."""
    before = set(threading.enumerate())
    work = BoundedWork(4, 4)
    assert set(threading.enumerate()) <= before
    assert work.run(threading.current_thread, LONG_S, "CA1") not in before
