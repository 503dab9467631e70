"""What the log says of the request being handled: its trace, and the call it belongs to.

Kept in a context variable: each request, and every task it starts, has its own. Threads do not inherit it; who hands
work to a thread hands a copy of the context with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class Trace:
    """By which Cloud Logging shows a line beside the request it belongs to."""

    trace_id: str
    """32 hexadecimal digits."""
    span_id: str = ""
    """16 hexadecimal digits, or nothing."""
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class LogContext:
    trace: Trace | None = None
    call_sid: str = ""


class Headers(Protocol):
    """Looked up without regard to letter case."""

    def get(self, name: str, /) -> str | None: ...


_NOTHING_KNOWN: Final = LogContext()
_current: ContextVar[LogContext] = ContextVar("log_context", default=_NOTHING_KNOWN)

# Anybody may send these headers, and what is taken from them stands in the log: hexadecimal digits and nothing else.
_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?"
)
_CLOUD_TRACE: Final = re.compile(r"(?!0{32})([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=([0-9]+))?")


def trace_in(headers: Headers) -> Trace | None:
    """The trace that Google's front end has given the request, in W3C's form or its own older one."""
    if found := _TRACEPARENT.fullmatch(headers.get("traceparent") or ""):
        return Trace(found[1], found[2], sampled=bool(int(found[3], 16) & 1))
    if found := _CLOUD_TRACE.fullmatch((headers.get("X-Cloud-Trace-Context") or "").lower()):
        span = int(found[2] or 0)
        return Trace(found[1], f"{span:016x}" if 0 < span < 2**64 else "", sampled=found[3] == "1")
    return None


@contextmanager
def handling(trace: Trace | None = None, call_sid: str = "") -> Iterator[None]:
    """Within the block, lines belong to these. What is not given stays as it is."""
    now = _current.get()
    token = _current.set(replace(now, trace=trace or now.trace, call_sid=call_sid or now.call_sid))
    try:
        yield
    finally:
        _current.reset(token)


def current() -> LogContext:
    return _current.get()
