"""Records that may come later than the first call: Firestore slow at the start keeps nobody from being answered."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from media_service.errors import VendorUnavailable
from media_service.ports import CallRecords, CallSoFar, TeamSettings

_WAIT_S: Final = 2.0
"""As long as a request to the records themselves may take."""


class LateRecords:
    """Implements `CallRecords`. Until the records have arrived each request waits a moment, and then is
    `VendorUnavailable`, as it would be with Firestore down."""

    def __init__(self) -> None:
        self._records: asyncio.Future[CallRecords] = asyncio.get_running_loop().create_future()

    def arrived(self, records: CallRecords) -> None:
        """Once."""
        self._records.set_result(records)

    async def team_settings(self) -> TeamSettings:
        return await (await self._there()).team_settings()

    async def called_number(self, call_sid: str) -> str:
        return await (await self._there()).called_number(call_sid)

    async def call_so_far(self, call_sid: str, caller_number: str = "") -> CallSoFar:
        return await (await self._there()).call_so_far(call_sid, caller_number)

    async def write_leg(self, call_sid: str, leg: int) -> None:
        await (await self._there()).write_leg(call_sid, leg)

    async def write_end(self, call_sid: str, reason: str, ended_at: datetime) -> None:
        await (await self._there()).write_end(call_sid, reason, ended_at)

    async def _there(self) -> CallRecords:
        await asyncio.wait([self._records], timeout=_WAIT_S)
        if not self._records.done():
            raise VendorUnavailable("the records are not connected yet")
        return self._records.result()
