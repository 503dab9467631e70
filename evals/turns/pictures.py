"""A picture of a call: what the caller said and what was recognized of it, over what the assistant made and played.

Time goes from left to right, a second between two lines. Hebrew stands in its own direction within each box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Final

from evals.turns.trace import Trace

_SECOND: Final = 110.0
_LEFT: Final = 110.0
_ROW: Final = 22.0
_TOP: Final = 54.0
_ROWS: Final = (
    "caller", "sounds", "streams", "interims", "", "", "finals", "", "decided", "", "",
    "asked", "", "model", "voice", "", "plays", "",
)  # fmt: skip
_CALLER, _SOUNDS, _STREAMS, _INTERIMS, _FINALS, _DECIDED, _ASKED, _MODEL, _VOICE, _PLAYS = (
    _ROWS.index(name)
    for name in ("caller", "sounds", "streams", "interims", "finals", "decided", "asked", "model", "voice", "plays")
)
_STAGGER: Final = 3
"""Neighbouring interims stand below each other."""

_STYLE: Final = (
    "text{font:11px sans-serif;fill:#222}.t{font-size:14px;font-weight:bold}.m{fill:#b00}.w{fill:#060}"
    ".g{stroke:#e4e4e4}.word{fill:#9ecae9}.other{fill:#d5c4a1}.question{fill:#c7e9c0}.reply{fill:#fdae6b}.said{fill:#ddd}"
    ".held{fill:none;stroke:#999;stroke-dasharray:3 2}.turn{fill:#eef6fc}.clear{stroke:#c00;stroke-width:2}"
    ".decided{stroke:#c60}.interim{fill:#69c}.final{fill:#258}"
)


def write_picture(path: Path, trace: Trace, misses: Sequence[str]) -> None:
    path.write_text(picture(trace, misses), encoding="utf-8")


def picture(trace: Trace, misses: Sequence[str]) -> str:
    """The SVG. Begins a second before the question is heard."""
    began = max(0.0, trace.question_at - 1.0)
    ended = max([trace.ended_at, *(piece.end for piece in trace.heard)])
    drawing = _Drawing(began, ended)
    return drawing.svg(trace, misses)


class _Drawing:
    def __init__(self, began: float, ended: float) -> None:
        self._began = began
        self._ended = ended
        self._width = _LEFT + (ended - began) * _SECOND + 40
        self._height = _TOP + len(_ROWS) * _ROW + 30

    def svg(self, trace: Trace, misses: Sequence[str]) -> str:
        parts = [*self._frame(trace, misses), *self._caller(trace), *self._assistant(trace)]
        size = f"width='{self._width:.0f}' height='{self._height:.0f}'"
        return "\n".join(
            [f"<svg xmlns='http://www.w3.org/2000/svg' {size}>", f"<style>{_STYLE}</style>", *parts, "</svg>", ""]
        )

    def _frame(self, trace: Trace, misses: Sequence[str]) -> Iterator[str]:
        yield f"<rect width='{self._width:.0f}' height='{self._height:.0f}' fill='white'/>"
        turn = trace.turn
        yield f"<text x='10' y='20' class='t'>{escape(turn.id)} ({escape(turn.expect)})</text>"
        told = "; ".join(misses) or "as wanted"
        yield f"<text x='10' y='40' class='{'m' if misses else 'w'}'>{escape(told)}</text>"
        left, right = self._x(trace.words_at), self._x(trace.over_at)
        yield _rect("turn", left, _TOP, right - left, len(_ROWS) * _ROW)
        for second in range(int(self._began), int(self._ended) + 1):
            x = self._x(second)
            if x >= _LEFT:
                yield f"<line class='g' x1='{x:.0f}' x2='{x:.0f}' y1='{_TOP}' y2='{self._height - 24:.0f}'/>"
                yield f"<text x='{x:.0f}' y='{self._height - 10:.0f}'>{second} s</text>"
        for row, name in enumerate(_ROWS):
            if name:
                yield f"<text x='10' y='{self._y(row) + 15:.0f}'>{name}</text>"

    def _caller(self, trace: Trace) -> Iterator[str]:
        again = [] if trace.again_at is None else [(trace.again_at, word) for word in trace.turn.again]
        for at, word in [*((trace.turn_at, word) for word in trace.turn.words), *again]:
            yield from self._box("word", _CALLER, at + word.start_s, at + word.end_s, word.text)
        for sound in trace.turn.sounds:
            at = trace.turn_at + sound.at_s
            yield from self._box("other", _SOUNDS, at, at + sound.seconds, sound.text or sound.kind)
        for at in trace.streams:
            if at >= self._began:
                yield from self._point("final", _STREAMS, at, "opened")
        interims = [result for result in trace.results if not result.is_final and result.at >= self._began]
        for number, result in enumerate(interims):
            newest = result.text.split()[-1:] or ["-"]
            yield from self._point("interim", _INTERIMS + number % _STAGGER, result.at, newest[0])
        finals = [result for result in trace.results if result.is_final and result.at >= self._began]
        for number, result in enumerate(finals):
            yield from self._point("final", _FINALS + number % 2, result.at, result.text or "(empty)")
        for number, closed in enumerate(closed for closed in trace.closed if closed.at >= self._began):
            x, y = self._x(closed.at), self._y(_DECIDED + number % _STAGGER)
            yield f"<line class='decided' x1='{x:.1f}' x2='{x:.1f}' y1='{_TOP}' y2='{self._height - 30:.0f}'/>"
            why = f" ({closed.reason})" if closed.reason else ""
            yield _text(x + 3, y + 15, f"{closed.text}{why}")

    def _assistant(self, trace: Trace) -> Iterator[str]:
        for request in trace.requests:
            if request.at >= self._began:
                yield from self._point("final", _ASKED, request.at, f"reply {request.number}")
        for at, turn in trace.cancelled:
            if at >= self._began:
                yield from self._point("clear", _ASKED + 1, at, f"drop {turn}")
        for at, text in trace.replies:
            yield from self._point("interim", _MODEL, at, text.split()[0])
        for number, (at, text) in enumerate(trace.syntheses):
            if at >= self._began:
                yield from self._point("interim", _VOICE + number % 2, at, text.split()[0])
        for piece in trace.heard:
            if piece.end < self._began:
                continue
            kind = "question" if trace.is_question(piece) else "said" if trace.reply_of(piece) is None else "reply"
            yield from self._box(kind, _PLAYS, piece.start, piece.end, " ".join(word for _, word, _ in piece.words))
        spans = trace.spans(trace.of_question)
        for (_, held), (resumed, _) in pairwise(spans):
            yield from self._box("held", _PLAYS, held, resumed, f"held {resumed - held:.2f} s", below=True)
        for at in trace.clears:
            if at >= self._began:
                x, top, bottom = self._x(at), self._y(_PLAYS), self._y(_PLAYS + 2)
                yield f"<line class='clear' x1='{x:.1f}' x2='{x:.1f}' y1='{top}' y2='{bottom}'/>"

    def _box(self, kind: str, row: int, start: float, end: float, text: str, *, below: bool = False) -> Iterator[str]:
        left, right = max(_LEFT, self._x(start)), self._x(end)
        yield _rect(kind, left, self._y(row) + 2, max(1.0, right - left - 1), _ROW - 4)
        yield _text(left + 3, self._y(row + below) + 15, text, width=None if below else right - left - 4)

    def _point(self, kind: str, row: int, at: float, text: str) -> Iterator[str]:
        x, y = self._x(at), self._y(row) + _ROW / 2
        yield f"<circle class='{kind}' cx='{x:.1f}' cy='{y:.1f}' r='3'/>"
        yield _text(x + 5, y + 4, text)

    def _x(self, at: float) -> float:
        return _LEFT + (at - self._began) * _SECOND

    def _y(self, row: int) -> float:
        return _TOP + row * _ROW


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f"<rect class='{kind}' x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}'/>"


def _text(x: float, y: float, text: str, width: float | None = None) -> str:
    """Cut to what fits; five and a half points a letter."""
    if width is not None and len(text) > 3 and len(text) * 5.5 > width:
        text = text[: max(0, int(width / 5.5))]
    return f"<text x='{x:.1f}' y='{y:.1f}'>{escape(text)}</text>"
