"""The product team's settings as calls get them. Time is virtual."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from datetime import datetime

import pytest

from evals.virtual_clock import run
from media_service import texts
from media_service.core.conversation import AssistantSettings
from media_service.core.speaking.announcement import Say
from media_service.errors import VendorUnavailable
from media_service.ports import CallSoFar, TeamSettings
from media_service.replies.announcements import Announcements
from media_service.replies.current_assistant import CurrentAssistant
from tests.fakes import FakeVoice

NEW = AssistantSettings(greeting="שלום מהצפון")
TEAM = TeamSettings(NEW)


class Records:
    """`answer` is what the next readings bring, after a while; nothing else is asked of them."""

    def __init__(self, answer: TeamSettings | Exception = TEAM, after_s: float = 0.02) -> None:
        self.answer = answer
        self.after_s = after_s
        self.readings = 0
        self.numbers: dict[str, str] = {}
        self.number_after_s = 0.02

    async def team_settings(self) -> TeamSettings:
        self.readings += 1
        await asyncio.sleep(self.after_s)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def called_number(self, call_sid: str) -> str:
        await asyncio.sleep(self.number_after_s)
        if call_sid not in self.numbers:
            raise VendorUnavailable("down")
        return self.numbers[call_sid]

    async def call_so_far(self, call_sid: str, caller_number: str = "") -> CallSoFar:
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


def test_a_called_number_has_settings_and_a_greeting_of_its_own() -> None:
    """The first caller of a branch is greeted by the branch, whoever called where before."""
    south = AssistantSettings(greeting="שלום מהדרום")

    async def scenario() -> None:
        records = Records(TeamSettings(NEW, {"97281234567": south}))
        records.numbers = {"CA1": "+97281234567", "CA2": "08-123-4567", "CA3": "+97231234567", "CA4": ""}
        assistant, announcements = of(records)
        await assistant.settings(0.06)
        assert [await assistant.for_call(call, 0.06) for call in records.numbers] == [south, south, NEW, NEW]
        assert [announcements.for_call(each)[Say.GREETING].text for each in (NEW, south)] == [
            NEW.greeting,
            south.greeting,
        ]

    run(scenario())


def test_a_number_that_cannot_be_read_in_time_is_greeted_as_any_other(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        records = Records(TeamSettings(NEW, {"97281234567": AssistantSettings(greeting="שלום מהדרום")}))
        records.numbers = {"CA1": "+97281234567"}
        assistant, _ = of(records)
        await assistant.settings(0.06)
        began = asyncio.get_running_loop().time()
        records.number_after_s = 2.0
        assert await assistant.for_call("CA1", 0.06) == NEW
        assert asyncio.get_running_loop().time() - began == pytest.approx(0.25)
        records.number_after_s = 0.0
        assert await assistant.for_call("CA2", 0.06) == NEW

    run(scenario())
    assert [each.message for each in caplog.records] == ["called_number_not_read"] * 2


def test_the_branch_is_known_without_the_records_where_the_stream_tells_the_number() -> None:
    """A call that could not be written down when the phone rang: the records are away."""
    south = AssistantSettings(greeting="שלום מהדרום")

    async def scenario() -> None:
        records = Records(TeamSettings(NEW, {"97281234567": south}))
        assistant, _ = of(records)
        await assistant.settings(0.06)
        records.answer, records.number_after_s = VendorUnavailable("down"), 2.0
        began = asyncio.get_running_loop().time()
        assert await assistant.for_call("CA1", 0.06, "08-1234567") == south
        assert asyncio.get_running_loop().time() - began < 0.06

    run(scenario())


def test_where_no_number_has_its_own_settings_nobody_waits_for_a_number() -> None:
    async def scenario() -> None:
        records = Records()
        records.number_after_s = 2.0
        assistant, _ = of(records)
        began = asyncio.get_running_loop().time()
        assert await assistant.for_call("CA1", 0.06) == NEW
        assert asyncio.get_running_loop().time() - began < 0.06

    run(scenario())


def test_many_new_greetings_cost_a_caller_no_more_than_one() -> None:
    """They are synthesized side by side, and not waited for one after another."""
    branches = {f"97231234{each:03d}": AssistantSettings(greeting=f"סניף {each}") for each in range(100, 200)}

    async def scenario() -> None:
        voice = FakeVoice(delay_s=0.4)
        records = Records(TeamSettings(NEW, branches))
        records.numbers = {"CA1": "+97231234150"}
        assistant, _ = of(records, voice)
        began = asyncio.get_running_loop().time()
        await assistant.settings(3.0)
        assert await assistant.for_call("CA1", 0.06) == branches["97231234150"]
        assert asyncio.get_running_loop().time() - began < 1.0

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
        answered: weakref.ref[asyncio.Future[TeamSettings]]

        async def team_settings(self) -> TeamSettings:
            answer: asyncio.Future[TeamSettings] = asyncio.get_running_loop().create_future()
            self.answered = weakref.ref(answer)
            return await answer

    async def scenario() -> None:
        records = Asking()
        assistant, _ = of(records)
        await assistant.settings(0.06)
        gc.collect()
        answer = records.answered()
        assert answer is not None, "the reading was collected"
        answer.set_result(TeamSettings(NEW))
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
