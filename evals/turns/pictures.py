"""A picture of a call: what the caller said and what was recognized of it, over what the assistant made and played."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evals.turns.trace import Trace


def write_picture(path: Path, trace: Trace, misses: Sequence[str]) -> None:
    path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>\n", encoding="utf-8")
