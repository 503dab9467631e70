"""Standard output whose reader may leave before the end, as in `make demo | head`.

What is written from then on goes nowhere, so that no line of a program can fail because of it, its clean-up included.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_FD: Final = 1


class _Pipe(io.FileIO):
    """File descriptor 1. `left` is called once, in the middle of a write."""

    def __init__(self, left: Callable[[], None]) -> None:
        super().__init__(_FD, "wb", closefd=False)
        self._left = left

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _FD)
            os.close(nowhere)
            self._left()
            return super().write(data)


def survive_its_reader(left: Callable[[], None]) -> None:
    """Put `sys.stdout` in place of itself where it is a pipe; a file or a terminal has no reader that could leave."""
    written = sys.stdout
    if isinstance(written, io.TextIOWrapper) and stat.S_ISFIFO(os.fstat(_FD).st_mode):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Pipe(left)),
            encoding=written.encoding,
            errors=written.errors,
            line_buffering=written.line_buffering,
            write_through=written.write_through,
        )
