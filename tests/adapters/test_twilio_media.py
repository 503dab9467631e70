import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_service.adapters import twilio_media
from media_service.adapters.twilio_media import Connected, Dtmf, Mark, Media, Start, Stop, UnknownMessage, parse
from media_service.errors import MediaProtocolError

START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "start": {
        "accountSid": "AC1",
        "streamSid": "MZ1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "v1.1.2.x"},
    },
    "streamSid": "MZ1",
}


AUDIO: dict[str, Any] = START["start"]["mediaFormat"]


def start_with(**changes: object) -> str:
    return json.dumps(START | {"start": START["start"] | changes})


def media(**changes: object) -> str:
    fields = {"track": "inbound", "chunk": "2", "timestamp": "5", "payload": "/////w=="} | changes
    return json.dumps({"event": "media", "sequenceNumber": "4", "media": fields, "streamSid": "MZ1"})


def test_each_documented_message_is_read() -> None:
    assert parse('{"event":"connected","protocol":"Call","version":"1.0.0"}') == Connected()
    assert parse(json.dumps(START)) == Start("CA1", "MZ1", ("inbound",), {"token": "v1.1.2.x"})
    assert parse(media()) == Media("MZ1", "inbound", b"\xff" * 4)
    assert parse('{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"turn-3"}}') == Mark(
        "MZ1", "turn-3"
    )
    assert parse(
        '{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"#"}}'
    ) == Dtmf("MZ1", "#")
    assert parse('{"event":"stop","streamSid":"MZ1","stop":{"accountSid":"AC1","callSid":"CA1"}}') == Stop()


def test_bytes_are_read_like_text() -> None:
    assert parse(media().encode()) == parse(media())


def test_an_event_of_a_later_day_is_not_an_error() -> None:
    assert parse('{"event":"weather","streamSid":"MZ1"}') == UnknownMessage()


def test_numbers_are_taken_as_strings_and_as_numbers() -> None:
    as_text = {"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"}
    assert parse(start_with(mediaFormat=as_text)) == parse(json.dumps(START))


def test_a_start_without_parameters_has_none() -> None:
    bare = {key: value for key, value in START["start"].items() if key != "customParameters"}
    message = parse(json.dumps(START | {"start": bare}))
    assert isinstance(message, Start)
    assert message.parameters == {}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "null",
        "[1]",
        '"media"',
        "NaN",
        "{}",
        '{"event":null}',
        '{"event":["media"]}',
        "[" * 200_000,
        '{"event":"media","media":' + '{"a":' * 5000,
        "9" * 5000,
        b"\xff\xfe",
        "\ud800",
        '{"event":"media","streamSid":"MZ1"}',
        '{"event":"media","streamSid":"MZ1","media":[]}',
        media(payload="@@@@"),
        media(payload="////w"),
        media(payload="/////w==\n"),
        media(payload="//=///w="),
        media(payload="שלום"),
        media(payload=None),
        media(payload=7),
        media(payload=""),
        media(track=None),
        media().replace('"MZ1"', "null"),
        '{"event":"start"}',
        '{"event":"start","start":"x"}',
        start_with(callSid=""),
        start_with(callSid=None),
        start_with(streamSid=3),
        start_with(tracks="inbound"),
        start_with(tracks=[1]),
        start_with(customParameters=[]),
        start_with(customParameters={"token": 1}),
        start_with(mediaFormat=None),
        start_with(mediaFormat={"encoding": "audio/l16", "sampleRate": 8000, "channels": 1}),
        start_with(mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}),
        start_with(mediaFormat={"encoding": "audio/x-mulaw", "channels": 1}),
        *(
            start_with(mediaFormat=AUDIO | {"channels": channels})
            for channels in ("-1", -1, 1.5, True, "١", "9" * 5000)
        ),
        start_with(mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2}),
        '{"event":"mark","streamSid":"MZ1"}',
        '{"event":"mark","streamSid":"MZ1","mark":{}}',
        '{"event":"mark","mark":{"name":"a"}}',
        '{"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":1}}',
        '{"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":"12"}}',
        '{"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":""}}',
        '{"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":"٣"}}',
    ],
)
def test_what_is_malformed_is_refused_with_a_reason(message: str | bytes) -> None:
    with pytest.raises(MediaProtocolError) as refused:
        parse(message)
    assert 0 < len(str(refused.value)) < 80


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["event", "streamSid", "media", "payload", "track", "timestamp", "start", "mark", "name", "mediaFormat", "dtmf"]
EVENTS = st.sampled_from(["connected", "start", "media", "mark", "dtmf", "stop", "other"])


@given(EVENTS, st.dictionaries(st.sampled_from(KEYS), st.dictionaries(st.sampled_from(KEYS), JSON) | JSON))
def test_no_object_gets_past_as_anything_but_a_message_or_a_protocol_error(event: str, body: dict[str, object]) -> None:
    try:
        message = parse(json.dumps({**body, "event": event}))
    except MediaProtocolError:
        return
    assert not isinstance(message, Media) or message.payload


@given(st.binary(max_size=200))
def test_no_bytes_get_past_as_anything_but_a_message_or_a_protocol_error(message: bytes) -> None:
    with pytest.raises(MediaProtocolError):
        parse(message)


@given(st.binary(min_size=1, max_size=2000))
def test_audio_arrives_as_it_was_sent(audio: bytes) -> None:
    body = json.loads(twilio_media.media_message("MZ1", audio))
    assert body["event"] == "media"
    assert body["streamSid"] == "MZ1"
    assert base64.b64decode(body["media"]["payload"], validate=True) == audio
    read = parse(media(payload=body["media"]["payload"]))
    assert isinstance(read, Media)
    assert read.payload == audio


def test_control_messages_have_twilios_shape() -> None:
    assert json.loads(twilio_media.mark_message("MZ1", 'a"b')) == {
        "event": "mark",
        "streamSid": "MZ1",
        "mark": {"name": 'a"b'},
    }
    assert json.loads(twilio_media.clear_message("MZ1")) == {"event": "clear", "streamSid": "MZ1"}
