"""Read the lead, the call and its utterances from Firestore, and write settings, as somebody at the console would."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.cloud import firestore

from calls.records import LEADS

_WITHIN_S: Final = 5.0
_EMULATOR_VARIABLE: Final = "FIRESTORE_EMULATOR_HOST"


@dataclass(frozen=True, slots=True)
class CallRecords:
    """None for a document that is not there."""

    call: dict[str, Any] | None
    lead: dict[str, Any] | None


class StoredRecords:
    """Made by `opened`."""

    def __init__(self, client: firestore.AsyncClient) -> None:
        self._client = client

    async def of_call(self, call_sid: str) -> CallRecords:
        call = await self._document(f"calls/{call_sid}")
        lead_id = call.get("lead_id") if call else None
        return CallRecords(call, await self.lead(lead_id) if lead_id else None)

    async def lead(self, name: str) -> dict[str, Any] | None:
        return await self._document(f"{LEADS}/{name}")

    async def utterances(self, call_sid: str) -> dict[str, dict[str, Any]]:
        """By document id, in the order they were spoken."""
        found = self._client.collection(f"calls/{call_sid}/utterances").stream(retry=None, timeout=_WITHIN_S)
        return {each.id: each.to_dict() or {} async for each in found}

    async def put(self, path: str, content: Mapping[str, Any]) -> None:
        await self._client.document(path).set(dict(content), retry=None, timeout=_WITHIN_S)

    async def _document(self, path: str) -> dict[str, Any] | None:
        snapshot = await self._client.document(path).get(retry=None, timeout=_WITHIN_S)
        content: dict[str, Any] | None = snapshot.to_dict()
        return content


@contextlib.asynccontextmanager
async def opened(project: str, firestore_host: str) -> AsyncIterator[StoredRecords]:
    """`firestore_host` is "" for Google's own."""
    with _emulator_host(firestore_host):
        client = firestore.AsyncClient(project=project)
    try:
        yield StoredRecords(client)
    finally:
        # The client has no way of its own to close its connection.
        await client._firestore_api.transport.close()


@contextlib.contextmanager
def _emulator_host(host: str) -> Iterator[None]:
    """The client takes the emulator's address only from the environment, when it is made."""
    before = os.environ.get(_EMULATOR_VARIABLE)
    if host:
        os.environ[_EMULATOR_VARIABLE] = host
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_EMULATOR_VARIABLE, None)
        else:
            os.environ[_EMULATOR_VARIABLE] = before
