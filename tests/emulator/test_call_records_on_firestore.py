"""The media service's records on a real Firestore API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from google.cloud import firestore

from calls.events import FieldValue, Parties
from calls.lead_fields import BY_NAME
from calls.records import new_call, utterance_id
from media_service.adapters.firestore_calls import FirestoreCalls
from media_service.core.conversation import AssistantSettings, Turn
from media_service.ports import CallSoFar, TeamSettings

pytestmark = pytest.mark.emulator
AT = datetime(2026, 1, 1, 10, tzinfo=UTC)


@pytest.fixture
async def records(firestore_project: str) -> AsyncIterator[FirestoreCalls]:
    async with FirestoreCalls.opened(firestore_project, 10.0) as records:
        yield records


@pytest.fixture
async def console(firestore_project: str) -> AsyncIterator[Any]:
    """What the product team and the functions see and write."""
    client: Any = firestore.AsyncClient(project=firestore_project)
    yield client
    await client._firestore_api.transport.close()


async def test_settings_typed_in_the_console_reach_the_call(records: FirestoreCalls, console: Any) -> None:
    await console.document("settings/assistant").set({"business_name": "מזגנים", "fields_to_collect": ["name"]})
    await console.document("settings/97281234567").set({"business_name": "מזגני הדרום"})
    found = await records.team_settings()
    assert found.of_number("+97231234567") == AssistantSettings("מזגנים", fields_to_collect=(BY_NAME["name"],))
    assert found.of_number("+97281234567") == AssistantSettings("מזגני הדרום", fields_to_collect=(BY_NAME["name"],))


async def test_without_a_settings_document_there_are_none(records: FirestoreCalls) -> None:
    assert await records.team_settings() == TeamSettings()


async def test_a_second_leg_finds_the_caller_and_what_was_said(records: FirestoreCalls, console: Any) -> None:
    call = console.document("calls/CA1")
    await call.set(new_call("CA1", "+972541234567", "+97230000000", "assistant", AT, 365))
    for leg, seq, speaker in ((2, 1, "caller"), (1, 10, "caller"), (1, 2, "assistant")):
        fields = {"leg": leg, "seq": seq, "speaker": speaker, "text": f"{leg}/{seq}"}
        await call.collection("utterances").document(utterance_id(leg, seq)).set(fields)
    assert await records.call_so_far("CA1") == CallSoFar(
        "+972541234567",
        (Turn("assistant", "1/2", 2), Turn("caller", "1/10", 10), Turn("caller", "2/1", 1, leg=2)),
        Parties("+972541234567", "+97230000000"),
    )


async def test_a_returning_caller_is_known_from_the_lead(records: FirestoreCalls, console: Any) -> None:
    """Also where the call could not be written when the phone rang; who hides the number is nobody's caller."""
    name = {"value": "דנה לוי", "call_sid": "CA0", "leg": 1, "seq": 4, "confirmed": True}
    await console.document("leads/972541234567").set({"name": "דנה לוי", "fields": {"name": name}})
    await console.document("calls/CA1").set(new_call("CA1", "054-1234567", "+97230000000", "assistant", AT, 365))
    await console.document("calls/CA3").set(new_call("CA3", "anonymous", "+97230000000", "assistant", AT, 365))
    known = {"name": FieldValue("דנה לוי", 1, confirmed=True)}

    assert (await records.call_so_far("CA1")).earlier == known
    assert (await records.call_so_far("CA2", "+972541234567")).earlier == known
    assert (await records.call_so_far("CA3")).earlier == {}


async def test_the_number_that_was_called_is_read_from_the_call(records: FirestoreCalls, console: Any) -> None:
    assert await records.called_number("CA1") == ""
    await console.document("calls/CA1").set(new_call("CA1", "+972541234567", "+97230000000", "assistant", AT, 365))
    assert await records.called_number("CA1") == "+97230000000"


async def test_a_call_nobody_has_written_yet_is_empty(records: FirestoreCalls) -> None:
    assert await records.call_so_far("CA1") == CallSoFar()


async def test_the_end_of_a_call_leaves_its_other_fields_alone(records: FirestoreCalls, console: Any) -> None:
    call = console.document("calls/CA1")
    document = new_call("CA1", "+972541234567", "+97230000000", "assistant", AT, 365)
    await call.set(document)
    for _ in range(2):
        await records.write_end("CA1", "assistant_goodbye", AT)
    assert (await call.get()).to_dict() == {
        **document,
        "end_reason": "assistant_goodbye",
        "ended_at": AT,
        "end_told_by": "service",
    }


async def test_the_end_of_a_call_is_kept_even_if_the_call_was_never_written(
    records: FirestoreCalls, console: Any
) -> None:
    await records.write_end("CA1", "caller_hangup", AT)
    assert (await console.document("calls/CA1").get()).to_dict() == {
        "end_reason": "caller_hangup",
        "ended_at": AT,
        "end_told_by": "service",
    }
