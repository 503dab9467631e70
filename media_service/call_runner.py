"""Run one call: feed the core what happens, keep its one timer, carry out what it decides.

Everything here runs in the event loop and nothing in `take` waits, so the core is never entered twice at a time.
Each stream, request, reply and synthesis is a task of the call's own group and reports back by `take`.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, assert_never

from calls.phone_numbers import phone_number
from media_service.core import actions, events
from media_service.core.conversation import Conversation
from media_service.core.record.transcript import CallIdentity
from media_service.errors import VendorError, VendorSuspended, reason_of
from media_service.operations.outbox import Outbox
from media_service.operations.telemetry import CallTelemetry
from media_service.ports import CallRecords, RecognitionStream, Recognizer, ReplyEngine, Synthesizer

log = logging.getLogger(__name__)

WRITE_END_S = 1.5
"""How long the socket stays open for the reason to be written before it is closed."""
DELIVER_S = 4.0
"""How long what was said may take to be published after the call, before it is left to the instance's backlog. With
the two before it and the last words this stays below the ten seconds that Cloud Run gives at its end."""


_RecognizerAction = (
    actions.OpenStream | actions.SendAudio | actions.FinishStream | actions.CancelStream | actions.RecognizeOnce
)
_PhoneAction = actions.PlayAudio | actions.SendMark | actions.ClearPlayback


class Logic(Protocol):
    """What decides a call: `core.call` or `core.listen_call`."""

    @property
    def is_over(self) -> bool: ...

    def start(self, now: float) -> Sequence[actions.Action]: ...

    def handle(self, event: events.Event, now: float) -> Sequence[actions.Action]: ...

    def deadline(self) -> float: ...

    def on_timer(self, now: float) -> Sequence[actions.Action]: ...


class Phone(Protocol):
    """The way to the caller's ear. Nothing here waits; what is sent arrives in order."""

    def play(self, audio: bytes) -> None: ...

    def mark(self, name: str) -> None: ...

    def clear(self) -> None: ...

    async def close(self) -> None:
        """Close the socket, within a second whatever the peer does."""


@dataclass(frozen=True, slots=True)
class CallServices:
    """What the calls of an instance share."""

    recognizer: Recognizer
    synthesizer: Synthesizer
    replies: ReplyEngine
    fallback_replies: ReplyEngine
    """Takes over a turn when `replies` fails before it has said anything."""
    records: CallRecords


