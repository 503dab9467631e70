"""The product team's settings as calls get them. Time is virtual."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from datetime import datetime

import pytest

from media_service import texts
from media_service.core.conversation import AssistantSettings
from media_service.core.speaking.announcement import Say
from media_service.errors import VendorUnavailable
from media_service.ports import CallSoFar
from media_service.replies.announcements import Announcements
from media_service.replies.current_assistant import CurrentAssistant
from tests.fakes import FakeVoice
from tests.virtual_clock import run

NEW = AssistantSettings(greeting="שלום מהצפון")


class Records:
    """`answer` is what the next readings bring, after a while; nothing else is asked of them."""

    def __init__(self, answer: AssistantSettings | Exception | None = NEW, after_s: float = 0.02) -> None:
        self.answer = answer
        self.after_s = after_s
        self.readings = 0

    async def assistant_settings(self) -> AssistantSettings | None:
        self.readings += 1
        await asyncio.sleep(self.after_s)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def call_so_far(self, call_sid: str) -> CallSoFar:
        raise NotImplementedError

    async def write_leg(self, call_sid: str, leg: int) -> None:
        raise NotImplementedError

    async def write_end(self, call_sid: str, reason: str, ended_at: datetime) -> None:
        raise NotImplementedError


def of(records: Records, voice: FakeVoice | None = None) -> tuple[CurrentAssistant, Announcements]:
    announcements = Announcements(voice or FakeVoice(delay_s=0.01), texts.load(), "", "")
    return CurrentAssistant(records, announcements), announcements


def test_a_call_gets_fresh_settings_with_their_greeting_when_the_records_are_quick() -> None:
    async def scenario() -> None:
        assistant, announcements = of(Records())
        assert await assistant.settings(0.06) == NEW
        assert announcements.for_call(NEW)[Say.GREETING].text == NEW.greeting

    run(scenario())


def test_a_call_does_not_wait_for_slow_records_and_a_later_one_gets_what_they_say() -> None:
    async def scenario() -> None:
        records = Records(after_s=1.0)
        assistant, _ = of(records)
        began = asyncio.get_running_loop().time()
        assert [await assistant.settings(0.06) for _ in range(3)] == [AssistantSettings()] * 3
        assert asyncio.get_running_loop().time() - began == pytest.approx(0.18)
        assert records.readings == 1, "one reading serves all who wait"
        await asyncio.sleep(1.1)
        records.after_s = 9.0
        assert await assistant.settings(0.06) == NEW
        await assistant.aclose()

    run(scenario())


def test_a_reading_that_nobody_waits_for_any_more_is_not_lost() -> None:
    """The event loop holds its tasks weakly: one without any other reference is collected in mid-work."""

    class Asking(Records):
        answered: weakref.ref[asyncio.Future[AssistantSettings]]

        async def assistant_settings(self) -> AssistantSettings | None:
            answer: asyncio.Future[AssistantSettings] = asyncio.get_running_loop().create_future()
            self.answered = weakref.ref(answer)
            return await answer

    async def scenario() -> None:
        records = Asking()
        assistant, _ = of(records)
        await assistant.settings(0.06)
        gc.collect()
        answer = records.answered()
        assert answer is not None, "the reading was collected"
        answer.set_result(NEW)
        assert await assistant.settings(0.06) == NEW

    run(scenario())


def test_records_that_fail_leave_the_settings_as_they_are() -> None:
    async def scenario() -> None:
        records = Records()
        assistant, _ = of(records)
        await assistant.settings(0.06)
        records.answer = VendorUnavailable("down")
        assert await assistant.settings(0.06) == NEW

    run(scenario())


def test_a_bug_in_reading_is_told_and_costs_no_call(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        assistant, _ = of(Records(ZeroDivisionError()))
        assert await assistant.settings(0.06) == AssistantSettings()

    run(scenario())
    assert [each.message for each in caplog.records if each.levelno == logging.ERROR] == ["assistant_settings_broke"]
