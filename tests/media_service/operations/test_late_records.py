"""Records that are connected after the service has begun to take calls. Time is virtual."""

import asyncio

import pytest

from evals.virtual_clock import run
from media_service.errors import VendorUnavailable
from media_service.operations.late_records import LateRecords
from media_service.ports import CallSoFar
from tests.fakes import FakeRecords


def test_a_request_waits_a_moment_for_the_records_and_then_does_without() -> None:
    async def scenario() -> None:
        records, began = LateRecords(), asyncio.get_running_loop().time()
        with pytest.raises(VendorUnavailable):
            await records.call_so_far("CA1")
        assert asyncio.get_running_loop().time() - began == pytest.approx(2.0)

    run(scenario())


def test_whoever_waits_is_answered_as_soon_as_the_records_are_there() -> None:
    async def scenario() -> None:
        records, real = LateRecords(), FakeRecords()
        waiting = [asyncio.create_task(records.call_so_far("CA1")) for _ in range(2)]
        await asyncio.sleep(1.0)
        records.arrived(real)
        assert await asyncio.gather(*waiting) == [CallSoFar("+972501234567")] * 2
        await records.write_leg("CA1", 2)
        assert real.legs == [("CA1", 2)]

    run(scenario())


def test_one_who_stops_waiting_takes_nothing_from_the_others() -> None:
    async def scenario() -> None:
        records = LateRecords()
        impatient = asyncio.create_task(records.call_so_far("CA1"))
        patient = asyncio.create_task(records.call_so_far("CA2"))
        await asyncio.sleep(0.1)
        impatient.cancel()
        await asyncio.wait([impatient])
        records.arrived(FakeRecords())
        assert (await patient).caller_number == "+972501234567"

    run(scenario())
