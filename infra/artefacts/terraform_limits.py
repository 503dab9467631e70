"""The memory that Terraform gives each deployable, read from its files: what is proved is what is deployed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_UNITS: Final = {"Mi": 2**20, "Gi": 2**30}
_MEMORY: Final = r'memory\s*=\s*"(?P<amount>\d+)(?P<unit>Mi|Gi)"'


class NotFound(Exception):
    """Terraform's files no longer say it where this looks."""


def memory_bytes(terraform: Path, deployable: str) -> int:
    """`deployable` by its name in the cloud, like `incoming-call`. Raises `NotFound`."""
    if deployable == "media-service":
        file, pattern = "run.tf", rf"limits\s*=\s*\{{[^}}]*{_MEMORY}"
    else:
        file, pattern = "functions.tf", rf"{deployable}\s*=\s*\{{[^}}]*{_MEMORY}"
    found = re.search(pattern, (terraform / file).read_text(encoding="utf-8"))
    if found is None:
        raise NotFound(f"{file} does not say how much memory {deployable} has")
    return int(found["amount"]) * _UNITS[found["unit"]]
