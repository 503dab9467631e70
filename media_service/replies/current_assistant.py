"""The product team's settings as calls use them: the newest that were read, with their greeting ready to be played."""

from __future__ import annotations

import asyncio
import logging

from media_service.core.conversation import AssistantSettings
from media_service.errors import VendorError, reason_of
from media_service.ports import CallRecords, TeamSettings
from media_service.replies.announcements import Announcements

log = logging.getLogger(__name__)

_NUMBER_WAITS_S = 0.25


class CurrentAssistant:
    """Shared by all calls. Whoever waits for fresh settings decides for how long; reading goes on without them."""

    def __init__(self, records: CallRecords, announcements: Announcements) -> None:
        self._records = records
        self._announcements = announcements
        self._settings = TeamSettings()
        # The event loop itself holds its tasks weakly: without this one the reading could vanish half-way.
        self._reading: asyncio.Task[None] | None = None

    async def for_call(self, call_sid: str, within_s: float, called: str = "") -> AssistantSettings:
        """Those of the number that was called, if any number has its own. `called`: as the stream told it. Where it did
        not, a moment more is allowed to ask the records: the wrong branch's greeting is worse than a late one."""
        if called:
            await self.settings(within_s)
            return self._settings.of_number(called)
        found, _ = await asyncio.gather(self._called_number(call_sid), self.settings(within_s))
        return self._settings.of_number(found)

    async def settings(self, within_s: float) -> AssistantSettings:
        """Those for calls to any number. Fresh if the records answer in time, else as last read; the deployment's own
        before the first reading."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="assistant settings")
            self._reading.add_done_callback(_tell_of_a_bug)
        await asyncio.wait([self._reading], timeout=within_s)
        return self._settings.general

    async def aclose(self) -> None:
        """Abandon a reading that is under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def _called_number(self, call_sid: str) -> str:
        if not self._settings.by_number:
            return ""
        try:
            async with asyncio.timeout(_NUMBER_WAITS_S):
                return await self._records.called_number(call_sid)
        except (VendorError, TimeoutError) as error:
            log.warning("called_number_not_read", extra={"call_sid": call_sid, "error": reason_of(error)})
            return ""

    async def _read(self) -> None:
        try:
            settings = await self._records.team_settings()
        except VendorError as error:
            log.warning("assistant_settings_not_read", extra={"error": reason_of(error)})
            return
        # The general greeting first: with many new ones at once, most callers hear that one.
        await self._announcements.prepare(settings.general)
        await asyncio.gather(*(self._announcements.prepare(each) for each in settings.by_number.values()))
        self._settings = settings


def _tell_of_a_bug(reading: asyncio.Task[None]) -> None:
    if not reading.cancelled() and (error := reading.exception()) is not None:
        log.error("assistant_settings_broke", exc_info=error)
