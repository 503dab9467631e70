"""Events survive the wire, and nothing else gets through."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.event_wire import MalformedEvent, as_dict, decode, encode, format_time, from_dict, parse_time
from calls.events import (
    END_REASONS,
    RECOGNIZERS,
    SPEAKERS,
    CallEnded,
    CallEvent,
    FieldValue,
    LatencySummary,
    OtherEvent,
    Parties,
    UtteranceFinal,
    attributes,
    is_call_sid,
)
from calls.lead_fields import BY_NAME, Kind, LeadField

SAID = UtteranceFinal(
    call_sid="CA1",
    leg=1,
    seq=3,
    speaker="caller",
    text="קוראים לי דנה",
    started_at=datetime(2026, 1, 1, 10, 0, 3, 120_000, tzinfo=UTC),
    ended_at=datetime(2026, 1, 1, 10, 0, 4, 480_000, tzinfo=UTC),
    confidence=0.93,
    recognizer="google_streaming",
    language="iw-IL",
)
ENDED = CallEnded(
    call_sid="CA1",
    leg=1,
    seq=12,
    ended_at=datetime(2026, 1, 1, 10, 1, tzinfo=UTC),
    reason="assistant_goodbye",
    duration_s=61.4,
    recognizer="google_streaming",
    fields={"name": FieldValue("דנה", 3, confirmed=True, quote="קוראים לי דנה", confidence=0.93)},
    latency=LatencySummary(5, 0.71, 0.98),
    fields_to_collect=(
        BY_NAME["name"],
        LeadField("home", Kind.CHOICE, question="דירה או בית?", choices=("דירה", "בית"), required=False),
    ),
)
NAME_ON_THE_WIRE = {
    "value": "דנה",
    "leg": 1,
    "seq": 3,
    "quote": "קוראים לי דנה",
    "confidence": 0.93,
    "confirmed": True,
    "source": "rule",
}

sids = st.from_regex(r"CA[0-9a-f]{32}", fullmatch=True)
counts = st.integers(1, 99_999)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
# Milliseconds are all that travels.
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
seconds = st.floats(0, 1e6)
found = st.builds(
    FieldValue,
    value=texts,
    seq=counts,
    confirmed=st.booleans(),
    leg=counts,
    quote=texts,
    confidence=st.none() | st.floats(0, 1),
    source=st.sampled_from(["rule", "model", "keypad", "caller_id"]),
    other=texts,
    at=st.none() | times,
    until=st.none() | times,
)
own_fields = st.builds(
    LeadField,
    name=st.from_regex(r"[a-zא-ת][a-z0-9_א-ת]{0,30}[a-zא-ת]", fullmatch=True).filter(lambda name: name not in BY_NAME),
    kind=st.sampled_from([Kind.TEXT, Kind.PHONE, Kind.YES_NO, Kind.ID_NUMBER]),
    question=st.sampled_from(["", "מה הכתובת?"]),
    required=st.booleans(),
)
events = st.one_of(
    st.builds(
        UtteranceFinal,
        call_sid=sids,
        leg=counts,
        seq=counts,
        speaker=st.sampled_from(sorted(SPEAKERS)),
        text=texts,
        started_at=times,
        ended_at=times,
        confidence=st.none() | st.floats(0, 1),
        recognizer=st.sampled_from(sorted(RECOGNIZERS)),
        language=st.just("iw-IL"),
        fields=st.dictionaries(texts, found, max_size=3),
    ),
    st.builds(
        CallEnded,
        call_sid=sids,
        leg=counts,
        seq=counts,
        ended_at=times,
        reason=st.sampled_from(sorted(END_REASONS)),
        duration_s=seconds,
        recognizer=st.sampled_from(sorted(RECOGNIZERS)),
        fields=st.dictionaries(texts, found, max_size=4),
        latency=st.builds(LatencySummary, st.integers(0, 500), st.none() | seconds, st.none() | seconds),
        fields_to_collect=st.lists(own_fields, max_size=3, unique_by=lambda field: field.name).map(tuple),
    ),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(events)
def test_an_event_is_the_same_after_the_wire(event: CallEvent) -> None:
    assert decode(encode(event)) == event


def test_the_wire_form_of_an_utterance_is_the_promised_one() -> None:
    assert json.loads(encode(SAID)) == {
        "version": 1,
        "type": "utterance.final",
        "call_sid": "CA1",
        "leg": 1,
        "seq": 3,
        "speaker": "caller",
        "text": "קוראים לי דנה",
        "started_at": "2026-01-01T10:00:03.120Z",
        "ended_at": "2026-01-01T10:00:04.480Z",
        "confidence": 0.93,
        "recognizer": "google_streaming",
        "language": "iw-IL",
    }


def test_the_wire_form_of_an_ended_call_is_the_promised_one() -> None:
    assert json.loads(encode(ENDED)) == {
        "version": 1,
        "type": "call.ended",
        "call_sid": "CA1",
        "leg": 1,
        "seq": 12,
        "ended_at": "2026-01-01T10:01:00.000Z",
        "reason": "assistant_goodbye",
        "duration_s": 61.4,
        "recognizer": "google_streaming",
        "fields": {"name": NAME_ON_THE_WIRE},
        "latency": {"turns": 5, "total_p50_s": 0.71, "total_p95_s": 0.98},
        "fields_to_collect": [
            {"name": "name", "kind": "name", "required": True},
            {
                "name": "home",
                "kind": "choice",
                "required": False,
                "question": "דירה או בית?",
                "choices": ["דירה", "בית"],
            },
        ],
    }


@pytest.mark.parametrize("event", [SAID, ENDED])
def test_who_calls_whom_travels_where_it_is_told(event: UtteranceFinal | CallEnded) -> None:
    told = replace(event, parties=Parties("+972501234567", "+97231234567"))
    body = as_dict(told)
    assert (body["from"], body["to"]) == ("+972501234567", "+97231234567")
    assert decode(encode(told)) == told
    assert not {"from", "to"} & set(as_dict(event))
    with pytest.raises(MalformedEvent):
        from_dict({**body, "from": 972501234567})


def test_an_utterance_says_what_it_taught() -> None:
    assert json.loads(encode(replace(SAID, fields=ENDED.fields)))["fields"] == {"name": NAME_ON_THE_WIRE}


def test_a_second_value_and_the_moment_a_time_means_travel_with_it() -> None:
    at = datetime(2026, 1, 2, 8, 0, tzinfo=UTC)
    told = FieldValue("מחר בעשר", 5, other="מחר", at=at, until=at)
    wire = json.loads(encode(replace(SAID, fields={"callback_time": told})))["fields"]["callback_time"]
    assert (wire["other"], wire["at"], wire["until"]) == ("מחר", "2026-01-02T08:00:00.000Z", "2026-01-02T08:00:00.000Z")


def test_fields_of_a_service_released_earlier_are_read() -> None:
    """It sent value, seq and confirmed, and meant the leg of the event."""
    body = as_dict(ENDED) | {"leg": 2, "fields": {"name": {"value": "דנה", "seq": 3, "confirmed": True}}}
    del body["fields_to_collect"]
    event = from_dict(body)
    assert isinstance(event, CallEnded)
    assert event.fields == {"name": FieldValue("דנה", 3, confirmed=True, leg=2)}
    assert event.fields_to_collect == ()


def test_an_event_of_a_type_not_known_yet_keeps_its_place_and_all_it_came_with() -> None:
    """Whoever sent it was released before us: its leg has no gap, and a replay hands it on whole."""
    body = {**as_dict(SAID), "type": "call.transferred", "to": {"number": "+97231234567"}, "seq": 4}
    event = from_dict(body)
    assert event == OtherEvent("CA1", 1, 4, "call.transferred", body)
    assert decode(encode(event)) == event
    assert attributes(event) == {"type": "call.transferred", "call_sid": "CA1"}


@pytest.mark.parametrize("name", ["call_sid", "leg", "seq", "version", "type"])
def test_no_event_does_without_its_envelope(name: str) -> None:
    body = {key: value for key, value in as_dict(SAID).items() if key != name} | {"speaker": "whoever"}
    with pytest.raises(MalformedEvent, match=f"bad {name}"):
        from_dict(body | ({"type": "call.transferred"} if name != "type" else {}))


@pytest.mark.parametrize("name", ["google_chirp_3", "whisper2"])
def test_a_recognizer_or_a_reason_by_a_new_name_is_read(name: str) -> None:
    said = from_dict(as_dict(SAID) | {"recognizer": name})
    ended = from_dict(as_dict(ENDED) | {"recognizer": name, "reason": "transferred"})
    assert isinstance(said, UtteranceFinal) and said.recognizer == name
    assert isinstance(ended, CallEnded) and (ended.recognizer, ended.reason) == (name, "transferred")


def test_hebrew_travels_as_itself() -> None:
    assert "דנה".encode() in encode(SAID)


def test_attributes_hold_nothing_personal() -> None:
    assert attributes(SAID) == {"type": "utterance.final", "call_sid": "CA1"}
    assert attributes(ENDED) == {"type": "call.ended", "call_sid": "CA1"}


@given(st.sampled_from([SAID, ENDED]), st.data())
def test_a_damaged_field_is_refused_or_harmless(event: CallEvent, data: st.DataObject) -> None:
    """Whatever stands in a field, the result is a whole event or `MalformedEvent`."""
    body = as_dict(event)
    body[data.draw(st.sampled_from(sorted(body)))] = data.draw(json_values)
    try:
        accepted = from_dict(body)
    except MalformedEvent:
        return
    assert decode(encode(accepted)) == accepted


@pytest.mark.parametrize("event", [SAID, ENDED])
def test_every_field_must_be_there(event: CallEvent) -> None:
    for name in as_dict(event):
        if name in ("confidence", "fields_to_collect"):
            continue
        body = {key: value for key, value in as_dict(event).items() if key != name}
        with pytest.raises(MalformedEvent):
            from_dict(body)


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_bytes_that_are_no_event_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedEvent):
        decode(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", 2),
        ("version", True),
        ("version", 1.0),
        ("version", "1"),
        ("type", ""),
        ("type", 7),
        ("type", "Call started!"),
        ("type", "x" * 100),
        ("call_sid", "CA1/../x"),
        ("call_sid", "CA1\n"),
        ("leg", 0),
        ("leg", True),
        ("seq", 100_000),
        ("seq", "3"),
        ("reason", ""),
        ("reason", "bored to tears"),
        ("reason", None),
        ("recognizer", "Vendor!"),
        ("duration_s", float("nan")),
        ("duration_s", 10**400),
        ("ended_at", "2026-01-01T10:00:00"),
        ("ended_at", "0001-01-01T00:00:00+23:59"),
        ("fields", {"name": "דנה"}),
        ("fields", {"name": {"value": "דנה", "seq": 0}}),
        ("latency", {"turns": -1}),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: Any) -> None:
    with pytest.raises(MalformedEvent):
        from_dict(as_dict(ENDED) | {name: value})


@pytest.mark.parametrize("data", [b"[" * 200_000, b"1" * 5000, b"null", b"", b"\xff\xfe"])
def test_hostile_json_is_refused_like_any_other(data: bytes) -> None:
    with pytest.raises(MalformedEvent):
        decode(data)


def test_the_message_of_a_refusal_quotes_nothing_that_was_said() -> None:
    with pytest.raises(MalformedEvent) as refusal:
        from_dict(as_dict(SAID) | {"speaker": "דנה לוי 0501234567"})
    assert str(refusal.value) == "bad speaker"


def test_times_are_told_in_utc_with_milliseconds() -> None:
    in_jerusalem = datetime(2026, 1, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    assert format_time(in_jerusalem) == "2026-01-01T10:00:00.000Z"
    assert parse_time("2026-01-01T12:00:00+02:00") == datetime(2026, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("sid", ["CA1", "CA" + "0" * 32, "CAdemo"])
def test_a_call_sid_may_name_a_document(sid: str) -> None:
    assert is_call_sid(sid)


@pytest.mark.parametrize("sid", ["", "CA", "MZ1", "CA/1", "CA..", "CA1\n", " CA1", "CAא", "CA" + "0" * 63, "__CA1__"])
def test_what_may_not_name_a_document_is_no_call_sid(sid: str) -> None:
    assert not is_call_sid(sid)
