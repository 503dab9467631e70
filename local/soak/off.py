"""Nothing can be recognized: the caller is asked for a number on the keypad, never waits in silence, leaves a lead."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from calls.phone_numbers import phone_number
from local import g711, stored_records
from local.call_script import AwaitHangUp, CallScript, Listen, Press, Say
from local.phone import CallReport, CallTarget, Kind, place_call, prepare
from local.soak import disorder, parts
from local.soak.parts import say
from local.stored_records import CallRecords, StoredRecords

BUILD: Final = parts.build_of("off")
LONGEST_SILENCE_S: Final = 3.0
DIGITS: Final = "0521234567"
WITHHELD: Final = "+266696687"
_REFUSE: Final = {"refuse": {"status": "UNAVAILABLE", "message": "Ordered.", "count": None}}


@dataclass(frozen=True, slots=True)
class Outage:
    name: str
    speech: Mapping[str, Any]
    tts: Mapping[str, Any]


OUTAGES: Final = (
    Outage("speech refuses all", _REFUSE, {}),
    Outage("speech refuses all, voice slow", _REFUSE, {"delay_s": 1.0}),
    Outage("speech refuses all, voice too", _REFUSE, {"refuse": {"status": "UNAVAILABLE", "count": None}}),
    Outage("speech answers nothing", {"swallow": True}, {}),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    outage: Outage
    report: CallReport
    records: CallRecords

    @property
    def silence_s(self) -> float:
        return longest_silence_s(self.report)

    @property
    def phone(self) -> str:
        return str((self.records.lead or {}).get("phone", ""))

    @property
    def is_good(self) -> bool:
        return self.silence_s <= LONGEST_SILENCE_S and self.phone == phone_number(DIGITS)


def longest_silence_s(report: CallReport) -> float:
    """The longest time from a sound of the caller to the next sound of anybody, or to the end of the stream.

    By what was heard at the phone. Keys make a sound too, which is not in the recording.
    """
    caller, assistant = (
        {
            piece.at + index * g711.FRAME_S
            for piece in side
            for index, voiced in enumerate(g711.voiced_windows(piece.audio))
            if voiced
        }
        for side in (report.recording.caller, report.recording.assistant)
    )
    caller |= {event.at for event in report.timeline if event.kind is Kind.DIGIT}
    leg_ended = report.legs[-1].ended_at
    sounds = sorted(at for at in caller | assistant | {leg_ended} if at <= leg_ended)
    return max(later - earlier for earlier, later in pairwise(sounds) if earlier in caller)


async def soak() -> bool:
    """Whether every outage left a lead with the number that was typed, and no caller in silence."""
    outcomes = []
    async with (
        parts.a_system(BUILD, {}) as started,
        stored_records.opened(started.addresses.project, started.addresses.firestore_host) as stored,
    ):
        target = parts.target_of(started)
        controls = started.addresses.speech_control, started.addresses.tts_control
        for number, outage in enumerate(OUTAGES):
            say(f"{outage.name} ...")
            outcome = await call(outage, target, controls, stored)
            outcome.report.recording.save(started.build / f"off{number}.wav")
            outcomes.append(outcome)
    print("\n" + "\n".join(row for outcome in outcomes for row in table(outcome)))
    return all(outcome.is_good for outcome in outcomes)


async def call(outage: Outage, target: CallTarget, controls: tuple[str, str], stored: StoredRecords) -> Outcome:
    script = CallScript(
        (Say("אני רוצה לקבוע פגישה"), Listen(), Press(DIGITS + "#"), AwaitHangUp(20.0)),
        from_number=WITHHELD,
        comfort_noise=True,
    )
    ready = await asyncio.to_thread(prepare, script)
    speech, tts = controls
    await disorder.order(speech, outage.speech)
    await disorder.order(tts, outage.tts)
    try:
        report = await place_call(ready, target)
    finally:
        await disorder.reset(speech)
        await disorder.reset(tts)
    await parts.written(stored, report.call_sid)
    return Outcome(outage, report, await stored.of_call(report.call_sid))


def table(outcome: Outcome) -> list[str]:
    lead = outcome.records.lead or {}
    call = outcome.records.call or {}
    return [
        f"{outcome.outage.name}: longest silence {outcome.silence_s:.2f} s, "
        f"phone on the lead {'as typed' if outcome.phone == phone_number(DIGITS) else outcome.phone or 'missing'}, "
        f"status {lead.get('status')}, ended by {outcome.report.ended_by} ({call.get('end_reason')})"
    ]
