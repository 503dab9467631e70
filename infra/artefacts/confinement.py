"""Run a program as a container would: as nobody, on a file system that cannot be written, in so much memory.

For root on Linux, where it may mount. For others the program runs as they are, in as much memory as there is; what
was not confined is said, so that no table claims it. Memory is limited by a control group of its own, where the kernel
lets us make one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NOBODY: Final = 65534
_CGROUPS: Final = Path("/sys/fs/cgroup")

# Its arguments: the control group's list of processes or "", a folder that may be written or "", and the command.
# The line it prints is the moment from which a start is counted.
_WRAPPER: Final = """
procs=$1 writable=$2; shift 2
if [ -n "$procs" ]; then echo $$ > "$procs"; fi
while read -r _ at kind _; do
  case $kind in
    proc|sysfs|cgroup*|devpts|mqueue|devtmpfs) ;;
    *) mount -o remount,bind,ro "$at" 2>/dev/null || true ;;
  esac
done < /proc/self/mounts
if touch .written 2>/dev/null; then echo "the file system can be written" >&2; exit 70; fi
if [ -n "$writable" ]; then mount -t tmpfs -o mode=1777 tmpfs "$writable"; fi
echo "started $EPOCHREALTIME"
exec setpriv --reuid __NOBODY__ --regid __NOBODY__ --clear-groups --no-new-privs --bounding-set=-all "$@"
""".replace("__NOBODY__", str(NOBODY))

_PLAIN: Final = 'echo "started $EPOCHREALTIME"; shift 2; exec "$@"'


@dataclass(frozen=True, slots=True)
class Confinement:
    """Of one process and its children."""

    memory_group: Path | None
    """None: memory is measured, and not limited."""
    unprivileged: bool
    read_only: bool

    def command(self, *argv: str, writable: Path | None = None) -> list[str]:
        """`writable`: a folder that gets an empty file system in memory."""
        group = str(self.memory_group / "cgroup.procs") if self.memory_group else ""
        arguments = ["confined", group, str(writable or ""), *argv]
        if not self.read_only:
            return ["bash", "-ceu", _PLAIN, *arguments]
        return ["unshare", "--mount", "--propagation", "private", "bash", "-ceu", _WRAPPER, *arguments]


@contextlib.contextmanager
def confinement(name: str, memory_bytes: int) -> Iterator[Confinement]:
    """`name` is the control group's. Its processes must have ended with the block."""
    if not _can_confine():
        yield Confinement(None, unprivileged=os.geteuid() != 0, read_only=False)
        return
    group = _memory_group(f"maane-artefact-{name}-{os.getpid()}", memory_bytes)
    try:
        yield Confinement(group, unprivileged=True, read_only=True)
    finally:
        if group is not None:
            _remove(group)


def _can_confine() -> bool:
    """Root in a container often may not mount."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    return subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0  # noqa: S607


def _memory_group(name: str, memory_bytes: int) -> Path | None:
    """With a limit that cannot be exceeded, swap included where the kernel counts it."""
    for parent, limits in (
        (_CGROUPS / "memory", ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")),
        (_CGROUPS, ("memory.max", "memory.swap.max")),
    ):
        group = parent / name
        try:
            group.mkdir()
        except OSError:
            continue
        limit, swap = (group / each for each in limits)
        try:
            limit.write_text(str(memory_bytes))
            if swap.exists():
                swap.write_text("0" if swap.name == "memory.swap.max" else str(memory_bytes))
        except OSError:
            group.rmdir()
            continue
        return group
    return None


def _remove(group: Path) -> None:
    # The kernel lets go of a process a moment after its parent has heard of its end.
    for _ in range(100):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.02)


def peak_memory_bytes(pid: int) -> int:
    """The most that a process and its children have held each, added up. Of those that still run."""
    total = 0
    for each in _family(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{each}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    total += int(line.split()[1]) * 1024
    return total


def owner(pid: int) -> int:
    """User id under which a process runs."""
    return Path(f"/proc/{pid}").stat().st_uid


def _family(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += _family(int(child))
    return found
