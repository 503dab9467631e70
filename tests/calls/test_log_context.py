"""Every line says whose it is: the trace comes from Google's front end, and nothing else gets in with it."""

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calls import log_context
from calls.bounded_work import BoundedWork, StillRunning
from calls.log_context import LogContext, Trace, handling, trace_in

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("header", "value", "trace"),
    [
        ("traceparent", f"00-{TRACE}-b7ad6b7169203331-01", Trace(TRACE, "b7ad6b7169203331", sampled=True)),
        ("traceparent", f"00-{TRACE}-b7ad6b7169203331-00", Trace(TRACE, "b7ad6b7169203331")),
        ("X-Cloud-Trace-Context", f"{TRACE}/1;o=1", Trace(TRACE, "0000000000000001", sampled=True)),
        ("X-Cloud-Trace-Context", f"{TRACE.upper()}/18446744073709551615;o=0", Trace(TRACE, "f" * 16)),
        ("X-Cloud-Trace-Context", f"{TRACE}/99999999999999999999", Trace(TRACE)),
        ("X-Cloud-Trace-Context", TRACE, Trace(TRACE)),
    ],
)
def test_a_trace_is_read_in_either_form(header: str, value: str, trace: Trace) -> None:
    assert trace_in({header: value}) == trace


@pytest.mark.parametrize(
    "value",
    ["", "x", "0" * 32, TRACE + '","severity":"ALERT', f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-b7ad6b7169203331-01"],
)
@pytest.mark.parametrize("header", ["traceparent", "X-Cloud-Trace-Context"])
def test_what_is_no_trace_is_left_out(header: str, value: str) -> None:
    assert trace_in({header: value}) is None


def test_one_form_that_cannot_be_read_leaves_the_other() -> None:
    assert trace_in({"traceparent": "odd", "X-Cloud-Trace-Context": TRACE}) == Trace(TRACE)


@given(st.text() | st.from_regex(rf"{TRACE}.{{0,30}}"))
@example(f"00-{TRACE}-b7ad6b7169203331-01\n")
def test_only_hexadecimal_digits_reach_the_log(value: str) -> None:
    for header in ("traceparent", "X-Cloud-Trace-Context"):
        trace = trace_in({header: value})
        if trace:
            assert set(trace.trace_id + trace.span_id) <= set("0123456789abcdef")


def test_inside_a_request_what_is_learnt_later_is_added_and_it_all_ends_with_the_request() -> None:
    with handling(Trace(TRACE)):
        with handling(call_sid="CA1"):
            assert log_context.current() == LogContext(Trace(TRACE), "CA1")
        assert log_context.current() == LogContext(Trace(TRACE))
    assert log_context.current() == LogContext()


async def test_two_calls_at_once_do_not_share_it() -> None:
    seen: dict[str, str] = {}

    async def work(call_sid: str) -> None:
        await asyncio.sleep(0)
        seen[call_sid] = log_context.current().call_sid

    async def call(call_sid: str) -> None:
        with handling(call_sid=call_sid):
            await asyncio.create_task(work(call_sid))

    await asyncio.gather(call("CA1"), call("CA2"))

    assert seen == {"CA1": "CA1", "CA2": "CA2"}


class _Contexts(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, LogContext]] = []
        self.written = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append((record.getMessage(), log_context.current()))
        self.written.set()


@pytest.fixture
def contexts() -> Iterator[_Contexts]:
    log, handler = logging.getLogger("calls.bounded_work"), _Contexts()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)


def test_work_on_another_thread_and_its_late_end_belong_to_the_request(contexts: _Contexts) -> None:
    work, may_end = BoundedWork(threads=1, most_pending=1), threading.Event()
    seen = []

    def slow() -> None:
        may_end.wait(10)
        seen.append(log_context.current())

    with handling(Trace(TRACE), "CA1"), pytest.raises(StillRunning):
        work.run(slow, budget_s=0.0, call_sid="CA1")
    may_end.set()

    assert contexts.written.wait(10)
    assert seen == [LogContext(Trace(TRACE), "CA1")]
    assert contexts.seen == [("late_work_done", LogContext(Trace(TRACE), "CA1"))]