class CallRunner:
    """Use as a context manager around reading the socket: leaving it waits until the call is wound up."""

    def __init__(
        self,
        identity: CallIdentity,
        logic: Logic,
        phone: Phone,
        services: CallServices,
        outbox: Outbox,
        telemetry: CallTelemetry,
        clock: Callable[[], float],
    ) -> None:
        """`clock` gives the `now` of the core; it must be the event loop's own."""
        self._identity = identity
        self._logic = logic
        self._phone = phone
        self._services = services
        self._outbox = outbox
        self._telemetry = telemetry
        self._clock = clock
        self._group = asyncio.TaskGroup()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._streams: dict[str, RecognitionStream] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._broken = False

    @property
    def leg(self) -> int:
        return self._identity.leg

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._start("outbox", self._outbox.run())
        self._start("recall", self._recall())
        self._carry_out(self._logic.start(self._clock()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if not isinstance(error, Exception):
            await self._group.__aexit__(kind, error, trace)
            return None
        # The edge of a call: what broke is logged, and the call ends as calls do.
        log.error("call_broke", exc_info=error, extra={"call_sid": self._identity.call_sid})
        self.take(events.RunnerFailed())
        await self._group.__aexit__(None, None, None)
        return True

    def take(self, event: events.Event) -> None:
        """Something happened. Harmless after the call has ended."""
        try:
            decided = self._logic.handle(event, self._clock())
        except Exception:  # the edge of the call: a bug of ours ends this call cleanly, and no other
            if self._broken:
                raise
            self._broken = True
            log.exception("call_logic_broke", extra={"call_sid": self._identity.call_sid})
            decided = self._logic.handle(events.RunnerFailed(), self._clock())
        if decided:
            self._carry_out(decided)
        elif type(event) is events.CallerAudio:
            return  # the timer is set again at least each 0.6 s, see `core.line_silence`
        self._set_timer()

    def drain(self) -> None:
        self.take(events.DrainStarted())

    def supersede(self) -> None:
        self.take(events.SocketLost())

    def _on_timer(self) -> None:
        self._timer = None
        now = self._clock()
        if now >= self._logic.deadline():
            self._carry_out(self._logic.on_timer(now))
        self._set_timer()

    def _set_timer(self) -> None:
        """One timer. It may ring too early, and is then set again; that is cheaper than moving it for each frame."""
        due = self._logic.deadline()
        if self._timer is not None:
            if due >= self._timer.when():
                return
            self._timer.cancel()
        elif due == math.inf:
            return
        self._timer = asyncio.get_running_loop().call_at(due, self._on_timer)

    def _carry_out(self, decided: Sequence[actions.Action]) -> None:
        for action in decided:
            match action:
                case (
                    actions.OpenStream()
                    | actions.SendAudio()
                    | actions.FinishStream()
                    | actions.CancelStream()
                    | actions.RecognizeOnce()
                ):
                    self._ask_recognizer(action)
                case actions.StartReply(turn, conversation):
                    self._start(f"reply-{turn}", self._reply(turn, conversation))
                case actions.CancelReply(turn):
                    self._stop(f"reply-{turn}")
                case actions.Synthesize(clip):
                    self._start(f"clip-{clip}", self._synthesize(action))
                case actions.PlayAudio() | actions.SendMark() | actions.ClearPlayback():
                    self._tell_phone(action)
                case actions.Publish(event):
                    self._outbox.add(event)
                case actions.HangUp():
                    self._hang_up(action)
                case (
                    actions.ReportStreamStarted()
                    | actions.ReportStreamFailed()
                    | actions.ReportStreamingGivenUp()
                    | actions.ReportRequestFailed()
                    | actions.ReportInterim()
                    | actions.ReportFinal()
                    | actions.ReportTurn()
                    | actions.ReportBargeIn()
                ):
                    self._telemetry.report(action)
                case _:
                    assert_never(action)

    def _ask_recognizer(self, action: _RecognizerAction) -> None:
        match action:
            case actions.OpenStream(name):
                self._start(name, self._listen(name))
            case actions.SendAudio(name, audio):
                if (stream := self._streams.get(name)) is not None:
                    stream.send(audio)
            case actions.FinishStream(name):
                if (stream := self._streams.get(name)) is not None:
                    stream.finish()
            case actions.CancelStream(name):
                self._stop(name)
            case actions.RecognizeOnce(request):
                self._start(request, self._recognize(action))
            case _:
                assert_never(action)

    def _tell_phone(self, action: _PhoneAction) -> None:
        match action:
            case actions.PlayAudio(audio):
                self._phone.play(audio)
            case actions.SendMark(name):
                self._phone.mark(name)
            case actions.ClearPlayback():
                self._phone.clear()
            case _:
                assert_never(action)

    def _start(self, name: str, work: Coroutine[object, None, None]) -> None:
        task = self._group.create_task(work, name=f"{self._identity.call_sid} {name}")
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    def _stop(self, name: str) -> None:
        if (task := self._tasks.get(name)) is not None:
            task.cancel()

    def _hang_up(self, action: actions.HangUp) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for name in list(self._tasks):
            if name != "outbox":
                self._stop(name)
        self._start("end", self._end(action.reason, on_record=action.on_record))

    async def _end(self, reason: str, *, on_record: bool) -> None:
        """The reason first: Twilio asks what to do next as soon as the socket is closed."""
        now = self._clock()
        identity = self._identity
        if on_record:
            await self._write_end(reason, identity.when(now))
        await self._phone.close()
        undelivered = await self._outbox.close(DELIVER_S)
        self._telemetry.ended(reason, now - identity.started_at, len(undelivered))

    async def _write_end(self, reason: str, ended_at: datetime) -> None:
        try:
            async with asyncio.timeout(WRITE_END_S):
                await self._services.records.write_end(self._identity.call_sid, reason, ended_at)
        except (VendorError, TimeoutError) as error:
            log.warning(
                "end_reason_not_written", extra={"call_sid": self._identity.call_sid, "error": reason_of(error)}
            )

    async def _recall(self) -> None:
        """The caller's number, earlier legs and earlier calls; the call goes on without them if the records do not
        answer."""
        records, call_sid = self._services.records, self._identity.call_sid
        number = ""
        if (parties := self._outbox.parties) is not None:
            # The stream itself told it: the records did not answer when the phone rang, and may not now.
            number = phone_number(parties.from_number)
            self.take(events.CallRecalled(number, ()))
        try:
            known = await records.call_so_far(call_sid, number)
            self._outbox.parties = known.parties or parties
            turns = known.turns if self.leg > 1 else ()
            self.take(events.CallRecalled(known.caller_number or number, turns, known.earlier))
            await records.write_leg(call_sid, self.leg)
        except VendorError as error:
            log.warning("call_not_recalled", extra={"call_sid": call_sid, "error": reason_of(error)})

    async def _listen(self, name: str) -> None:
        try:
            stream = await self._services.recognizer.open_stream()
        except VendorError as error:
            self.take(events.StreamEnded(name, reason_of(error), permanent=isinstance(error, VendorSuspended)))
            return
        reason = ""
        try:
            self._streams[name] = stream
            self.take(events.StreamOpened(name))
            async for result in stream:
                self.take(events.StreamResult(name, result))
        except VendorError as error:
            reason = reason_of(error)
        finally:
            self._streams.pop(name, None)
            await stream.cancel()
        self.take(events.StreamEnded(name, reason))

    async def _recognize(self, action: actions.RecognizeOnce) -> None:
        try:
            heard = await self._services.recognizer.recognize(action.audio)
        except VendorError as error:
            self.take(events.RequestFailed(action.request, reason_of(error)))
        else:
            self.take(events.RequestRecognized(action.request, tuple(heard.results), heard.recognizer))

    async def _reply(self, turn: int, conversation: Conversation) -> None:
        said, ends_call = False, False
        try:
            said, ends_call = await self._reply_by(self._services.replies, turn, conversation)
        except VendorError as error:
            log.warning("reply_failed", extra={"call_sid": self._identity.call_sid, "error": reason_of(error)})
        if not said:
            _, ends_call = await self._reply_by(self._services.fallback_replies, turn, conversation)
        self.take(events.ReplyFinished(turn, ends_call))

    async def _reply_by(self, engine: ReplyEngine, turn: int, conversation: Conversation) -> tuple[bool, bool]:
        said = ends_call = False
        async with aclosing(engine.reply(conversation)) as parts:
            try:
                async for part in parts:
                    ends_call |= part.ends_call
                    if part.text:
                        said = True
                        self.take(events.ReplyTextArrived(turn, part.text, part.asks))
            except VendorError as error:
                if not said:
                    raise
                # What was said stands, and the caller can answer it.
                log.warning("reply_cut_short", extra={"call_sid": self._identity.call_sid, "error": reason_of(error)})
        return said, ends_call

    async def _synthesize(self, action: actions.Synthesize) -> None:
        try:
            audio = await self._services.synthesizer.synthesize(action.text)
        except VendorError as error:
            log.warning("synthesis_failed", extra={"call_sid": self._identity.call_sid, "error": reason_of(error)})
            self.take(events.SynthesisFailed(action.clip))
        else:
            self.take(events.SpeechSynthesized(action.clip, audio))
