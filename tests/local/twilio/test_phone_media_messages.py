"""The JSON of a media stream: as documented when sent, and strictly read when received."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.twilio.faults import FaultKind, message_for
from local.twilio.media_messages import (
    ClearBuffer,
    PlayMedia,
    RejectedMessage,
    SetMark,
    StreamMessages,
    read_message,
)

SID = "MZ" + "1" * 32


def message(event: str, **body: Any) -> str:
    return json.dumps({"event": event, "streamSid": SID, **body})


def test_numbers_that_twilio_writes_as_strings_are_strings() -> None:
    messages = StreamMessages("AC1", "CA1", SID)
    messages.start("inbound_track", ())
    first, second = (json.loads(messages.media("////", ms)) for ms in (0, 20))

    assert first["media"] == {"track": "inbound", "chunk": "1", "timestamp": "0", "payload": "////"}
    assert (second["sequenceNumber"], second["media"]["chunk"], second["media"]["timestamp"]) == ("3", "2", "20")


def test_each_track_counts_its_own_chunks() -> None:
    messages = StreamMessages("AC1", "CA1", SID)
    sent = [json.loads(messages.media("////", 0, track)) for track in ("inbound", "outbound", "inbound")]
    assert [m["media"]["chunk"] for m in sent] == ["1", "1", "2"]
    assert [m["sequenceNumber"] for m in sent] == ["1", "2", "3"]


def test_what_the_service_may_send_is_read() -> None:
    payload = base64.b64encode(b"\x00\xff\x10").decode()
    assert read_message(message("media", media={"payload": payload}), SID) == PlayMedia(b"\x00\xff\x10")
    assert read_message(message("mark", mark={"name": "a"}), SID) == SetMark("a")
    assert read_message(message("clear"), SID) == ClearBuffer()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "[" * 100_000,
        message("stop"),
        message("media"),
        message("media", media={"payload": "@@@@"}),
        message("media", media={"payload": None}),
        message("media", media={"payload": base64.b64encode(b"RIFF0000WAVE").decode()}),
        message("mark", mark={}),
        message("mark", mark={"name": ""}),
        json.dumps({"event": "clear"}),
        json.dumps({"event": "clear", "streamSid": "MZ2"}),
    ],
)
def test_anything_else_is_rejected_with_twilios_code(text: str) -> None:
    with pytest.raises(RejectedMessage) as rejected:
        read_message(text, SID)
    assert rejected.value.code == 31951


def test_every_fault_is_a_message_or_something_done_to_the_connection() -> None:
    done_to_the_connection = {FaultKind.NO_STOP, FaultKind.STOP_READING, FaultKind.FREEZE, FaultKind.RESET}
    messages = StreamMessages("AC1", "CA1", SID)
    without_message = {kind for kind in FaultKind if message_for(kind, messages) is None}
    assert without_message == done_to_the_connection
    assert len(message_for(FaultKind.HUGE_FRAME, messages) or "") > 1 << 20
    assert SID not in str(message_for(FaultKind.WRONG_STREAM_SID, messages))
