"""Read and write the parts of the Firestore documents that the media service needs.

Google's client retries for minutes by default, and its `timeout` does not bound that (measured: 44 s and more with
`timeout=3` and the server down). So every request here has its own retry, and a limit around all of it.

Every write may be repeated without changing the result; a commit whose answer got lost does no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Self

from google.api_core import exceptions as api_exceptions
from google.api_core.retry import if_exception_type
from google.api_core.retry_async import AsyncRetry
from google.cloud.firestore import AsyncClient

from calls.call_end import written_by_service
from calls.event_wire import MalformedEvent, field_values
from calls.events import UTTERANCE_FINAL, FieldValue, Parties, is_call_sid
from calls.lead_fields import BY_NAME, PHONE, collected
from calls.records import CALLS, GENERAL_SETTINGS, LEADS, SETTINGS, UTTERANCES, lead_id, phone_digits
from media_service.adapters.google_errors import GOOGLE_FAILURES, vendor_error
from media_service.core.conversation import AssistantSettings, Turn
from media_service.errors import VendorError, VendorRefused, reason_of
from media_service.ports import CallSoFar, TeamSettings
from understanding.opening_hours import OpeningHours, opening_hours

SETTINGS_LIVE_S: Final = 60.0

_CALLER_WAITS_S: Final = 2.0
"""Longest a read takes: both reads happen while somebody on the phone waits."""
_ATTEMPTS: Final = 3
"""A request that hangs is given up after this part of its limit, and sent again."""

_TRANSIENT: Final = if_exception_type(
    api_exceptions.Aborted,
    api_exceptions.DeadlineExceeded,
    api_exceptions.InternalServerError,
    api_exceptions.ServiceUnavailable,
    api_exceptions.Unknown,
)
MOST_NUMBERS: Final = 200
"""Documents of settings. All are read together, so that a caller waits for no number's greeting."""

_TEXT_SETTINGS: Final = ("business_name", "greeting", "notice", "instructions", "working_hours")
_log = logging.getLogger(__name__)


def settings_from(document: Mapping[str, Any]) -> AssistantSettings:
    """What can be used of the document that people edit by hand. A field of the wrong type counts as empty."""
    texts = {name: _text(document, name) for name in _TEXT_SETTINGS}
    to_collect, faults = collected(document.get("fields_to_collect"))
    for fault in faults:
        _log.warning("assistant_field_ignored", extra={"fault": fault})
    return AssistantSettings(**texts, fields_to_collect=to_collect, hours=_hours(document.get("hours")))


def team_settings_from(documents: Mapping[str, Mapping[str, Any]]) -> TeamSettings:
    """From the documents of the collection by their names. What a number has not, or not in a usable form, is the
    general."""
    general = settings_from(documents.get(GENERAL_SETTINGS, {}))
    by_number = {}
    for name, document in documents.items():
        if digits := phone_digits(name):
            by_number[digits] = _over(general, settings_from(document))
        elif name != GENERAL_SETTINGS:
            _log.warning(
                "settings_ignored", extra={"expected": f"{GENERAL_SETTINGS}, or the digits of a called number"}
            )
    return TeamSettings(general, by_number)


def _over(general: AssistantSettings, own: AssistantSettings) -> AssistantSettings:
    said = {each.name: value for each in fields(own) if (value := getattr(own, each.name))}
    return replace(general, **said)


def _hours(value: object) -> OpeningHours | None:
    if value is not None and not isinstance(value, Mapping):
        _warn_of_setting("hours", "a map of days", value)
        return None
    hours, problems = opening_hours(value)
    for problem in problems:
        _log.warning("assistant_hours_ignored", extra={"problem": problem})
    return hours


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if isinstance(value, str):
        return value.strip()
    if value is not None:
        _warn_of_setting(name, "a text", value)
    return ""


def _warn_of_setting(name: str, expected: str, found: object) -> None:
    _log.warning(
        "assistant_setting_ignored", extra={"field": name, "expected": expected, "found": type(found).__name__}
    )


def caller_number_from(call: Mapping[str, Any]) -> str:
    """The caller's number as Twilio gave it, or "" if it is withheld or not there."""
    number = call.get("from")
    return number if isinstance(number, str) and phone_digits(number) else ""


