"""How long a caller may meet an instance that is not ready yet: a real process, from its first moment."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from local.system import System
from tests.e2e.live_calls import another_media_service

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PROMISED_S = 10.0


async def test_calls_are_taken_within_ten_seconds_though_firestore_says_nothing(
    the_system: System, tmp_path: Path
) -> None:
    """The kernel takes every connection to it, and nobody ever reads: worse than a Firestore that refuses."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        firestore = {"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{silent.getsockname()[1]}"}
        began = time.monotonic()
        async with another_media_service(the_system, tmp_path, firestore) as (service, _):
            took_s = time.monotonic() - began
            assert any("assistant_settings_not_read" in line for line in service.lines())

    assert took_s <= PROMISED_S
