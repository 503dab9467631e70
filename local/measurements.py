"""What a measurement of many calls at once found, for people and for `docs/bench.md`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from local.turns import percentile

_MEBIBYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Load:
    """What the load generator heard. Seconds."""

    greetings: tuple[float, ...]
    """From a stream's start message to its first audio."""
    turns: tuple[float, ...]
    """From the caller's last speech to the answer's first, at the phone."""
    unanswered: int
    lateness_s: float
    """How far the generator fell behind real time at worst; what it heard is no better than this."""

    @classmethod
    def from_dict(cls, known: dict[str, Any]) -> Load:
        return cls(tuple(known["greetings"]), tuple(known["turns"]), known["unanswered"], known["lateness_s"])


@dataclass(frozen=True, slots=True)
class Measurements:
    calls: int
    window_s: float
    """While all calls were up at once; only this long was the CPU measured."""
    cpu_s: float
    """Used by the media service in that time."""
    memory_bytes: int
    """Resident in the media service at the end of it."""
    webhooks: tuple[float, ...]
    """Seconds of each warm request to incoming_call, one at a time."""
    events: tuple[float, ...]
    """Seconds of each event at summarize, one at a time, the ends of calls included."""
    load: Load
    machine: str

    @property
    def core_percent_per_call(self) -> float:
        return 100 * self.cpu_s / self.window_s / self.calls

    def table(self) -> list[str]:
        load = self.load
        rows = [
            ("media service, CPU", f"{self.core_percent_per_call:.2f} % of a core per call"),
            ("media service, memory", f"{self.memory_bytes / _MEBIBYTE:.0f} MiB"),
            ("greeting", _spread(load.greetings)),
            ("turn, as heard", f"{_spread(load.turns)}   ({len(load.turns)} answered, {load.unanswered} not)"),
            ("incoming_call, warm", f"{_spread(self.webhooks)}   ({len(self.webhooks)} one at a time)"),
            ("summarize, an event", f"{_spread(self.events)}   ({len(self.events)} one at a time)"),
            ("load generator", f"at most {load.lateness_s * 1000:.0f} ms behind real time"),
            ("machine", self.machine),
        ]
        return [f"{self.calls} calls at once, measured for {self.window_s:.1f} s (latencies: p50 / p95)"] + [
            f"  {name:<22} {value}" for name, value in rows
        ]

    def markdown_row(self, date: str) -> str:
        cells = [
            date,
            str(self.calls),
            f"{self.core_percent_per_call:.2f} %",
            f"{self.memory_bytes / _MEBIBYTE:.0f} MiB",
            _spread(self.load.greetings),
            _spread(self.load.turns),
            _spread(self.webhooks),
            _spread(self.events),
            self.machine,
        ]
        return f"| {' | '.join(cells)} |"


MARKDOWN_HEAD: Final = """# Measurements

`make bench KEEP=1` adds a line: many simulated calls at once against one media service, with stand-ins for Google's
speech services on the same machine. Latencies are p50 / p95.

| date | calls | core per call | memory | greeting | turn, as heard | incoming_call | summarize | machine |
|---|---|---|---|---|---|---|---|---|
"""


def cpu_seconds(stat: str, ticks_per_s: int) -> float:
    """From a line of `/proc/<pid>/stat`: the process's own time in user and kernel mode, all threads."""
    # The second field is the program's name in brackets and may hold spaces and brackets itself.
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / ticks_per_s


def resident_bytes(statm: str, page_bytes: int) -> int:
    """From `/proc/<pid>/statm`."""
    return int(statm.split()[1]) * page_bytes


def _spread(values: Sequence[float]) -> str:
    p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
    return "nothing measured" if p50 is None or p95 is None else f"{p50 * 1000:.0f} / {p95 * 1000:.0f} ms"