def parties_from(call: Mapping[str, Any]) -> Parties | None:
    """Who calls whom; None where it has not been written down."""
    caller, called = call.get("from"), call.get("to")
    return Parties(caller, called if isinstance(called, str) else "") if caller and isinstance(caller, str) else None


def earlier_from(lead: Mapping[str, Any], call_sid: str) -> dict[str, FieldValue]:
    """What calls before this one told, as people see it on the lead: a value that they corrected is theirs, and no
    caller has confirmed it."""
    fields = lead.get("fields")
    earlier: dict[str, FieldValue] = {}
    for name, found in fields.items() if isinstance(fields, Mapping) else ():
        if not isinstance(found, Mapping) or found.get("call_sid") == call_sid:
            continue
        told = found.get("value")
        column = BY_NAME[name].column if name in BY_NAME and name != PHONE else ""
        value = lead.get(column, told) if column else told
        if isinstance(value, str) and value.strip():
            # What was stored without its call was called confirmed for having been heard.
            confirmed = found.get("confirmed") is True and bool(found.get("call_sid")) and value == told
            earlier[name] = FieldValue(value, seq=1, confirmed=confirmed)
    return earlier


def turns_from(utterances: Iterable[Mapping[str, Any]]) -> tuple[Turn, ...]:
    """The conversation in the order of (`leg`, `seq`). A document that is no utterance of ours is left out."""
    turns: dict[tuple[int, int], Turn] = {}
    for document in utterances:
        match document:
            case {"leg": int(leg), "seq": int(seq), "speaker": "caller" | "assistant" as speaker, "text": str(text)}:
                turns[leg, seq] = Turn(
                    speaker,
                    text,
                    seq,
                    leg,
                    confidence=_confidence(document),
                    at=_moment(document),
                    fields=_taught(document, leg),
                )
            case {"speaker": "callee"}:
                pass  # listen mode: two people talk, and there is no conversation for us to go on with
            case {"type": str(kind)} if kind != UTTERANCE_FINAL:
                pass  # another event of the call: a leg that was drained has left its `call.ended` here
            case _:
                _log.warning("utterance_ignored", extra={"fields": sorted(map(str, document))})
    return tuple(turn for _, turn in sorted(turns.items()))


def _confidence(document: Mapping[str, Any]) -> float | None:
    value = document.get("confidence")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(document: Mapping[str, Any]) -> datetime | None:
    value = document.get("ended_at")
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _taught(document: Mapping[str, Any], leg: int) -> Mapping[str, FieldValue]:
    try:
        return field_values(document.get("fields") or {}, leg)
    except MalformedEvent:
        _log.warning("utterance_fields_ignored", extra={"leg": leg})
        return {}


@dataclass(frozen=True, slots=True)
class _CachedSettings:
    settings: TeamSettings
    until: float


