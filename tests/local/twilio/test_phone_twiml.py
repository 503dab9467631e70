"""Reading TwiML: what is followed, what only draws a warning, and what stops the call."""

from __future__ import annotations

import pytest

from local.twilio import twiml
from local.twilio.twiml import Connect, Dial, Hangup, Record, Redirect, Say, Start, UnusableTwiml, parse

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
OURS = """
<Response>
  <Connect action="https://f.test/after-stream">
    <Stream url="wss://m.test/ws/twilio-media" track="inbound_track" statusCallbackEvent="start mark stop"
            statusCallback="https://f.test/status">
      <Parameter name="token" value="v1.1.9.abc"/>
    </Stream>
  </Connect>
</Response>"""


def read(text: str, content_type: str = "text/xml") -> twiml.Document:
    return parse(DECLARATION + text.encode(), content_type)


def codes(document: twiml.Document) -> list[int]:
    return [code for code, _ in document.warnings]


def test_the_documented_answer_is_followed_with_one_warning_for_the_undocumented_attribute() -> None:
    document = read(OURS, "text/xml; charset=utf-8")

    (connect,) = document.verbs
    assert isinstance(connect, Connect)
    assert connect.action == "https://f.test/after-stream"
    assert connect.stream.url == "wss://m.test/ws/twilio-media"
    assert connect.stream.parameters == (("token", "v1.1.9.abc"),)
    assert connect.stream.status_callback == "https://f.test/status"
    assert connect.stream.error is None
    assert codes(document) == [12200]
    assert "statusCallbackEvent" in document.warnings[0][1]


def test_verbs_come_in_the_order_of_the_document() -> None:
    document = read(
        '<Response><Start><Stream url="wss://m.test/s" track="both_tracks"/></Start><Dial>+97231</Dial>'
        '<Say language="he-IL">שלום</Say><Record action="/r" maxLength="30"/><Redirect>/x</Redirect>'
        "<Hangup/></Response>"
    )
    assert [type(verb) for verb in document.verbs] == [Start, Dial, Say, Record, Redirect, Hangup]
    assert document.verbs[1] == Dial("+97231", None, "POST")
    assert document.verbs[2] == Say("שלום")
    assert codes(document) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<Response><say>x</say></Response>", "<say>"),
        ('<Response><Say Voice="x">x</Say></Response>', "Voice"),
        ("<Response><Connect><Room/></Connect></Response>", "<Room>"),
        ('<Response version="1"><Hangup/></Response>', "version"),
    ],
)
def test_what_twilio_does_not_know_is_a_warning_that_names_it(text: str, named: str) -> None:
    document = read(text)
    assert 12200 in codes(document)
    assert named in document.warnings[0][1]


def test_an_unknown_verb_is_skipped_and_the_next_one_runs() -> None:
    assert read("<Response><Speak>x</Speak><Hangup/></Response>").verbs == (Hangup(),)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('url="wss://m.test/s" track="both_tracks"', 31941),
        ('url="wss://m.test/s" track="sideways"', 31941),
        ('url="https://m.test/s"', 31922),
        ('url="wss://m.test/s?token=1"', 31923),
        ('url=""', 31923),
    ],
)
def test_a_stream_twilio_would_not_open_says_why(attributes: str, code: int) -> None:
    (connect,) = read(f"<Response><Connect><Stream {attributes}/></Connect></Response>").verbs
    assert isinstance(connect, Connect)
    assert connect.stream.error is not None
    assert connect.stream.error[0] == code


def test_an_overlong_parameter_is_dropped() -> None:
    value = "x" * 496
    parameter = '<Parameter name="{}" value="{}"/>'
    text = f'<Response><Connect><Stream url="wss://m.test/s">{parameter}</Stream></Connect></Response>'
    kept, dropped = read(text.format("abc", value)), read(text.format("abcd", value))

    assert isinstance(kept.verbs[0], Connect)
    assert isinstance(dropped.verbs[0], Connect)
    assert len(kept.verbs[0].stream.parameters) == 1
    assert dropped.verbs[0].stream.parameters == ()


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b" " + DECLARATION + b"<Response/>", "text/xml", 12100),
        (b"<Response><Say>a & b</Say></Response>", "text/xml", 12100),
        (b"<html/>", "text/html", 12100),
        (b"<Response/>", "application/json", 12300),
        (b"<Response/>", "", 12300),
        (b"<Response>" + b" " * 65536 + b"</Response>", "text/xml", 11750),
    ],
)
def test_a_document_twilio_cannot_use_stops_the_call(body: bytes, content_type: str, code: int) -> None:
    with pytest.raises(UnusableTwiml) as stopped:
        parse(body, content_type)
    assert stopped.value.code == code


def test_plain_text_is_read_aloud() -> None:
    assert parse(b"Internal error", "text/plain").verbs == (Say("Internal error"),)
