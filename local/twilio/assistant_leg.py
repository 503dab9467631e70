"""`<Connect><Stream>`: the caller and the service talk over one media stream until one of them ends it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from local.twilio.context import CallContext
from local.twilio.faults import FaultKind, message_for
from local.twilio.line import Line
from local.twilio.media_messages import ClearBuffer, PlayMedia, RejectedMessage, SetMark, read_message
from local.twilio.media_socket import ConnectionLost
from local.twilio.media_stream import MediaStream
from local.twilio.pacing import frame_ticks
from local.twilio.participant import Participant
from local.twilio.spell_watch import SpellWatch
from local.twilio.timeline import Kind

# The caller's limit is noticed at the next frame; only a service that reads nothing can stop the frames.
_STALL_GRACE_S = 1.0
_REGULAR_CLOSE_CODES = frozenset({0, 1000, 1001, 1005})


class LegEnd(StrEnum):
    CALLER = "caller"
    """Hung up."""
    LIMIT = "limit"
    """Hung up because the script's time was over."""
    SERVICE = "service"
    """Closed the WebSocket."""
    LOST = "lost"
    """The connection broke."""


@dataclass(slots=True)
class LegRecord:
    """What the leg was, for the report."""

    leg: int
    stream_sid: str
    started_at: float
    """When the start message had been sent."""
    ended_at: float = 0.0
    ended_by: LegEnd = LegEnd.LOST
    close_code: int | None = None
    """From the service's close frame, if there was one."""
    first_media_at: float | None = None
    frames_sent: int = 0
    sent: dict[str, list[bytes]] = field(default_factory=dict)
    """The audio of those frames, by track."""
    largest_ahead_s: float = 0.0
    """The most audio that ever waited to be heard."""
    worst_lateness_s: float = 0.0
    """Of a frame: how far this simulator itself fell behind real time."""

    def frame_sent(self, track: str, audio: bytes) -> None:
        self.frames_sent += 1
        self.sent.setdefault(track, []).append(audio)