class FirestoreCalls:
    """The `CallRecords` of the application. Belongs to the event loop of its first request."""

    def __init__(self, client: Any, request_timeout_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`client` is a `firestore.AsyncClient`; `clock` gives seconds, and only measures the age of the settings."""
        self._client = client
        self._write_limit_s = request_timeout_s
        self._read_limit_s = min(request_timeout_s, _CALLER_WAITS_S)
        self._clock = clock
        self._cached: _CachedSettings | None = None
        self._reading_settings = asyncio.Lock()

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, project: str, request_timeout_s: float) -> AsyncIterator[Self]:
        """Raises `VendorError` if there are no credentials. `FIRESTORE_EMULATOR_HOST` is read by Google's client."""
        try:
            # Looking for credentials may ask the metadata server, so not in the event loop's thread.
            client = await asyncio.to_thread(AsyncClient, project=project or None)
        except GOOGLE_FAILURES as error:
            raise vendor_error(error, "finding the credentials") from error
        try:
            yield cls(client, request_timeout_s)
        finally:
            # The client has no way of its own to close its connection.
            await client._firestore_api.transport.close()

    async def team_settings(self) -> TeamSettings:
        """See `ports.CallRecords`. With Firestore down, settings already known stay in use."""
        async with self._reading_settings:
            cached = self._cached
            if cached is not None and self._clock() < cached.until:
                return cached.settings
            try:
                settings = await self._read_settings()
            except VendorError as error:
                if cached is None:
                    raise
                _log.warning("assistant_settings_outdated", extra={"error": reason_of(error)})
                settings = cached.settings
            self._cached = _CachedSettings(settings, self._clock() + SETTINGS_LIVE_S)
            return settings

    async def _read_settings(self) -> TeamSettings:
        limit_s = self._read_limit_s
        collection = self._client.collection(SETTINGS)
        async with _bounded("reading the settings", limit_s):
            found = [each async for each in collection.limit(MOST_NUMBERS + 1).stream(**_patience(limit_s))]
            if len(found) > MOST_NUMBERS:
                # The general ones come last by name, and are those that no call can do without.
                _log.warning("settings_too_many", extra={"most": MOST_NUMBERS})
                found[-1] = await collection.document(GENERAL_SETTINGS).get(**_patience(limit_s))
        return team_settings_from({each.id: each.to_dict() or {} for each in found})

    async def called_number(self, call_sid: str) -> str:
        """See `ports.CallRecords`."""
        call = self._call(call_sid)
        limit_s = self._read_limit_s
        async with _bounded("reading the called number", limit_s):
            number = ((await call.get(["to"], **_patience(limit_s))).to_dict() or {}).get("to")
        return number if isinstance(number, str) else ""

    async def call_so_far(self, call_sid: str, caller_number: str = "") -> CallSoFar:
        """See `ports.CallRecords`. What summarize has not stored yet is missing."""
        call = self._call(call_sid)
        limit_s = self._read_limit_s
        async with _bounded("reading the call", limit_s):
            document = (await call.get(**_patience(limit_s))).to_dict() or {}
            number = caller_number_from(document) or caller_number
            stored, lead = await asyncio.gather(self._utterances(call), self._lead(call_sid, number))
        return CallSoFar(
            caller_number_from(document), turns_from(stored), parties_from(document), earlier_from(lead, call_sid)
        )

    async def _utterances(self, call: Any) -> list[dict[str, Any]]:
        return [found.to_dict() async for found in call.collection(UTTERANCES).stream(**_patience(self._read_limit_s))]

    async def _lead(self, call_sid: str, caller_number: str) -> dict[str, Any]:
        """The caller's own; who hides the number has called for the first time."""
        name = lead_id(caller_number, call_sid)
        if name == call_sid:
            return {}
        lead = await self._client.collection(LEADS).document(name).get(**_patience(self._read_limit_s))
        return lead.to_dict() or {}

    async def write_leg(self, call_sid: str, leg: int) -> None:
        """See `ports.CallRecords`. The rest of `stream` is stream_status's."""
        call = self._call(call_sid)
        async with _bounded("writing the leg", self._write_limit_s):
            await call.set({"stream": {"leg": leg}}, merge=True, **_patience(self._write_limit_s))

    async def write_end(self, call_sid: str, reason: str, ended_at: datetime) -> None:
        """See `ports.CallRecords`. A missing document gets these fields; whoever touches it next adds the rest."""
        call = self._call(call_sid)
        limit_s = self._write_limit_s
        fields = {"end_reason": reason, "ended_at": ended_at, **written_by_service(reason)}
        async with _bounded("writing the end of the call", limit_s):
            await call.set(fields, merge=True, **_patience(limit_s))

    def _call(self, call_sid: str) -> Any:
        if not is_call_sid(call_sid):
            raise VendorRefused("a document id that is no call SID")
        return self._client.collection(CALLS).document(call_sid)


def _patience(limit_s: float) -> dict[str, Any]:
    retry = AsyncRetry(predicate=_TRANSIENT, initial=0.1, maximum=1.0, multiplier=2.0, timeout=limit_s)
    return {"retry": retry, "timeout": limit_s / _ATTEMPTS}


@contextlib.asynccontextmanager
async def _bounded(doing: str, limit_s: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(limit_s):
            yield
    except GOOGLE_FAILURES as error:
        raise vendor_error(error, doing) from error
