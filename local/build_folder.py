"""A build folder for each run, so that two at once take neither logs nor addresses from each other.

Claimed by a lock that the system takes back when the process ends, even if it is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

_LOCK: Final = "in-use.lock"


@contextlib.contextmanager
def claimed(wanted: Path) -> Iterator[Path]:
    """`wanted`; if another run has it `wanted-2`, and so on. Ours until the block or the process ends."""
    for number in itertools.count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("ab") as lock:
            if _locked(lock, fcntl.LOCK_EX):
                os.utime(folder / _LOCK)
                yield folder
                return


def in_use(wanted: Path) -> list[Path]:
    """`wanted` and its numbered neighbours, as far as a running program has them; the latest claim last."""
    neighbours = [
        each for each in wanted.parent.glob(f"{wanted.name}-*") if each.name[len(wanted.name) + 1 :].isdigit()
    ]
    locks = [each / _LOCK for each in (wanted, *neighbours) if _is_held(each / _LOCK)]
    return [lock.parent for lock in sorted(locks, key=lambda lock: lock.stat().st_mtime_ns)]


def _is_held(path: Path) -> bool:
    try:
        with path.open("rb") as lock:
            return not _locked(lock, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _locked(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