class AssistantLeg:
    def __init__(self, stream: MediaStream, caller: Participant, context: CallContext, leg: int) -> None:
        self.line = Line()
        self.clears: list[float] = []
        self.record = LegRecord(leg, stream.sid, stream.started_at)
        self._stream = stream
        self._caller = caller
        self._context = context
        self._spells = SpellWatch()
        self._faults = deque(
            sorted((f for f in context.ready.script.faults if f.leg == leg), key=lambda fault: fault.at_s)
        )
        self._kinds = frozenset(fault.kind for fault in self._faults)
        self._is_deaf = False
        self._binary_reported = False

    async def run(self) -> LegEnd:
        """Talk until the leg ends, and leave its socket closed."""
        self._caller.connect(self._context.now())
        reading = asyncio.create_task(self._read())
        try:
            async with asyncio.timeout(max(0.0, self._context.remaining_s) + _STALL_GRACE_S):
                end = await self._talk(reading)
        except ConnectionLost:
            end = await self._end_of(reading)
        except TimeoutError:
            self._is_deaf = True  # so is the service: no use in saying goodbye
            end = LegEnd.LIMIT
        except asyncio.CancelledError:
            await self._stream.socket.reset()  # whoever placed the call is gone, like a phone without a battery
            raise
        finally:
            reading.cancel()
            await asyncio.wait({reading})
        self._note_spells(self._hang_up_line())
        await self._close(end)
        return end

    async def _talk(self, reading: asyncio.Task[None]) -> LegEnd:
        async for number, late_s in frame_ticks():
            now = self._context.now()
            self.record.worst_lateness_s = max(self.record.worst_lateness_s, late_s)
            if reading.done() and not self._is_deaf:
                return await self._end_of(reading)
            if self._context.remaining_s <= 0:
                return LegEnd.LIMIT
            if await self._misbehave(now, reading):
                return LegEnd.LOST
            await self._echo_marks(now)
            self._note_spells(now)
            tick = self._caller.tick(now, self.line.speech(now))
            for digit in tick.digits:
                await self._stream.socket.send(self._stream.messages.digit(digit))
            if tick.hung_up:
                return LegEnd.CALLER
            await self._stream.send_frame(tick.frame, number)
            self.record.frame_sent("inbound", tick.frame.audio)
        raise AssertionError("frame ticks never end")

    async def _end_of(self, reading: asyncio.Task[None]) -> LegEnd:
        """How the service's side ended, once what it had sent has been read."""
        if not self._is_deaf:
            await asyncio.wait({reading}, timeout=1.0)
        if reading.done() and not reading.cancelled():
            reading.result()
        self.record.close_code = self._stream.socket.close_code
        return LegEnd.SERVICE if self.record.close_code in _REGULAR_CLOSE_CODES else LegEnd.LOST

    async def _read(self) -> None:
        async for message in self._stream.socket.messages():
            if isinstance(message, bytes):
                self._reject_binary()
                continue
            try:
                await self._receive(message)
            except RejectedMessage as exc:
                self._context.timeline.warn(self._context.now(), exc.code, str(exc))
            except ConnectionLost:
                return

    async def _receive(self, text: str) -> None:
        message = read_message(text, self._stream.sid)
        now = self._context.now()
        match message:
            case PlayMedia(audio):
                if self.record.first_media_at is None:
                    self.record.first_media_at = now
                self.line.play(audio, now)
                self.record.largest_ahead_s = max(self.record.largest_ahead_s, self.line.ahead_s(now))
            case SetMark(name):
                self.line.mark(name, now)
                await self._echo_marks(now)
            case ClearBuffer():
                dropped_s = self.line.ahead_s(now)
                names = self.line.clear(now)
                self.clears.append(now)
                self._context.timeline.note(now, Kind.CLEAR, f"{dropped_s:.2f} s dropped")
                for name in names:
                    await self._echo(name, now, "flushed")

    async def _echo_marks(self, now: float) -> None:
        for name in self.line.reached(now):
            await self._echo(name, now, "heard")

    async def _echo(self, name: str, now: float, why: str) -> None:
        self._context.timeline.note(now, Kind.MARK, f"{name} {why}")
        await self._stream.socket.send(self._stream.messages.mark(name))

    def _reject_binary(self) -> None:
        if not self._binary_reported:
            self._binary_reported = True
            self._context.timeline.warn(self._context.now(), 31950, "malformed message: a binary frame")

    async def _misbehave(self, now: float, reading: asyncio.Task[None]) -> bool:
        """Do what is due of the script's faults. True: the connection is gone after it."""
        while self._faults and now - self._stream.started_at >= self._faults[0].at_s:
            kind = self._faults.popleft().kind
            self._context.timeline.note(now, Kind.FAULT, kind)
            if kind is FaultKind.MEDIA_BEFORE_START:
                continue  # sent when the stream was opened
            if kind in {FaultKind.STOP_READING, FaultKind.FREEZE}:
                self._is_deaf = True
                reading.cancel()
            if kind is FaultKind.FREEZE:
                await self._stream.socket.wait_until_gone(self._context.remaining_s)
                return True
            if kind is FaultKind.RESET:
                return True
            if (message := message_for(kind, self._stream.messages)) is not None:
                await self._stream.socket.send(message)
        return False

    def _hang_up_line(self) -> float:
        """Nothing is heard any more. Return a time by which all speech heard so far is known to have ended."""
        self.line.clear(self._context.now())
        return float("inf")

    def _note_spells(self, now: float) -> None:
        for change in self._spells.changes(self.line.spells, now):
            kind = Kind.ASSISTANT_STARTED if change.is_on else Kind.ASSISTANT_STOPPED
            self._context.timeline.note(change.at, kind)

    async def _close(self, end: LegEnd) -> None:
        self.record.ended_at, self.record.ended_by = self._context.now(), end
        code = self.record.close_code
        self._context.timeline.note(
            self.record.ended_at, Kind.LEG_ENDED, f"by {end}" + (f", close code {code}" if code else "")
        )
        match end:
            case LegEnd.CALLER | LegEnd.LIMIT:
                await self._stream.stop(say_so=not self._is_deaf and FaultKind.NO_STOP not in self._kinds)
            case LegEnd.SERVICE:
                await self._stream.ended_by_service()
            case LegEnd.LOST:
                await self._stream.lost(f"close code {code}" if code else "no close frame")
