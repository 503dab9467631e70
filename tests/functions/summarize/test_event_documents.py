import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from calls.events import CallEnded, FieldValue, LatencySummary, OtherEvent, UtteranceFinal
from functions.summarize.errors import Rejected
from functions.summarize.event_documents import StoredEvents, from_documents, storable, to_document
from tests.functions.summarize.example_calls import CALL_SID, demo_call, ended, said


def test_events_come_back_from_their_documents_as_they_were() -> None:
    events = demo_call()
    assert from_documents(to_document(event) for event in events) == StoredEvents(tuple(events))


def test_a_document_has_the_event_s_fields_and_times_as_times() -> None:
    document = to_document(said(3, "קוראים לי דנה"))
    assert document["started_at"] == said(3, "").started_at
    assert (document["type"], document["seq"], document["text"]) == ("utterance.final", 3, "קוראים לי דנה")


def test_a_document_somebody_broke_is_counted_and_left_out() -> None:
    good = to_document(said(1, "שלום"))
    assert from_documents([good | {"speaker": "somebody"}, {}, good]) == StoredEvents((said(1, "שלום"),), unreadable=2)


def test_an_event_of_a_type_not_known_yet_is_kept_as_it_came_and_read_as_one() -> None:
    body = {"version": 1, "type": "call.transferred", "call_sid": CALL_SID, "leg": 1, "seq": 4, "__x__": 2**70}
    document = to_document(storable(OtherEvent(CALL_SID, 1, 4, "call.transferred", body)))
    assert json.loads(document.pop("body")) == body
    assert document == {name: value for name, value in body.items() if name != "__x__"}
    (again,) = from_documents([document]).events
    assert isinstance(again, OtherEvent)
    assert (again.leg, again.seq, again.type) == (1, 4, "call.transferred")


_LONG = "\u202e" + "א" * 10_000


def test_nothing_an_event_holds_is_too_much_to_store() -> None:
    event = replace(
        ended(2),
        fields={
            name: FieldValue(_LONG, 1, quote=_LONG, other=_LONG) for name in ("name", "__x__", "", "a.b", "A" * 2_000)
        },
        latency=LatencySummary(turns=2**70),
    )
    kept = storable(event)
    assert isinstance(kept, CallEnded)
    assert kept.fields == {"name": FieldValue("א" * 500, 1, quote="א" * 500, other="א" * 500)}
    assert kept.latency.turns < 2**63
    long = storable(said(1, "מילה " * 100_000))
    assert isinstance(long, UtteranceFinal)
    assert len(long.text.encode()) < 100_000


def test_there_is_an_end_to_the_fields_an_event_may_bring() -> None:
    event = replace(ended(2), fields={f"field_{number}": FieldValue("א", 1) for number in range(1_000)})
    kept = storable(event)
    assert isinstance(kept, CallEnded)
    assert len(kept.fields) == 24


@pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_a_time_no_call_can_have_is_rejected(at: datetime) -> None:
    for event in (replace(said(1, "שלום"), started_at=at), replace(ended(2), ended_at=at)):
        with pytest.raises(Rejected):
            storable(event)
