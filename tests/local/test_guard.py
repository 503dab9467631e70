"""A process group ends with us, unless it ended before."""

from __future__ import annotations

import subprocess
import sys
import time

from local.guard import Guard


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def test_the_group_is_killed_when_the_pipe_closes_without_a_word() -> None:
    with sleeper() as process:
        guard = Guard(process.pid)
        guard._process.communicate()
        assert process.wait(5) == -9


def test_a_group_that_has_ended_by_itself_is_left_alone() -> None:
    """Its number may belong to others by then."""
    with sleeper() as process:
        Guard(process.pid).dismiss()
        time.sleep(0.05)
        assert process.poll() is None
        process.kill()
