"""Ten minutes of talk over as many recognition streams as it takes: no word and no sample is lost between two."""

from __future__ import annotations

import asyncio
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local import stored_records
from local.call_script import CallScript
from local.phone import CallReport, ReadyScript, place_call
from local.soak import audio_cover, parts
from local.soak.audio_cover import Cover
from local.soak.conversations import monologue, said_by, with_noise_of_its_own
from local.soak.parts import CALLEE, CALLER, Pair, say
from local.soak.word_count import Difference, difference
from local.standins.speech import tapes
from local.stored_records import StoredRecords
from local.system import System

BUILD: Final = parts.build_of("renewals")
PAUSES_S: Final = (0.3, 1.4)
_UTTERANCE_S: Final = 2.7
"""A phrase and a pause, on average."""
_TRACKS: Final = {"inbound": CALLER, "outbound": CALLEE}


@dataclass(frozen=True, slots=True)
class Limits:
    """A recognizer that ends streams early, and a media service that knows it."""

    name: str
    recognizer: tuple[str, ...] = ()
    look_s: float = 240.0
    rotate_s: float = 285.0

    @property
    def environment(self) -> dict[str, str]:
        return {"STT_STREAM_ROTATE_LOOK_SEC": str(self.look_s), "STT_STREAM_ROTATE_MAX_SEC": str(self.rotate_s)}


TRUE: Final = Limits("305 s")
SHORT: Final = Limits("15 s", ("--stream-limit-s", "15"), 11.0, 14.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    limits: Limits
    minutes: float
    utterances: int
    covers: dict[str, Cover | None]
    """By track; None if a stream got audio that the phone never sent, or not in its order."""
    differences: dict[str, Difference]

    @property
    def is_clean(self) -> bool:
        return all(each.is_none for each in self.differences.values()) and all(
            each is not None and each.is_whole for each in self.covers.values()
        )


async def soak(minutes: float, seed: int, both: tuple[Limits, ...] = (SHORT, TRUE)) -> bool:
    """Whether every word was written down once and every sample reached a stream."""
    async with (
        parts.a_system(BUILD, parts.LISTEN) as started,
        stored_records.opened(started.addresses.project, started.addresses.firestore_host) as stored,
    ):
        say(f"calls of {minutes:g} minutes, stream limits of {' and '.join(each.name for each in both)} ...")
        outcomes = await asyncio.gather(*(call(started, stored, each, minutes, seed) for each in both))
    for outcome in outcomes:
        print("\n" + "\n".join(table(outcome)))
    return all(outcome.is_clean for outcome in outcomes)


async def call(started: System, stored: StoredRecords, limits: Limits, minutes: float, seed: int) -> Outcome:
    script = monologue(
        random.Random(f"{seed}/{limits.name}"), round(minutes * 60 / _UTTERANCE_S), PAUSES_S, seed, minutes * 90 + 60
    )
    ready = await asyncio.to_thread(with_noise_of_its_own, script, seed)
    folder = (started.build / "tapes" / limits.name.replace(" ", "")).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    name = limits.name.replace(" ", "")
    options = ("--keep-audio", str(folder), *limits.recognizer)
    async with parts.pair(started, name, options, limits.environment) as own:
        return await _talk(own, stored, limits, script, ready, folder)


async def _talk(
    own: Pair, stored: StoredRecords, limits: Limits, script: CallScript, ready: ReadyScript, folder: Path
) -> Outcome:
    before = len(tapes.kept(folder))  # of the probes at its start
    report = await place_call(ready, own.target)
    events = await parts.written(stored, report.call_sid)
    said = {CALLER: said_by(script.steps), CALLEE: said_by(script.callee)}
    return Outcome(
        limits,
        report.duration_s / 60,
        sum(map(len, said.values())),
        await asyncio.to_thread(covers, report, tapes.kept(folder)[before:]),
        {speaker: difference(texts, parts.texts_of(events, speaker)) for speaker, texts in said.items()},
    )


def covers(report: CallReport, kept: list[bytes]) -> dict[str, Cover | None]:
    """By track: which of the audio that the phone sent reached a stream. `kept` is what the streams got, in order."""
    (leg,) = report.legs
    tracks = {name: audio_cover.as_sent_on(b"".join(frames)) for name, frames in leg.sent.items()}
    found = [audio_cover.located(tape, tracks) for tape in kept if tape]
    if None in found:
        return dict.fromkeys(tracks)
    return {
        name: audio_cover.cover([each for each in found if each is not None and each.track == name], len(audio) // 2)
        for name, audio in tracks.items()
    }


def table(outcome: Outcome) -> list[str]:
    lines = [f"stream limit {outcome.limits.name}, {outcome.minutes:.1f} minutes, {outcome.utterances} utterances"]
    for track, cover in outcome.covers.items():
        found = outcome.differences[_TRACKS[track]]
        audio = "audio that was never sent like that" if cover is None else _audio(cover)
        lines.append(
            f"  {track:<9} {audio}, words {found.said}, lost {len(found.lost)}, doubled {len(found.doubled)}, "
            f"foreign {len(found.foreign)}"
        )
        if not found.is_none:
            lines.append(f"    {found}")
    return lines


def _audio(cover: Cover) -> str:
    return (
        f"renewals {cover.streams - 1}, audio gap at most {max(cover.gaps_ms, default=0.0):g} ms, "
        f"missing at the start {cover.before_first_ms:g} ms and at the end {cover.after_last_ms:g} ms"
    )
