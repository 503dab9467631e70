"""Reading and writing call documents when Firestore is out of reach, hangs, or holds what people typed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from google.api_core import exceptions as api_exceptions

from calls.events import FieldValue
from calls.lead_fields import BY_NAME
from media_service.adapters.firestore_calls import (
    MOST_NUMBERS,
    FirestoreCalls,
    caller_number_from,
    earlier_from,
    settings_from,
    team_settings_from,
    turns_from,
)
from media_service.core.conversation import AssistantSettings, Turn
from media_service.errors import VendorRefused, VendorUnavailable
from media_service.ports import TeamSettings
from understanding.opening_hours import opening_hours

WEEKDAY = {"sunday": ["08:00-17:00"]}
AT = datetime(2026, 1, 1, 10, tzinfo=UTC)

REQUESTS: list[Callable[[FirestoreCalls], Awaitable[object]]] = [
    lambda records: records.team_settings(),
    lambda records: records.called_number("CA1"),
    lambda records: records.call_so_far("CA1"),
    lambda records: records.write_end("CA1", "silence", AT),
]


def test_settings_are_taken_as_the_product_team_typed_them() -> None:
    document = {
        "business_name": " מזגני הצפון ",
        "greeting": "שלום!",
        "fields_to_collect": ["name", " need ", ""],
        "edited_by": "somebody",
    }
    assert settings_from(document) == AssistantSettings(
        business_name="מזגני הצפון", greeting="שלום!", fields_to_collect=(BY_NAME["name"], BY_NAME["need"])
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("greeting", 7), ("instructions", ["a"])],
)
def test_a_setting_of_the_wrong_type_is_named_and_the_others_are_used(
    field: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    found = settings_from({"business_name": "מזגנים", field: value})
    assert found == AssistantSettings(business_name="מזגנים")
    assert [(record.message, vars(record)["field"]) for record in caplog.records] == [
        ("assistant_setting_ignored", field)
    ]


def test_turns_come_in_the_order_spoken_each_once() -> None:
    stored = [
        {"leg": 2, "seq": 1, "speaker": "caller", "text": "ד"},
        {"leg": 1, "seq": 10, "speaker": "assistant", "text": "ג"},
        {"leg": 1, "seq": 2, "speaker": "caller", "text": "ב"},
        {"leg": 1, "seq": 2, "speaker": "caller", "text": "ב"},
        {"leg": 1, "seq": 1, "speaker": "assistant", "text": "א"},
    ]
    assert [turn.text for turn in turns_from(stored)] == ["א", "ב", "ג", "ד"]
    assert turns_from(stored)[1] == Turn("caller", "ב", seq=2)


def test_an_entry_of_the_fields_that_cannot_be_used_is_told_and_the_others_are_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listed = ["name", 7, {"name": "floor", "kind": "number", "question": "באיזו קומה?"}]
    found = settings_from({"fields_to_collect": listed})
    assert [field.name for field in found.fields_to_collect] == ["name", "floor"]
    assert [(record.message, vars(record)["fault"]) for record in caplog.records] == [
        ("assistant_field_ignored", "entry 2: no usable name")
    ]
    assert settings_from({"fields_to_collect": "name"}).fields_to_collect == ()


def test_what_was_learned_from_an_utterance_comes_back_with_it() -> None:
    learned = {"phone": {"value": "+972521234567", "leg": 1, "seq": 2, "confirmed": True, "source": "keypad"}}
    whole = {"leg": 1, "seq": 2, "speaker": "caller", "text": "0521234567", "confidence": 1.0, "fields": learned}
    (turn,) = turns_from([whole])
    assert turn.fields == {"phone": FieldValue("+972521234567", 2, confirmed=True, source="keypad")}
    assert (turn.leg, turn.confidence) == (1, 1.0)


def test_fields_that_somebody_spoiled_leave_the_words(caplog: pytest.LogCaptureFixture) -> None:
    (turn,) = turns_from([{"leg": 1, "seq": 2, "speaker": "caller", "text": "דנה", "fields": {"name": 7}}])
    assert (turn.text, turn.fields) == ("דנה", {})
    assert [record.message for record in caplog.records] == ["utterance_fields_ignored"]


def test_what_is_no_utterance_is_left_out_of_the_conversation(caplog: pytest.LogCaptureFixture) -> None:
    whole = {"leg": 1, "seq": 1, "speaker": "caller", "text": "א"}
    assert turns_from([{**whole, "seq": "2"}, {}, {**whole, "speaker": "callee"}, whole]) == (Turn("caller", "א", 1),)
    assert [record.message for record in caplog.records] == ["utterance_ignored"] * 2


def test_other_events_of_earlier_legs_are_no_reason_for_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A leg that was drained ends with `call.ended`, which stands among its utterances when the next leg reads them."""
    said = {"leg": 1, "seq": 1, "type": "utterance.final", "speaker": "caller", "text": "א"}
    ended = {"leg": 1, "seq": 2, "type": "call.ended", "reason": "drained"}
    assert turns_from([said, ended, {**ended, "type": "turn.timed", "seq": 3}]) == (Turn("caller", "א", 1),)
    assert caplog.records == []


