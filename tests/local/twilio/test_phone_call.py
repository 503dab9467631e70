"""Whole calls of the simulator to a tiny service on loopback, in real time but short."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from typing import Any

import pytest

from local.call_script import AwaitHangUp, CallScript, HangUp, Press, Say, Step, Wait
from local.phone import CallReport, CallTarget, EndedBy, Kind, ReadyScript, TimelineEvent, place_call, prepare
from local.twilio.faults import Fault, FaultKind
from tests.local.twilio.tiny_service import CONNECT, HANGUP, MEDIA_URL, STATUS_URL, VOICE_URL, MediaSession, TinyService

TONE = bytes([0x10]) * 8000
"""A second."""


def ready(*steps: Step, **options: Any) -> ReadyScript:
    """A call in which every text is spoken as 0.2 s of tone."""
    script = CallScript(steps, **{"limit_s": 4.0, "pause_s": 0.1, **options})
    return prepare(script, speak_as_caller=lambda text: TONE[:1600])


def kinds(report: CallReport) -> list[Kind]:
    return [event.kind for event in report.timeline]


def codes(report: CallReport) -> list[int]:
    return [warning.code for warning in report.warnings]


async def greet_and_listen(session: MediaSession) -> None:
    """Speak for 0.2 s, then leave the rest to the caller."""
    await session.begin()
    await session.play(TONE[:1600])
    await session.send("mark", mark={"name": "greeting"})
    await session.drain()


async def greet_and_close(session: MediaSession) -> None:
    await session.begin()
    await session.play(TONE[:1600])
    await session.send("mark", mark={"name": "greeting"})
    await session.receive_until("mark")


async def test_a_call_rings_streams_and_reports_to_every_webhook_signed_as_twilio_signs() -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    async with service.running() as target:
        report = await place_call(ready(Say("a"), Wait(0.1), HangUp()), target)

    assert service.unsigned == []
    (ring,) = service.forms("/")
    assert ring["CallStatus"] == "ringing"
    assert ring["CallSid"] == report.call_sid
    assert ring["From"] == "+972501234567"
    assert ring["Direction"] == "inbound"
    assert "FromCity" in ring, "empty fields are sent, and signed, too"
    assert sorted(form["StreamEvent"] for form in service.forms("/status")) == ["stream-started", "stream-stopped"]
    assert {form["StreamSid"] for form in service.forms("/status")} == {report.legs[0].stream_sid}
    assert service.forms("/after-stream")[0]["CallStatus"] == "completed"
    assert report.ended_by is EndedBy.CALLER


async def test_the_stream_is_opened_and_spoken_as_documented() -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    async with service.running() as target:
        await place_call(ready(Say("a"), Press("7"), Wait(0.1), HangUp()), target)

    (session,) = service.sessions
    assert session.request.headers["Host"] == "media.test"
    assert session.request.headers["Sec-WebSocket-Protocol"] == "audio.twilio.com"
    connected, start, media = session.received[:3]
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert start["sequenceNumber"] == "1"
    assert start["start"]["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    assert start["start"]["tracks"] == ["inbound"]
    assert start["start"]["customParameters"] == {"token": "t-1"}
    assert media["media"]["track"] == "inbound"
    assert (media["media"]["chunk"], media["media"]["timestamp"], media["sequenceNumber"]) == ("1", "0", "2")
    (digit,) = [m for m in session.received if isinstance(m, dict) and m["event"] == "dtmf"]
    assert digit["dtmf"] == {"track": "inbound_track", "digit": "7"}
    messages = [m for m in session.received if isinstance(m, dict) and "sequenceNumber" in m]
    assert [int(m["sequenceNumber"]) for m in messages] == list(range(1, len(messages) + 1))
    assert messages[-1]["event"] == "stop"


async def test_frames_keep_real_time_without_drift() -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    async with service.running() as target:
        report = await place_call(ready(Wait(0.5), HangUp()), target)

    (leg,) = report.legs
    assert leg.frames_sent == pytest.approx((leg.ended_at - leg.started_at) * 50, abs=2)
    assert report.worst_lateness_s < 0.5


async def test_a_mark_returns_when_heard_and_what_the_caller_hears_is_recorded_with_its_latency() -> None:
    async def answer_after_a_while(session: MediaSession) -> None:
        await session.begin()
        await session.play(TONE[:1600])
        await session.send("mark", mark={"name": "greeting"})
        await session.receive_until("mark")
        await asyncio.sleep(0.6)  # the caller speaks from 0.1 to 0.3 s after the greeting
        await session.play(TONE[:1600])
        await session.send("mark", mark={"name": "answer"})
        await session.receive_until("mark")

    service = TinyService(answers={"/": CONNECT}, converse=answer_after_a_while)
    async with service.running() as target:
        report = await place_call(ready(Say("a"), AwaitHangUp()), target)

    assert [event.text for event in report.timeline if event.kind is Kind.MARK] == ["greeting heard", "answer heard"]
    assert kinds(report).count(Kind.ASSISTANT_STARTED) == kinds(report).count(Kind.ASSISTANT_STOPPED) == 2
    (turn,) = report.turns
    assert turn.latency_s == pytest.approx(0.3, abs=0.15)
    assert report.greeting_latency_s is not None
    assert 0.0 <= report.greeting_latency_s < 0.5
    samples = report.recording.samples()
    assert len(samples[:, 0].nonzero()[0]) == 1600
    assert len(samples[:, 1].nonzero()[0]) == pytest.approx(3200, abs=2)
    assert report.ended_by is EndedBy.SERVICE


async def test_a_barge_in_is_silenced_by_clear_and_its_marks_come_back_flushed() -> None:
    async def stop_when_spoken_to(session: MediaSession) -> None:
        await session.begin()
        await session.play(TONE * 5)
        await session.send("mark", mark={"name": "long"})
        await asyncio.sleep(0.5)
        await session.send("clear")
        await session.receive_until("mark")

    service = TinyService(answers={"/": CONNECT}, converse=stop_when_spoken_to)
    events: list[TimelineEvent] = []
    async with service.running() as target:
        report = await place_call(ready(Say("a", barge_in_after_s=0.3), AwaitHangUp()), target, events.append)

    assert Kind.BARGE_IN in [event.kind for event in events]
    assert [event.text for event in report.timeline if event.kind is Kind.MARK] == ["long flushed"]
    (turn,) = report.turns
    assert turn.barge_in
    assert turn.silenced_s == pytest.approx(0.2, abs=0.15)
    assert len(report.recording.samples()[:, 1].nonzero()[0]) < 8000
    assert report.legs[0].largest_ahead_s == pytest.approx(5.0, abs=0.1)


async def test_after_the_service_closed_the_stream_its_next_twiml_is_followed_as_the_next_leg() -> None:
    service = TinyService(answers={"/": CONNECT, "/after-stream": CONNECT}, converse=greet_and_close)

    async def close_twice_then_hang_up(session: MediaSession) -> None:
        if len(service.sessions) == 2:
            service.answers["/after-stream"] = HANGUP
        await greet_and_close(session)

    service.converse = close_twice_then_hang_up
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp()), target)

    assert [form["CallStatus"] for form in service.forms("/after-stream")] == ["in-progress"] * 2
    assert [leg.leg for leg in report.legs] == [1, 2]
    assert report.legs[0].stream_sid != report.legs[1].stream_sid
    assert codes(report) == []
    assert report.ended_by is EndedBy.SERVICE


async def asked_after_s(target: CallTarget, from_number: str) -> float:
    """How long after the end of the stream Twilio asked how to go on."""
    report = await place_call(ready(Wait(0.1), HangUp(), from_number=from_number), target)
    (asked,) = [event.at for event in report.timeline if event.kind is Kind.WEBHOOK and "/after-stream" in event.text]
    return asked - report.legs[0].ended_at


async def test_twilio_asks_how_to_go_on_some_time_after_the_stream_ended_and_with_a_seed_the_same_each_time() -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    async with service.running() as quick:
        target = replace(quick, asks_after_s=(0.05, 1.5), seed=1)
        callers = ["+972501234567"] * 2 + ["+972501234568"]
        once, again, another = await asyncio.gather(*(asked_after_s(target, caller) for caller in callers))
    assert 0.05 <= once <= 2.0
    # With this seed the two are 0.9 s apart: a busy machine adds its own.
    assert once == pytest.approx(again, abs=0.3)
    assert once != pytest.approx(another, abs=0.3)
    assert CallTarget("", "").asks_after_s == (0.05, 2.0)


async def test_a_refused_stream_is_reported_and_voicemail_is_left() -> None:
    voicemail = f'<Response><Say>.</Say><Record action="{VOICE_URL}/recording" maxLength="60"/><Hangup/></Response>'
    service = TinyService(answers={"/": CONNECT, "/after-stream": voicemail}, converse=None)
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp(), voicemail="message"), target)

    assert codes(report) == [31920]
    (recorded,) = service.forms("/recording")
    assert recorded["RecordingSid"].startswith("RE")
    assert recorded["RecordingDuration"] == "1"
    assert recorded["Digits"] == "hangup"
    (status,) = service.forms("/status")
    assert status["StreamEvent"] == "stream-error"
    assert "503" in status["StreamError"]
    assert report.ended_by is EndedBy.CALLER


async def test_a_connection_that_breaks_is_an_error_and_the_call_goes_on_to_the_action() -> None:
    async def vanish(session: MediaSession) -> None:
        await session.begin()
        assert session.request.transport is not None
        session.request.transport.abort()

    service = TinyService(answers={"/": CONNECT}, converse=vanish)
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp()), target)

    assert codes(report) == [31921]
    assert sorted(form["StreamEvent"] for form in service.forms("/status")) == ["stream-error", "stream-started"]
    assert service.forms("/after-stream")[0]["CallStatus"] == "in-progress"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", 31951),
        ("null", 31951),
        ('{"event":"clear","streamSid":"MZ0"}', 31951),
        (b"\x00", 31950),
    ],
)
async def test_a_message_twilio_does_not_accept_is_a_warning_and_nothing_else(message: str | bytes, code: int) -> None:
    async def talk_nonsense(session: MediaSession) -> None:
        await session.begin()
        for _ in range(2):
            if isinstance(message, str):
                await session.ws.send_str(message)
            else:
                await session.ws.send_bytes(message)
        await session.send("mark", mark={"name": "still here"})
        await session.receive_until("mark")

    service = TinyService(answers={"/": CONNECT}, converse=talk_nonsense)
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp()), target)

    assert codes(report) == ([code] if isinstance(message, bytes) else [code, code])
    assert report.ended_by is EndedBy.SERVICE


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (FaultKind.MALFORMED_JSON, "not JSON"),
        (FaultKind.SECOND_START, "start"),
        (FaultKind.UNKNOWN_EVENT, "surprise"),
    ],
)
async def test_a_scripted_fault_reaches_the_service(kind: FaultKind, seen: str) -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    async with service.running() as target:
        await place_call(ready(Wait(0.2), HangUp(), faults=(Fault(kind, at_s=0.1),)), target)

    assert service.sessions[0].events().count(seen) == (2 if kind is FaultKind.SECOND_START else 1)


async def test_media_before_start_and_a_missing_stop_are_at_the_ends_of_the_stream() -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    faults = (Fault(FaultKind.MEDIA_BEFORE_START), Fault(FaultKind.NO_STOP))
    async with service.running() as target:
        await place_call(ready(Wait(0.1), HangUp(), faults=faults), target)

    events = service.sessions[0].events()
    assert events[:3] == ["connected", "media", "start"]
    assert "stop" not in events


async def test_a_reset_ends_the_stream_without_a_close_frame() -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp(), faults=(Fault(FaultKind.RESET, at_s=0.1),)), target)

    (session,) = service.sessions
    assert "stop" not in session.events()
    assert session.ws.close_code == 1006
    assert codes(report) == [31921]


async def test_a_frozen_phone_sends_nothing_and_notices_when_the_service_gives_up() -> None:
    async def give_up(session: MediaSession) -> None:
        await session.begin()
        while True:
            try:
                async with asyncio.timeout(0.3):
                    await session.receive()
            except TimeoutError:
                break
        assert session.request.transport is not None
        session.request.transport.abort()

    service = TinyService(answers={"/": CONNECT}, converse=give_up)
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp(), faults=(Fault(FaultKind.FREEZE, at_s=0.1),)), target)

    assert report.duration_s < 2.0
    assert report.legs[0].frames_sent <= 8


async def test_the_caller_hangs_up_when_the_time_is_over() -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp(), limit_s=0.4), target)

    assert report.ended_by is EndedBy.LIMIT
    assert "stop" in service.sessions[0].events()


async def test_a_service_that_reads_nothing_cannot_keep_the_caller_on_the_line() -> None:
    async def sleep(session: MediaSession) -> None:
        await session.begin()
        await asyncio.sleep(60)

    service = TinyService(answers={"/": CONNECT}, converse=sleep)
    faults = tuple(Fault(FaultKind.HUGE_FRAME, at_s=0.1) for _ in range(12))
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp(), limit_s=0.3, faults=faults), target)

    assert report.ended_by is EndedBy.LIMIT
    assert report.duration_s < 4.5


@pytest.mark.parametrize(
    ("answer", "content_type", "code"),
    [("<Response>", "text/xml", 12100), ("{}", "application/json", 12300)],
)
async def test_an_unusable_answer_ends_the_call_with_its_code(answer: str, content_type: str, code: int) -> None:
    service = TinyService(answers={"/": answer}, content_type=content_type)
    async with service.running() as target:
        report = await place_call(ready(AwaitHangUp()), target)

    assert codes(report) == [code]
    assert report.ended_by is EndedBy.ERROR


@pytest.mark.parametrize("answer", [HANGUP, "no TwiML"])
async def test_the_number_s_status_callback_is_told_of_the_end_whatever_became_of_the_call(answer: str) -> None:
    service = TinyService({"/": answer})
    async with service.running() as target:
        await place_call(CallScript(()), replace(target, call_status_url=STATUS_URL))
        await place_call(CallScript(()), target)

    (told,) = service.forms("/status")
    assert told["CallStatus"] == "completed"
    assert told["CallSid"] == service.posts[0][1]["CallSid"]
    assert service.unsigned == []


async def test_a_webhook_that_is_too_slow_or_missing_ends_the_call() -> None:
    service = TinyService(answers={"/": CONNECT})
    async with service.running() as target:
        slow = await place_call(ready(AwaitHangUp()), replace(target, webhook_timeout_s=0.0001))
    gone = await place_call(ready(AwaitHangUp()), target)

    assert codes(slow) == [11205]
    assert codes(gone) == [11200]


async def test_copies_of_a_webhook_carry_one_idempotency_token() -> None:
    service = TinyService(answers={"/": HANGUP})
    async with service.running() as target:
        await place_call(ready(AwaitHangUp()), replace(target, webhook_copies=3))

    assert len(service.forms("/")) == 3
    assert len({headers["I-Twilio-Idempotency-Token"] for headers in service.headers}) == 1


LISTEN = (
    f'<Response><Start><Stream url="{MEDIA_URL}" track="both_tracks" statusCallback="{STATUS_URL}"/></Start>'
    "<Dial>+972501111111</Dial></Response>"
)


@pytest.mark.parametrize("twiml", [CONNECT, LISTEN], ids=["assistant", "listen"])
async def test_a_call_that_is_stopped_in_the_middle_drops_its_line(twiml: str) -> None:
    """Ctrl-C in a run of many calls printed a complaint about each connection that was left open."""
    under_way, over = asyncio.Event(), asyncio.Event()

    async def only_listen(session: MediaSession) -> None:
        await session.begin()
        under_way.set()
        await session.drain()
        over.set()

    service = TinyService(answers={"/": twiml}, converse=only_listen)
    async with service.running() as target:
        calling = asyncio.create_task(place_call(ready(Wait(3.0), callee=(Wait(3.0),)), target))
        await under_way.wait()
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        async with asyncio.timeout(1.0):
            await over.wait()
    assert calling.cancelled()
    gc.collect()  # an open connection is complained of here


async def test_in_listen_mode_both_people_are_sent_on_their_own_tracks() -> None:
    async def only_listen(session: MediaSession) -> None:
        await session.begin()
        await session.drain()

    service = TinyService(answers={"/": LISTEN}, converse=only_listen)
    script = ready(Say("need"), Wait(0.2), HangUp(), callee=(Say("hello", at_once=True),), callee_answers_after_s=0.1)
    async with service.running() as target:
        report = await place_call(script, target)

    (session,) = service.sessions
    start = session.received[1]
    assert start["start"]["tracks"] == ["inbound", "outbound"]
    voiced = {
        track: [int(m["media"]["timestamp"]) for m in session.received if _is_voiced(m, track)]
        for track in ("inbound", "outbound")
    }
    assert len(voiced["inbound"]) == len(voiced["outbound"]) == 10
    assert max(voiced["outbound"]) < min(voiced["inbound"]), "the caller answers the greeting"
    assert sorted(form["StreamEvent"] for form in service.forms("/status")) == ["stream-started", "stream-stopped"]
    assert report.ended_by is EndedBy.CALLER
    assert codes(report) == []


def _is_voiced(message: Any, track: str) -> bool:
    if not isinstance(message, dict) or message["event"] != "media" or message["media"]["track"] != track:
        return False
    return not message["media"]["payload"].startswith("////")


async def test_many_calls_at_once_each_have_their_own_sid_and_keep_time() -> None:
    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    script = ready(Say("a"), Wait(0.3), HangUp())
    async with service.running() as target:
        reports = await asyncio.gather(*(place_call(script, target) for _ in range(20)))

    assert len({report.call_sid for report in reports}) == 20
    assert all(report.ended_by is EndedBy.CALLER for report in reports)
    assert all(len(report.turns) == 1 for report in reports)


async def test_a_cancelled_call_leaves_no_connection_behind() -> None:
    """As when somebody stops the program; a client that is left open complains when it is collected."""
    streaming = asyncio.Event()

    def listener(event: TimelineEvent) -> None:
        if event.kind is Kind.ASSISTANT_STARTED:
            streaming.set()

    service = TinyService(answers={"/": CONNECT}, converse=greet_and_listen)
    async with service.running() as target:
        call = asyncio.create_task(place_call(ready(Wait(3.0), HangUp()), target, listener))
        await streaming.wait()
        call.cancel()
        await asyncio.wait({call})
        gc.collect()

    assert call.cancelled()
