"""What all parts of one simulated call share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from local.twilio.call_parameters import CallIdentity
from local.twilio.target import CallTarget
from local.twilio.timeline import Kind, Timeline
from local.twilio.twiml import Stream
from local.twilio.webhooks import WebhookFailed, Webhooks, complaint_about_status_answer
from local.utterance_audio import ReadyScript


@dataclass(frozen=True, slots=True)
class CallContext:
    target: CallTarget
    ready: ReadyScript
    identity: CallIdentity
    timeline: Timeline
    webhooks: Webhooks
    background: asyncio.TaskGroup
    """Owns the status callbacks, which nobody waits for until the call is over."""
    now: Callable[[], float]
    """Seconds since dialling."""

    @property
    def remaining_s(self) -> float:
        """Until the caller hangs up in any case."""
        return self.ready.script.limit_s - self.now()

    def report_stream(self, verb: Stream, stream_sid: str, event: str, error: str = "") -> None:
        """Send a status callback without waiting for it."""
        if verb.status_callback is not None:
            params = self.identity.stream(stream_sid, verb.name, event, error, datetime.now(UTC))
            self.background.create_task(self._post_status(verb.status_callback, params, verb.status_method, event))

    async def _post_status(self, url: str, params: dict[str, str], method: str, event: str) -> None:
        self.timeline.note(self.now(), Kind.WEBHOOK, f"{event} -> {url}")
        try:
            answer = await self.webhooks.request(url, params, method)
        except WebhookFailed as exc:
            self.timeline.warn(self.now(), exc.code, f"{event}: {exc}")
            return
        if complaint := complaint_about_status_answer(answer):
            self.timeline.warn(self.now(), *complaint)
