"""Write what a product team edits in the console, the documents below `settings`, before anybody calls."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from calls.records import SETTINGS
from local import stored_records

Documents = Mapping[str, Mapping[str, Any]]
"""By name: `assistant`, or the digits of a called number."""
DEMONSTRATION: Final = Path(__file__).with_name("assistant.toml")


def of_the_demonstration() -> dict[str, Any]:
    return tomllib.loads(DEMONSTRATION.read_text(encoding="utf-8"))


async def write(documents: Documents, project: str, firestore_host: str) -> None:
    """To the emulator or stand-in at `firestore_host`. A team's own Firestore is never written to."""
    async with stored_records.opened(project, firestore_host) as stored:
        for name, content in documents.items():
            await stored.put(f"{SETTINGS}/{name}", content)
