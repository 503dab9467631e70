"""Work beside a block ends with it."""

from __future__ import annotations

import asyncio

import pytest

from local.background import background


async def test_work_that_goes_on_is_ended_with_the_block() -> None:
    ended = False

    async def work() -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            ended = True

    with pytest.raises(KeyError):
        async with background(work()):
            await asyncio.sleep(0)
            raise KeyError
    assert ended


async def test_its_result_is_there_for_whoever_awaits_it() -> None:
    async def work() -> int:
        return 7

    async with background(work()) as task:
        assert await task == 7
