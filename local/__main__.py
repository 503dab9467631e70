"""The programs of the local system: `python -m local demo`, `local`, `call`, `bench` or `soak`, as `make` starts them.

What can happen at a terminal is dealt with here, before anything slow is imported: Ctrl-C at any moment, a terminal
that cannot write Hebrew, and a `| head` that has seen enough.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import signal
import sys
from types import FrameType
from typing import Final

from local import ending, output
from local.ending import Stopped

PROGRAMS: Final = {
    "demo": "local.demo",
    "local": "local.system",
    "call": "local.phone",
    "bench": "local.bench",
    "soak": "local.soak.command",
}
_HEBREW: Final = "שלום"


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in PROGRAMS:
        print(f"usage: python -m local {{{','.join(PROGRAMS)}}} ...", file=sys.stderr)
        return 2
    # Until a program has something to clean up; see `local/ending.py` for afterwards.
    signal.signal(signal.SIGINT, _end_at_once)
    _write_what_can_be_written()
    try:
        return int(importlib.import_module(PROGRAMS[sys.argv[1]]).main(sys.argv[2:]))
    except Stopped as stopped:
        # Whoever has left wants no last word, and `make` says none: see RUN in the Makefile.
        return stopped.status if stopped.number is signal.SIGPIPE else _stopped(stopped.status)
    except KeyboardInterrupt:
        return _stopped(128 + signal.SIGINT)


def _end_at_once(_number: int, _frame: FrameType | None) -> None:
    # An exception would surface in whatever is being imported, with its traceback.
    with contextlib.suppress(OSError):
        os.write(2, b"\nStopped.\n")
    os._exit(128 + signal.SIGINT)


def _stopped(status: int) -> int:
    with contextlib.suppress(OSError):
        print("\nStopped." if sys.stderr.isatty() else "Stopped.", file=sys.stderr, flush=True)
    return status


def _write_what_can_be_written() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    output.survive_its_reader(ending.nobody_reads)
    try:
        _HEBREW.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        print(
            f"This terminal takes {sys.stdout.encoding}, which has no Hebrew: its letters appear as '?'. "
            "In a UTF-8 terminal PYTHONIOENCODING=utf-8 shows them.",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
