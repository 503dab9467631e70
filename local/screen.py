"""Draw the demonstration: rows that stay, one line that changes in place, tables, documents.

Where the output is no terminal (a log of continuous integration) the changing line is left out and the rest is plain
text. Hebrew is written as stored, in logical order and at the end of its line: turning it round is the terminal's part.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from local.narration import Row, Who
from local.service_log import TurnLatency
from local.turns import Turn, percentile

_STYLES: Final = {
    Who.CALLER: "bold cyan",
    Who.HEARD: "cyan",
    Who.ASSISTANT: "bold green",
    Who.PHONE: "dim",
    Who.TROUBLE: "bold red",
}


class Screen:
    def __init__(self, console: Console | None = None) -> None:
        # `soft_wrap` everywhere below: a line that is cut or broken by us cannot be read in its right order.
        self._console = console or Console(highlight=False)

    def heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(text, "bold"), soft_wrap=True)

    def line(self, text: str, style: str = "") -> None:
        self._console.print(Text(f"  {text}", style), soft_wrap=True)

    @contextlib.contextmanager
    def call(self) -> Iterator[CallScreen]:
        """While the call goes on."""
        with CallScreen(self._console) as on_screen:
            yield on_screen

    def turns(self, turns: Sequence[Turn]) -> None:
        """What the service measured, and last what the caller waited for, as the phone heard it."""
        self._cells("turn", "partial", "final", "tts", "total", "heard", "after the caller said")
        for number, turn in enumerate(turns, start=1):
            said = turn.heard.text + (" (talking over the assistant)" if turn.heard.barge_in else "")
            self._cells(str(number), *_figures(turn.measured), _seconds(turn.heard.latency_s), said)
        totals = [turn.measured.total_s for turn in turns if turn.measured and turn.measured.total_s is not None]
        waits = [turn.heard.latency_s for turn in turns if turn.heard.latency_s is not None]
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            self._cells(name, "", "", "", _seconds(percentile(totals, share)), _seconds(percentile(waits, share)), "")

    def document(self, lines: Sequence[str]) -> None:
        path, *content = lines
        self._console.print()
        self.line(path, "bold")
        for each in content:
            self.line(each)

    def _cells(self, *cells: str) -> None:
        *narrow, last = cells
        self.line("  ".join((*(f"{cell:>7}" for cell in narrow), last)).rstrip())


class CallScreen:
    """One call as it happens."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None

    def __enter__(self) -> CallScreen:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, rows: Sequence[Row], now: Row | None) -> None:
        if self._live is not None:
            self._live.update(_drawn(now, "") if now is not None else Text(""), refresh=True)
        for row in rows:
            self._console.print(_drawn(row, _clock(row.at)), soft_wrap=True)


def _drawn(row: Row, clock: str) -> Text:
    style = _STYLES[row.who]
    return Text.assemble((f"  {clock:>6}  ", "dim"), (f"{row.who:<10}", style), (row.text, style))


def _figures(measured: TurnLatency | None) -> tuple[str, str, str, str]:
    if measured is None:
        return "-", "-", "-", "-"
    return (
        _seconds(measured.partial_s),
        _seconds(measured.final_s),
        _seconds(measured.tts_s),
        _seconds(measured.total_s),
    )


def _clock(at: float) -> str:
    return f"{at:.1f} s"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
