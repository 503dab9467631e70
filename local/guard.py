"""End a process group when we end, however that happens: SIGKILL leaves us no time to do it ourselves.

A small shell waits on a pipe whose other end only we hold. The system closes it with us, on Linux and macOS alike.
"""

from __future__ import annotations

import subprocess
from typing import Final

# `read` fails at the end of the pipe; a line says that the group is gone and its number may belong to others.
_SCRIPT: Final = 'read -r _ || kill -s KILL -- "-$1"'


class Guard:
    """Made right after the group's leader was started; `dismiss` it once when the group has ended."""

    def __init__(self, group: int) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "guard", str(group)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Neither Ctrl-C nor a closing terminal reaches it.
            start_new_session=True,
        )

    def dismiss(self) -> None:
        self._process.communicate(b"gone\n")
