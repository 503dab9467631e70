"""How long `summarize` takes for one event: those of whole calls, one after the other, as Pub/Sub pushes them."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp

from calls.event_wire import encode
from calls.events import CallEnded, CallEvent, FieldValue, LatencySummary, Parties, UtteranceFinal
from local.twilio.call_parameters import new_sid

_CALLED: Final = "+97231234567"
_LINES: Final = (
    ("assistant", "שלום, הגעתם אל בית העסק. איך אפשר לעזור?", ""),
    ("caller", "שלום, אני צריכה הצעת מחיר להתקנת מזגן", "need"),
    ("assistant", "הבנתי. איך קוראים לכם?", ""),
    ("caller", "קוראים לי דנה לוי", "name"),
    ("assistant", "נעים מאוד. אפשר לחזור אליכם למספר שממנו התקשרתם?", ""),
    ("caller", "כן", "phone"),
    ("assistant", "מתי נוח לכם שנחזור?", ""),
    ("caller", "מחר בבוקר", "callback_time"),
    ("assistant", "תודה דנה לוי. מחר בבוקר נחזור אליכם. להתראות.", ""),
)
_VALUES: Final = {"need": "הצעת מחיר להתקנת מזגן", "name": "דנה לוי", "callback_time": "מחר בבוקר"}


def events_of(call_sid: str, caller: str, began_at: datetime) -> Iterator[CallEvent]:
    """The demonstration's, as the media service would publish them."""
    known: dict[str, FieldValue] = {}
    for seq, (speaker, text, field) in enumerate(_LINES, start=1):
        at = began_at + timedelta(seconds=3 * seq)
        told = {field: FieldValue(_VALUES.get(field, caller), seq, quote=text, confidence=0.9)} if field else {}
        known |= told
        yield UtteranceFinal(
            call_sid,
            1,
            seq,
            speaker,
            text,
            started_at=at,
            ended_at=at + timedelta(seconds=2),
            confidence=0.9 if field else None,
            recognizer="google_streaming",
            language="iw-IL",
            parties=Parties(caller, _CALLED) if seq == 1 else None,
            fields=told,
        )
    seq = len(_LINES) + 1
    yield CallEnded(
        call_sid,
        1,
        seq,
        ended_at=began_at + timedelta(seconds=3 * seq),
        reason="assistant_goodbye",
        duration_s=3.0 * seq,
        recognizer="google_streaming",
        fields=known,
        latency=LatencySummary(turns=4, total_p50_s=0.4, total_p95_s=0.6),
    )


async def latencies(summarize_address: str, calls: int, warm_up: int = 1) -> tuple[float, ...]:
    """Seconds of each event, the ends of calls included. A call each of a caller of its own."""
    taken: list[float] = []
    async with aiohttp.ClientSession() as session:
        for number in range(-warm_up, calls):
            events = events_of(new_sid("CA"), f"+97254{1_000_000 + number}", datetime.now(UTC))
            for event in events:
                began = time.perf_counter()
                async with session.post(summarize_address, json=_pushed(event)) as response:
                    response.raise_for_status()
                if number >= 0:
                    taken.append(time.perf_counter() - began)
    return tuple(taken)


def _pushed(event: CallEvent) -> dict[str, Any]:
    message = {"data": base64.b64encode(encode(event)).decode(), "messageId": new_sid("")}
    return {"message": message, "subscription": "projects/maane-local/subscriptions/bench"}