EARLIER: dict[str, Any] = {"value": "דנה לוי", "call_sid": "CA0", "leg": 1, "seq": 4, "confirmed": True}


def test_what_earlier_calls_told_is_read_from_the_lead() -> None:
    lead = {"name": "דנה לוי", "fields": {"name": EARLIER, "floor": EARLIER | {"value": "3", "confirmed": False}}}
    assert earlier_from(lead, "CA1") == {
        "name": FieldValue("דנה לוי", 1, confirmed=True),
        "floor": FieldValue("3", 1),
    }


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        ({}, {}),
        ({"fields": 7}, {}),
        ({"fields": {"name": 7, "need": {"value": 7, "call_sid": "CA0"}}}, {}),
        ({"name": "דנה לוי", "fields": {"name": EARLIER | {"call_sid": "CA1"}}}, {}),
        ({"name": "דינה לוי", "fields": {"name": EARLIER}}, {"name": FieldValue("דינה לוי", 1)}),
        ({"name": "", "fields": {"name": EARLIER}}, {}),
        ({"name": "דנה לוי", "fields": {"name": EARLIER | {"call_sid": None}}}, {"name": FieldValue("דנה לוי", 1)}),
    ],
    ids=["none", "spoiled", "spoiled fields", "this call", "corrected by hand", "removed by hand", "of an old release"],
)
def test_what_a_lead_does_not_tell_for_sure_is_not_confirmed(
    lead: dict[str, Any], expected: dict[str, FieldValue]
) -> None:
    assert earlier_from(lead, "CA1") == expected


def test_the_telephone_that_the_caller_named_is_not_the_one_that_called() -> None:
    """The column `phone` shows the number that called."""
    lead = {"phone": "+972501234567", "fields": {"phone": EARLIER | {"value": "+97231234567"}}}
    assert earlier_from(lead, "CA1") == {"phone": FieldValue("+97231234567", 1, confirmed=True)}


@pytest.mark.parametrize(
    ("number", "expected"),
    [("+972541234567", "+972541234567"), ("anonymous", ""), ("+266696687", ""), ("", ""), (None, ""), (7, "")],
)
def test_a_withheld_number_is_no_number(number: object, expected: str) -> None:
    assert caller_number_from({"from": number}) == expected


@pytest.mark.parametrize("bad", ["", "../leads/1", "CA1/x", "CA\n1", "__x__", "MZ1"])
async def test_a_text_that_is_no_call_sid_never_becomes_a_document_id(bad: str) -> None:
    records = FirestoreCalls(NoDocument(), 1.0)
    with pytest.raises(VendorRefused):
        await records.call_so_far(bad)
    with pytest.raises(VendorRefused):
        await records.write_end(bad, "silence", AT)


class NoDocument:
    """A client that nobody may use."""


