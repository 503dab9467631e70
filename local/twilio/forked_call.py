"""`<Start><Stream>` and `<Dial>`: two people talk, and what they say is copied to a media stream that only listens."""

from __future__ import annotations

import asyncio
from enum import StrEnum

from local.twilio.assistant_leg import LegEnd, LegRecord
from local.twilio.context import CallContext
from local.twilio.line import Line
from local.twilio.media_messages import RejectedMessage, read_message, tracks_of
from local.twilio.media_socket import ConnectionLost
from local.twilio.media_stream import MediaStream
from local.twilio.pacing import frame_ticks
from local.twilio.participant import Participant
from local.twilio.timeline import Kind
from local.utterance_audio import SILENT_FRAME, Frame


class DialEnd(StrEnum):
    CALLER = "caller"
    CALLEE = "callee"
    LIMIT = "limit"


class Fork:
    """A one-way media stream. The call goes on whether or not the service keeps it open."""

    def __init__(self, stream: MediaStream, context: CallContext, leg: int) -> None:
        self.record = LegRecord(leg, stream.sid, stream.started_at)
        self._stream = stream
        self._context = context
        self._tracks = frozenset(tracks_of(stream.verb.track))
        self._reading = asyncio.create_task(self._read())

    async def send(self, track: str, frame: Frame) -> None:
        if track not in self._tracks or self._reading.done():
            return
        # Frames begin when the call does, but are numbered by the time since the stream's start.
        number = round((self._context.now() - self._stream.started_at) * 50)
        try:
            await self._stream.send_frame(frame, number, track)
        except ConnectionLost:
            self._reading.cancel()
            return
        self.record.frame_sent(track, frame.audio)

    async def finish(self) -> None:
        """The call is over."""
        closed_by_service = self._reading.done()
        self._reading.cancel()
        await asyncio.wait({self._reading})
        self.record.ended_at = self._context.now()
        self.record.close_code = self._stream.socket.close_code
        self.record.ended_by = LegEnd.SERVICE if closed_by_service else LegEnd.CALLER
        self._context.timeline.note(self.record.ended_at, Kind.LEG_ENDED, f"by {self.record.ended_by}")
        if closed_by_service:
            await self._stream.ended_by_service()
        else:
            await self._stream.stop()

    async def _read(self) -> None:
        async for message in self._stream.socket.messages():
            now = self._context.now()
            if isinstance(message, bytes):
                self._context.timeline.warn(now, 31950, "malformed message: a binary frame")
                continue
            try:
                read_message(message, self._stream.sid)
            except RejectedMessage as exc:
                self._context.timeline.warn(now, exc.code, str(exc))
            else:
                self._context.timeline.warn(now, 31951, "invalid message: nothing can be sent to a one-way stream")


async def talk(caller: Participant, callee: Participant, fork: Fork | None, context: CallContext) -> DialEnd:
    """Let the two talk until one hangs up. The callee's phone rings first; the caller is on the stream meanwhile."""
    script = context.ready.script
    dialled_at = context.now()
    heard_by_caller, heard_by_callee = Line(), Line()
    caller.connect(dialled_at)
    answered = False
    async for _, late_s in frame_ticks():
        now = context.now()
        if fork is not None:
            fork.record.worst_lateness_s = max(fork.record.worst_lateness_s, late_s)
        if context.remaining_s <= 0:
            return DialEnd.LIMIT
        if not answered and now - dialled_at >= script.callee_answers_after_s:
            answered = True
            callee.connect(now)
            caller.connect(now)
        said = caller.tick(now, heard_by_caller.speech(now)) if answered else None
        if said and said.hung_up:
            return DialEnd.CALLER
        answer = callee.tick(now, heard_by_callee.speech(now)) if answered else None
        if answer and answer.hung_up:
            return DialEnd.CALLEE
        if said and caller.is_audible:
            heard_by_callee.play(said.frame.audio, now)
        if answer and callee.is_audible:
            heard_by_caller.play(answer.frame.audio, now)
        if fork is not None:
            await fork.send("inbound", said.frame if said else SILENT_FRAME)
            if answer:
                await fork.send("outbound", answer.frame)
    raise AssertionError("frame ticks never end")
