"""Once a minute an instance says how many calls it has."""

import asyncio
import logging

import pytest

from calls.json_logging import TextFormatter
from media_service.operations.load_report import report_load
from media_service.transport.call_registry import CallRegistry


async def test_the_calls_of_the_instance_are_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """An idle instance says so too: a missing line means a missing instance."""
    registry = CallRegistry(max_calls=30)
    slept: list[float] = []

    async def minute(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError

    caplog.set_level(logging.INFO)
    with registry.socket(), pytest.raises(asyncio.CancelledError):
        await report_load(registry, minute)

    assert slept == [60.0, 60.0, 60.0]
    assert [vars(line)["calls"] for line in caplog.records] == [1, 1]
    assert [vars(line)["max_calls"] for line in caplog.records] == [30, 30]
    texts = [TextFormatter().format(line) for line in caplog.records]
    assert all(text.endswith("INFO [LOAD] calls=1 max_calls=30") for text in texts), "each value once"
