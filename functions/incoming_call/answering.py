"""Answer Twilio's three requests: the phone rings, the media stream ended, a message was recorded.

The answer never waits for Firestore longer than its budget. Where the records cannot be reached a ringing phone is
put through all the same, and a lost stream goes to voicemail: without a count of the attempts, connecting again
could go on for ever.
"""

from __future__ import annotations

import logging
import time
import tomllib
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from calls import caller_parameter, stream_token
from calls.common_settings import LISTEN
from calls.events import Parties
from calls.missing_records import Documents, MetCall
from calls.twilio_webhook import TwilioForm, WebhookRequest
from functions.shared.bounded_records import BoundedRecords
from functions.shared.errors import RecordsUnavailable
from functions.shared.webhook import Reply, answered

from . import twiml
from .decisions import (
    Answer,
    Connect,
    Decision,
    HangUp,
    OverBudget,
    TurnedAway,
    Voicemail,
    above_budget,
    after_recording,
    after_stream,
    at_ring,
    is_over,
)
from .recordings import refusal
from .settings import Settings
from .used_budgets import UsedBudgets

RING: Final = ""
AFTER_STREAM: Final = "/after-stream"
RECORDING: Final = "/recording"

log = logging.getLogger("incoming_call")


class Answering:
    """Shared by all requests of an instance; keeps nothing of a call."""

    def __init__(self, settings: Settings, records: BoundedRecords, budgets: UsedBudgets | None = None) -> None:
        """`budgets` None: nobody is turned away."""
        self._settings = settings
        self._records = records
        self._budgets = budgets
        self._url_path = urlsplit(settings.incoming_call_url).path
        self._target = twiml.StreamTarget(
            url=f"wss://{settings.public_host}/ws/twilio-media",
            status_callback=settings.stream_status_url,
            status_events=settings.stream_status_events,
        )
        self._texts: dict[str, str] = tomllib.loads((Path(__file__).parent / "he.toml").read_text("utf-8"))

    def reply(self, path: str, request: WebhookRequest, idempotency_token: str = "") -> Reply:
        """`idempotency_token` is Twilio's `I-Twilio-Idempotency-Token`, the same for each delivery of a webhook."""
        route = self._route(path)
        if route is None:
            return Reply(404)
        return answered(
            request,
            self._settings.incoming_call_url + route,
            self._settings.auth_tokens,
            lambda form: Reply(200, self._twiml(route, form, idempotency_token)),
            root=route == RING,
        )

    def _route(self, path: str) -> str | None:
        # With or without the path of the public URL: it depends on what stands before the function.
        for prefix in (self._url_path, ""):
            rest = path.removeprefix(prefix)
            if path.startswith(prefix) and rest in {"", "/", AFTER_STREAM, RECORDING}:
                return rest.rstrip("/")
        return None

    def _twiml(self, route: str, form: TwilioForm, idempotency_token: str) -> str:
        settings, started = self._settings, time.monotonic()
        ringing = MetCall(
            call_sid=form.call_sid,
            from_number=form.shown("From"),
            to_number=form.shown("To"),
            mode=settings.call_mode,
            now=datetime.now(UTC),
            retention_days=settings.retention_days,
        )
        answer: Answer
        parameters: dict[str, str] = {}
        if route == RING:
            decision = self._records.change(ringing.call_sid, ringing.lead_id, self._at_ring(ringing, started))
            answer = decision.answer if decision else Connect(1)
            if decision is None:
                parameters = self._caller(ringing)
        elif route == AFTER_STREAM:
            status = form.get("CallStatus")
            # A webhook without a token is at least told from others by a name of its own: if the answer to our
            # write is lost, the second reading shows that the leg was given to this very request.
            request_id = idempotency_token or uuid.uuid4().hex

            def decide(documents: Documents) -> Decision:
                in_time = time.monotonic() - started < self._records.budget_s
                return after_stream(ringing, status, request_id, settings.most_reconnects, in_time, documents)

            answer = self._decided(ringing, decide, otherwise=HangUp() if is_over(status) else Voicemail())
        else:
            recording_url = form.get("RecordingUrl")
            if reason := refusal(recording_url):
                # The address itself stays out of the log: whoever made it up chose its words.
                log.warning("recording_refused", extra={"call_sid": ringing.call_sid, "reason": reason})
            stored = partial(after_recording, ringing, recording_url, form.get("RecordingDuration"))
            answer = self._decided(ringing, stored, otherwise=HangUp())
        log.info(
            "webhook_answered",
            extra={
                "call_sid": ringing.call_sid,
                "path": route or "/",
                "answer": type(answer).__name__,
                "leg": answer.leg if isinstance(answer, Connect) else None,
                "elapsed_s": round(time.monotonic() - started, 3),
            },
        )
        return self._rendered(answer, ringing.call_sid, parameters, first=route == RING)

    def _caller(self, ringing: MetCall) -> dict[str, str]:
        """For the media stream: with the records away, its events are what tells who called."""
        parties = Parties(ringing.from_number, ringing.to_number)
        sealed = caller_parameter.seal(self._settings.stream_token_secret, ringing.call_sid, parties)
        return {caller_parameter.NAME: sealed} if sealed else {}

    def _at_ring(self, ringing: MetCall, started: float) -> Callable[[Documents], Decision]:
        """Asks for the budgets where the records are asked: beside nothing else, and within the same limit."""
        used_up = cache(lambda: self._used_up(ringing))
        turned_away = TurnedAway(self._texts["over_budget_summary"], self._texts["over_budget_next_step"])

        def decide(documents: Documents) -> Decision:
            # Once it is too late the caller has been put through.
            above = used_up() and time.monotonic() - started < self._records.budget_s
            return above_budget(ringing, turned_away, documents) if above else at_ring(ringing, documents)

        return decide

    def _used_up(self, ringing: MetCall) -> str:
        if self._budgets is None or self._settings.call_mode == LISTEN:
            return ""  # where a person answers there is nothing to be spared
        try:
            budget = self._budgets.used_up(ringing)
        except RecordsUnavailable as exc:
            log.warning("budgets_not_read", extra={"call_sid": ringing.call_sid, "problem": str(exc)})
            return ""
        if budget:
            log.warning("caller_over_budget", extra={"call_sid": ringing.call_sid, "budget": budget})
        return budget

    def _decided(self, ringing: MetCall, decide: Callable[[Documents], Decision], otherwise: Answer) -> Answer:
        """What the records say, or `otherwise` where they cannot be asked within the budget."""
        decision = self._records.change(ringing.call_sid, ringing.lead_id, decide)
        return decision.answer if decision else otherwise

    def _rendered(self, answer: Answer, call_sid: str, beside: Mapping[str, str], *, first: bool) -> str:
        """`beside`: parameters of the stream beside its token."""
        settings = self._settings
        if isinstance(answer, HangUp):
            return twiml.hang_up()
        if isinstance(answer, Voicemail):
            return twiml.voicemail(self._spoken("voicemail"), settings.incoming_call_url + RECORDING)
        if isinstance(answer, OverBudget):
            return twiml.goodbye(self._spoken("over_budget"))
        expires_at = int(time.time()) + settings.stream_token_ttl_s
        token = stream_token.mint(settings.stream_token_secret, call_sid, answer.leg, expires_at)
        parameters = {"token": token, **beside}
        if first and settings.call_mode == LISTEN:
            return twiml.listen(self._target, parameters, settings.forward_to)
        wait = self._spoken("wait") if answer.after_pause else None
        return twiml.connect(self._target, parameters, settings.incoming_call_url + AFTER_STREAM, wait)

    def _spoken(self, name: str) -> twiml.Spoken:
        return twiml.Spoken(self._texts[name], self._texts["language"], self._texts["voice"])
