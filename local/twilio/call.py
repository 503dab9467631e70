"""Place one call: ring, fetch TwiML, follow it verb by verb, and report what was heard."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urljoin

import aiohttp

from local.call_script import CallScript
from local.person import Person
from local.recording import Recording
from local.twilio import twiml
from local.twilio.assistant_leg import AssistantLeg, LegEnd
from local.twilio.call_parameters import CallIdentity, new_sid
from local.twilio.context import CallContext
from local.twilio.faults import FaultKind
from local.twilio.forked_call import DialEnd, Fork, talk
from local.twilio.media_socket import StreamRefused
from local.twilio.media_stream import MediaStream, open_stream
from local.twilio.participant import Participant, SpokenTurn
from local.twilio.report import CallReport, EndedBy, heard_turns
from local.twilio.target import CallTarget
from local.twilio.timeline import Kind, Listener, Timeline
from local.twilio.twiml import Document
from local.twilio.webhooks import WebhookFailed, Webhooks
from local.utterance_audio import ReadyScript, prepare

# Redirects can go in circles; a real caller would have hung up long before.
_MOST_DOCUMENTS = 50
_SPOKEN_CHARS_PER_S = 14.0


async def place_call(
    script: CallScript | ReadyScript, target: CallTarget, listener: Listener | None = None
) -> CallReport:
    """Return when the call is over and every webhook has been answered.

    Any number of calls may run at once in one event loop; each frame of each keeps its own time. A `CallScript` is
    spoken before dialling; pass the same `ReadyScript` to many calls to do that once.
    """
    ready = script if isinstance(script, ReadyScript) else await asyncio.to_thread(prepare, script)
    loop = asyncio.get_running_loop()
    dialled_at = loop.time()
    timeline = Timeline(listener)
    identity = CallIdentity(new_sid("CA"), target.account_sid, ready.script.from_number, ready.script.to_number)
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as background:
        context = CallContext(
            target=target,
            ready=ready,
            identity=identity,
            timeline=timeline,
            webhooks=Webhooks(session, target),
            background=background,
            now=lambda: loop.time() - dialled_at,
        )
        call = _Call(context)
        ended_by = await call.run()
        duration_s = context.now()
    return call.report(ended_by, duration_s)


class _CallOver(Exception):
    def __init__(self, by: EndedBy, why: str) -> None:
        super().__init__(why)
        self.by = by


class _Call:
    def __init__(self, context: CallContext) -> None:
        self._context = context
        self._timeline = context.timeline
        ready = context.ready
        self._caller = Participant(
            Person(ready.script, ready.script.steps, ready.utterances), ready.quiet, context.timeline, is_caller=True
        )
        self._callee: Participant | None = None
        self._legs: list[AssistantLeg] = []
        self._forks: list[Fork] = []
        self._streams: list[MediaStream] = []
        self._fork: Fork | None = None
        self._document_url = context.target.incoming_call_url
        seed = context.target.seed
        self._chance = random.Random(None if seed is None else f"{seed} {context.identity.from_number}")

    async def run(self) -> EndedBy:
        self._timeline.note(0.0, Kind.DIALLED, self._context.identity.from_number)
        try:
            await self._follow()
        except _CallOver as over:
            ended_by, why = over.by, str(over)
        except WebhookFailed as exc:
            self._timeline.warn(self._context.now(), exc.code, str(exc))
            ended_by, why = EndedBy.ERROR, "Twilio plays its error message"
        except asyncio.CancelledError:
            # Nobody waits for the end of this call: its line goes dead.
            for stream in self._streams:
                await stream.socket.reset()
            raise
        if self._fork is not None:
            await self._fork.finish()
        if self._context.target.call_status_url:
            await self._tell_of_the_end()
        self._timeline.leg = 0
        self._timeline.note(self._context.now(), Kind.ENDED, f"by {ended_by}: {why}")
        return ended_by

    async def _follow(self) -> None:
        """Raises `_CallOver` or `WebhookFailed`; there is no other end."""
        document = await self._fetch(self._context.target.incoming_call_url, status="ringing")
        for _ in range(_MOST_DOCUMENTS):
            document = await self._run_verbs(document)
        raise _CallOver(EndedBy.ERROR, f"more than {_MOST_DOCUMENTS} documents")

    async def _run_verbs(self, document: Document) -> Document:
        for verb in document.verbs:
            if (then := await self._run_verb(verb)) is not None:
                return then
        raise _CallOver(EndedBy.SERVICE, "no verb left to run")

    async def _run_verb(self, verb: twiml.Verb) -> Document | None:
        """The document to go on with; None: the next verb."""
        match verb:
            case twiml.Hangup():
                raise _CallOver(EndedBy.SERVICE, "<Hangup/>")
            case twiml.Redirect(url, method):
                return await self._fetch(url, method=method)
            case twiml.Say(text):
                self._timeline.note(self._context.now(), Kind.ANNOUNCEMENT, text)
                await self._pass_time(len(text) / _SPOKEN_CHARS_PER_S)
            case twiml.Pause(length_s):
                await self._pass_time(length_s)
            case twiml.Connect():
                return await self._connect(verb)
            case twiml.Start():
                await self._start_fork(verb)
            case twiml.Dial():
                return await self._dial(verb)
            case twiml.Record():
                return await self._record(verb)
        return None

    async def _connect(self, verb: twiml.Connect) -> Document | None:
        self._timeline.leg = leg = self._timeline.leg + 1
        faults = frozenset(fault.kind for fault in self._context.ready.script.faults if fault.leg == leg)
        try:
            stream = await open_stream(verb.stream, self._context, faults)
        except StreamRefused:
            end = LegEnd.LOST
        else:
            self._streams.append(stream)
            talking = AssistantLeg(stream, self._caller, self._context, leg)
            self._legs.append(talking)
            end = await talking.run()
        await asyncio.sleep(self._chance.uniform(*self._context.target.asks_after_s))
        if end in {LegEnd.CALLER, LegEnd.LIMIT}:
            ended_by = EndedBy.CALLER if end is LegEnd.CALLER else EndedBy.LIMIT
            await self._hang_up_during(verb.action, verb.method, ended_by, {})
        if verb.action is None:
            return None
        return await self._fetch(verb.action, method=verb.method)

    async def _start_fork(self, verb: twiml.Start) -> None:
        self._timeline.leg = leg = self._timeline.leg + 1
        try:
            stream = await open_stream(verb.stream, self._context, frozenset[FaultKind]())
        except StreamRefused:
            return
        self._streams.append(stream)
        self._fork = Fork(stream, self._context, leg)
        self._forks.append(self._fork)

    async def _dial(self, verb: twiml.Dial) -> Document | None:
        ready = self._context.ready
        callee = Person(ready.script, ready.script.callee, ready.utterances)
        self._callee = Participant(callee, ready.quiet, self._timeline, is_caller=False)
        began = self._context.now()
        end = await talk(self._caller, self._callee, self._fork, self._context)
        dialled = {
            "DialCallStatus": "completed",
            "DialCallSid": new_sid("CA"),
            "DialCallDuration": str(round(self._context.now() - began)),
        }
        if end is not DialEnd.CALLEE:
            await self._hang_up_during(verb.action, verb.method, EndedBy(end.value), dialled)
        self._timeline.note(self._context.now(), Kind.HUNG_UP, "callee")
        if verb.action is None:
            return None
        return await self._fetch(verb.action, method=verb.method, more=dialled)

    async def _record(self, verb: twiml.Record) -> Document | None:
        """With a message to leave the caller speaks it and hangs up; without one the recording stays empty."""
        message = self._context.ready.voicemail
        if message is None:
            await self._pass_time(min(verb.timeout_s, verb.max_length_s))
            return None
        self._timeline.note(self._context.now(), Kind.CALLER_STARTED, message.text)
        length_s = min(len(message.frames) / 50, verb.max_length_s)
        await self._pass_time(length_s)
        recorded = self._context.identity.recording(new_sid("RE"), length_s)
        self._timeline.note(self._context.now(), Kind.RECORDING, f"{length_s:.1f} s")
        if verb.status_callback is not None:
            done = {**recorded, "RecordingStatus": "completed", "RecordingChannels": "1"}
            await self._fetch_quietly(verb.status_callback, "POST", "in-progress", done)
        action = verb.action or self._document_url
        await self._hang_up_during(action, verb.method, EndedBy.CALLER, {**recorded, "Digits": "hangup"})
        return None

    async def _hang_up_during(self, action: str | None, method: str, by: EndedBy, more: dict[str, str]) -> None:
        """The caller is gone: the verb's action is still told, and its answer comes too late to be run."""
        self._timeline.note(self._context.now(), Kind.HUNG_UP, "caller")
        if action is not None:
            await self._fetch_quietly(action, method, "completed", more)
        raise _CallOver(by, "the time was over" if by is EndedBy.LIMIT else "hung up")

    async def _tell_of_the_end(self) -> None:
        try:
            await self._context.webhooks.request(
                self._context.target.call_status_url, self._context.identity.voice("completed")
            )
        except WebhookFailed as exc:
            self._timeline.warn(self._context.now(), exc.code, str(exc))

    async def _pass_time(self, seconds: float) -> None:
        remaining_s = self._context.remaining_s
        await asyncio.sleep(max(0.0, min(seconds, remaining_s)))
        if seconds > remaining_s:
            raise _CallOver(EndedBy.LIMIT, "the time was over")

    async def _fetch_quietly(self, url: str, method: str, status: str, more: dict[str, str]) -> None:
        try:
            await self._fetch(url, method=method, status=status, more=more)
        except WebhookFailed as exc:
            self._timeline.warn(self._context.now(), exc.code, str(exc))

    async def _fetch(
        self, url: str, method: str = "POST", status: str = "in-progress", more: dict[str, str] | None = None
    ) -> Document:
        """Ask for TwiML. Raises `WebhookFailed`, also for a document Twilio cannot use."""
        url = urljoin(self._document_url, url)
        sent_at = self._context.now()
        params = {**self._context.identity.voice(status), **(more or {})}
        answer = await self._context.webhooks.request(url, params, method)
        took_s = self._context.now() - sent_at
        self._timeline.note(sent_at, Kind.WEBHOOK, f"{status} -> {url} {answer.status} in {took_s * 1000:.0f} ms")
        if status != "completed":
            self._document_url = url
        if answer.status == 204 or not answer.body:
            return Document(())
        try:
            document = twiml.parse(answer.body, answer.content_type)
        except twiml.UnusableTwiml as exc:
            raise WebhookFailed(exc.code, str(exc)) from exc
        for code, text in document.warnings:
            self._timeline.warn(self._context.now(), code, text)
        return document

    def report(self, ended_by: EndedBy, duration_s: float) -> CallReport:
        spells = [spell for leg in self._legs for spell in leg.line.spells]
        other_side = [piece for leg in self._legs for piece in leg.line.pieces]
        if self._callee is not None:
            other_side += self._callee.pieces
        spoken: list[SpokenTurn] = self._caller.turns
        return CallReport(
            call_sid=self._context.identity.call_sid,
            timeline=self._timeline.in_order(),
            turns=heard_turns(spoken, spells, [at for leg in self._legs for at in leg.clears]),
            legs=tuple(leg.record for leg in self._legs) + tuple(fork.record for fork in self._forks),
            recording=Recording(tuple(self._caller.pieces), tuple(other_side)),
            ended_by=ended_by,
            duration_s=duration_s,
        )