@pytest.mark.parametrize("request_of", REQUESTS)
async def test_with_firestore_out_of_reach_no_request_outlasts_its_limit(
    request_of: Callable[[FirestoreCalls], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    await _fails_within(request_of, 0.5)


@pytest.mark.parametrize("request_of", REQUESTS)
async def test_with_firestore_hanging_no_request_outlasts_its_limit(
    request_of: Callable[[FirestoreCalls], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with accepting_and_silent() as port:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{port}")
        await _fails_within(request_of, 0.5)


async def _fails_within(request_of: Callable[[FirestoreCalls], Awaitable[object]], limit_s: float) -> None:
    async with FirestoreCalls.opened("a-project", limit_s) as records:
        started = time.monotonic()
        with pytest.raises(VendorUnavailable) as caught:
            await request_of(records)
        assert time.monotonic() - started < limit_s + 0.5
    assert caught.value.__cause__ is not None


@contextlib.asynccontextmanager
async def accepting_and_silent() -> AsyncIterator[int]:
    """A server that accepts connections and never says a word."""
    connections: list[asyncio.BaseTransport] = []

    class Silent(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connections.append(transport)

    server = await asyncio.get_running_loop().create_server(Silent, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for transport in connections:
            transport.close()


@dataclass
class Stored:
    """A document of settings, as a query or a read brings it."""

    id: str
    content: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return self.content


class SettingsCollection:
    """A client with one collection, which may change or be out of reach."""

    def __init__(self, **documents: dict[str, Any]) -> None:
        self.documents = documents
        self.down = False
        self.reads = 0
        self._most = 0

    def collection(self, name: str) -> SettingsCollection:
        assert name == "settings"
        return self

    def limit(self, most: int) -> SettingsCollection:
        self._most = most
        return self

    async def stream(self, **_: Any) -> AsyncIterator[Stored]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.down:
            raise api_exceptions.ServiceUnavailable("down")
        for name in sorted(self.documents)[: self._most]:
            yield Stored(name, self.documents[name])

    def document(self, name: str) -> SettingsCollection:
        assert name == "assistant"
        return self

    async def get(self, **_: Any) -> Stored:
        return Stored("assistant", self.documents["assistant"])


def greeting(text: str) -> TeamSettings:
    return TeamSettings(AssistantSettings(greeting=text))


async def test_settings_are_read_again_after_sixty_seconds() -> None:
    """The product team changes the greeting, and within a minute calls use it."""
    now, stored = [100.0], SettingsCollection(assistant={"greeting": "א"})
    records = FirestoreCalls(stored, 1.0, clock=lambda: now[0])
    assert await records.team_settings() == greeting("א")
    stored.documents["assistant"] = {"greeting": "ב"}
    now[0] += 59.9
    assert await records.team_settings() == greeting("א")
    now[0] += 0.2
    assert await records.team_settings() == greeting("ב")


async def test_calls_that_start_together_read_the_settings_once() -> None:
    stored = SettingsCollection()
    records = FirestoreCalls(stored, 1.0, clock=lambda: 0.0)
    assert await asyncio.gather(*(records.team_settings() for _ in range(20))) == [TeamSettings()] * 20
    assert stored.reads == 1


def test_a_number_has_its_own_settings_field_by_field() -> None:
    """What a branch has not, or has spoiled, or has left empty is the business's."""
    found = team_settings_from(
        {
            "assistant": {"business_name": "מזגנים", "greeting": "שלום", "instructions": "קצר", "hours": WEEKDAY},
            "97281234567": {"greeting": "שלום מהדרום", "instructions": "", "business_name": 7, "hours": {}},
            "+972-3-1234567": {"hours": {"friday": ["08:00-12:00"]}, "fields_to_collect": ["name"]},
        }
    )
    hours, problems = opening_hours(WEEKDAY)
    assert hours is not None
    assert problems == ()
    assert found.general == AssistantSettings("מזגנים", "שלום", instructions="קצר", hours=hours)
    south, centre = found.of_number("+97281234567"), found.of_number("+97231234567")
    assert south == replace(found.general, greeting="שלום מהדרום")
    assert (centre.greeting, centre.hours) == ("שלום", opening_hours({"friday": ["08:00-12:00"]})[0])
    assert [field.name for field in centre.fields_to_collect] == ["name"]
    assert found.of_number("+97240000000") == found.of_number("") == found.general


def test_a_document_that_is_named_by_no_number_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A branch that somebody called by its town would be looked for in vain."""
    assert team_settings_from({"haifa": {"greeting": "שלום"}}) == TeamSettings()
    assert [record.message for record in caplog.records] == ["settings_ignored"]


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ("08:00-17:00", "assistant_setting_ignored"),
        (["sunday"], "assistant_setting_ignored"),
        ({"sunday": ["08:00-17:00"], "someday": ["08:00-17:00"]}, "assistant_hours_ignored"),
        ({"sunday": ["08:00-17:00", "late"]}, "assistant_hours_ignored"),
        ({"sunday": "08:00-17:00"}, "assistant_hours_ignored"),
        ({7: ["08:00-17:00"]}, "assistant_hours_ignored"),
    ],
)
def test_hours_that_cannot_be_read_are_told_and_cost_no_call(
    hours: object, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = settings_from({"greeting": "שלום", "hours": hours})
    assert found.greeting == "שלום"
    assert [record.message for record in caplog.records] == [message]


async def test_with_too_many_numbers_the_general_settings_are_still_there(caplog: pytest.LogCaptureFixture) -> None:
    numbers = {f"97231{each:06d}": {"greeting": str(each)} for each in range(MOST_NUMBERS + 5)}
    records = FirestoreCalls(SettingsCollection(**numbers, assistant={"greeting": "א"}), 1.0)
    found = await records.team_settings()
    assert found.general.greeting == "א"
    assert len(found.by_number) == MOST_NUMBERS
    assert [record.message for record in caplog.records] == ["settings_too_many"]


async def test_known_settings_stay_in_use_while_firestore_is_down(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    now, stored = [0.0], SettingsCollection(assistant={"greeting": "א"})
    records = FirestoreCalls(stored, 1.0, clock=lambda: now[0])
    await records.team_settings()
    stored.down, now[0] = True, 61.0
    assert await records.team_settings() == greeting("א")
    assert [record.message for record in caplog.records] == ["assistant_settings_outdated"]


async def test_without_known_settings_the_failure_is_told() -> None:
    stored = SettingsCollection()
    stored.down = True
    with pytest.raises(VendorUnavailable):
        await FirestoreCalls(stored, 1.0).team_settings()
