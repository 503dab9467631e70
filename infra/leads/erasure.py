"""Erase what the records hold of a caller: leads, calls, utterances, recordings.

May be run again at any time: what an interrupted run has left is found again, since a call keeps its caller's number
until everything below it is gone. A call that is going on is erased as well; what is said in it from then on is not
kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final, Protocol

from google.cloud.firestore_v1.base_query import FieldFilter

from calls.erasure import is_erased, tombstone
from calls.events import is_call_sid
from calls.phone_numbers import phone_number
from calls.records import CALLS, LEADS, UTTERANCES, phone_digits

REJECTED_EVENTS: Final = "rejected_events"
_BATCH: Final = 400
"""Firestore takes 500 writes at once."""


class Recordings(Protocol):
    def delete(self, url: str) -> str:
        """Why the recording is still there; "" if it is gone."""


class NoNumber(Exception):
    """What was given cannot be a caller's number."""


@dataclass(slots=True)
class Erased:
    leads: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    utterances: int = 0
    rejected_events: int = 0
    recordings: list[str] = field(default_factory=list)
    recordings_left: dict[str, str] = field(default_factory=dict)
    """Address -> why it is still there."""
    named_elsewhere: list[str] = field(default_factory=list)
    """Leads of other callers who asked to be called back at this number. They are theirs, and stay."""


def erase(client: Any, number: str, now: datetime, recordings: Recordings, *, dry_run: bool = False) -> Erased:
    """`number` in any spelling. With `dry_run` nothing is changed, and what would be is returned."""
    digits = phone_digits(number)
    if not digits:
        raise NoNumber(f"{number!r} is no telephone number")
    erased = Erased()
    leads, calls = _found(client, digits, phone_number(number), erased)
    for call_sid, call in calls.items():
        _erase_call(client.collection(CALLS).document(call_sid), call, now, recordings, erased, dry_run=dry_run)
    # Last: until then a run that broke off finds by them what it has left.
    for lead_id, lead in leads.items():
        _erase_recording(lead, recordings, erased, dry_run=dry_run)
        erased.leads.append(lead_id)
        if not dry_run:
            client.collection(LEADS).document(lead_id).delete()
    _erase_rejected(client, {digits, *calls}, erased, dry_run=dry_run)
    return erased


def _found(client: Any, digits: str, number: str, erased: Erased) -> tuple[dict[str, Any], dict[str, Any]]:
    """The caller's leads and calls, by name."""
    leads, calls = client.collection(LEADS), client.collection(CALLS)
    mine = {digits}
    for lead in leads.where(filter=FieldFilter("phone", "in", [number, digits])).stream():
        if lead.id != digits:
            # A caller who hid the number, and said it, has a lead that is named by the call.
            (mine.add if is_call_sid(lead.id) else erased.named_elsewhere.append)(lead.id)
    found_calls = {
        each.id: each.to_dict() or {}
        for query in (
            calls.where(filter=FieldFilter("from", "in", [number, digits])),
            *(calls.where(filter=FieldFilter("lead_id", "==", lead_id)) for lead_id in sorted(mine)),
        )
        for each in query.stream()
    }
    placeholders = {lead_id for lead_id in found_calls if is_call_sid(lead_id)}
    read = (leads.document(lead_id).get() for lead_id in sorted(mine | placeholders))
    return {each.id: each.to_dict() or {} for each in read if each.exists}, found_calls


def _erase_call(
    reference: Any, call: dict[str, Any], now: datetime, recordings: Recordings, erased: Erased, *, dry_run: bool
) -> None:
    erased.calls.append(reference.id)
    if not dry_run and not is_erased(call):
        # First, and with the number still there: from here on nothing more is written on it.
        reference.update({"erased_at": now})
    _erase_recording(call, recordings, erased, dry_run=dry_run)
    utterances = reference.collection(UTTERANCES)
    for some in _in_batches(utterances.list_documents()):
        erased.utterances += len(some)
        if not dry_run:
            _delete_all(reference._client, some)
    if not dry_run:
        reference.set(tombstone(now))


def _erase_recording(document: dict[str, Any], recordings: Recordings, erased: Erased, *, dry_run: bool) -> None:
    url = document.get("recording_url")
    if not isinstance(url, str) or not url or url in erased.recordings or url in erased.recordings_left:
        return
    why = "" if dry_run else recordings.delete(url)
    if why:
        erased.recordings_left[url] = why
    else:
        erased.recordings.append(url)


def _erase_rejected(client: Any, mentions: set[str], erased: Erased, *, dry_run: bool) -> None:
    """Of what was never understood, whatever names the caller or one of the calls."""
    for each in client.collection(REJECTED_EVENTS).stream():
        text = json.dumps(each.to_dict() or {}, ensure_ascii=False, default=str)
        if any(mention in text for mention in mentions):
            erased.rejected_events += 1
            if not dry_run:
                each.reference.delete()


def _in_batches(references: Iterable[Any]) -> Iterator[list[Any]]:
    remaining = iter(references)
    while some := list(islice(remaining, _BATCH)):
        yield some


def _delete_all(client: Any, references: Iterable[Any]) -> None:
    batch = client.batch()
    for each in references:
        batch.delete(each)
    batch.commit()
