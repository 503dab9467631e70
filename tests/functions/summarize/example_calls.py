"""Calls for the tests of summarize: the demonstration call, and pieces to build others from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from calls.events import CallEnded, CallEvent, FieldValue, LatencySummary, UtteranceFinal

CALL_SID = "CA" + "1" * 32
CALLER = "+972501234567"
BEGAN_AT = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)

DEMO_LINES = (
    ("assistant", "שלום, הגעתם לקירור הצפון. במה אפשר לעזור?"),
    ("caller", "שלום, אני צריכה הצעת מחיר להתקנת מזגן"),
    ("assistant", "בשמחה. איך קוראים לך?"),
    ("caller", "קוראים לי דנה לוי"),
    ("assistant", "אפשר לחזור למספר הזה?"),
    ("caller", "כן"),
    ("assistant", "מתי נוח שנחזור?"),
    ("caller", "מחר בבוקר"),
    ("assistant", "תודה, נחזור אליך. יום טוב."),
)
DEMO_FIELDS = {
    "need": FieldValue("הצעת מחיר להתקנת מזגן", 2),
    "name": FieldValue("דנה לוי", 4, confirmed=True),
    "phone": FieldValue(CALLER, 6, confirmed=True),
    "callback_time": FieldValue("מחר בבוקר", 8),
}


def said(seq: int, text: str, speaker: str = "caller", leg: int = 1, call_sid: str = CALL_SID) -> UtteranceFinal:
    """An utterance two seconds after the one before it."""
    at = BEGAN_AT + timedelta(minutes=leg - 1, seconds=2 * seq)
    return UtteranceFinal(
        call_sid=call_sid,
        leg=leg,
        seq=seq,
        speaker=speaker,
        text=text,
        started_at=at,
        ended_at=at + timedelta(seconds=1),
        confidence=0.9 if speaker == "caller" else None,
        recognizer="google_streaming",
        language="iw-IL",
    )


def ended(
    seq: int,
    reason: str = "assistant_goodbye",
    leg: int = 1,
    fields: Mapping[str, FieldValue] | None = None,
    call_sid: str = CALL_SID,
) -> CallEnded:
    return CallEnded(
        call_sid=call_sid,
        leg=leg,
        seq=seq,
        ended_at=BEGAN_AT + timedelta(minutes=leg - 1, seconds=2 * seq + 1),
        reason=reason,
        duration_s=20.0,
        recognizer="google_streaming",
        fields=fields or {},
        latency=LatencySummary(turns=4, total_p50_s=0.7, total_p95_s=0.9),
    )


def conversation(*lines: tuple[str, str], leg: int = 1) -> list[UtteranceFinal]:
    return [said(seq, text, speaker, leg) for seq, (speaker, text) in enumerate(lines, start=1)]


def demo_call(fields: Mapping[str, FieldValue] | None = None) -> list[CallEvent]:
    """The scripted intake of the demonstration, ended by the assistant."""
    return [*conversation(*DEMO_LINES), demo_ending(fields)]


def demo_ending(fields: Mapping[str, FieldValue] | None = None) -> CallEnded:
    return ended(10, fields=DEMO_FIELDS if fields is None else fields)
