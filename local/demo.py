"""The demonstration (`make demo`): start everything, place the scripted call, show it, and check the lead it left.

Ends by itself; exit status 0 only for a complete lead.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from google.api_core.exceptions import GoogleAPICallError

from calls.records import GENERAL_SETTINGS
from local import console, ending, stored_records, system, team_settings
from local.background import background
from local.narration import Narration
from local.phone import CallReport, Kind, TimelineEvent, load_script, place_call, prepare, target_from_dict
from local.row_order import RowOrder
from local.screen import CallScreen, Screen
from local.service_log import Connected, Recognized, TurnLatency, read_line
from local.stored_records import CallRecords, StoredRecords
from local.turns import joined
from local.wiring import REAL, plan

BUILD: Final = Path("build/demo")
RECORDINGS: Final = Path("build/recordings")
_SCRIPTS: Final = Path(__file__).parent / "calls"
_LISTEN: Final = {"CALL_MODE": "listen"}
_PERSON: Final = "+97231234568"
"""Who answers in listen mode, unless the environment says somebody else."""
_LOGGED_IN: Final = Path.home() / ".config/gcloud/application_default_credentials.json"
_RECORDS_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.25


class _Show:
    """Carries news from the phone, the service's log and Firestore to the narration, and its rows to the screen."""

    def __init__(self, screen: CallScreen) -> None:
        self._screen = screen
        self._narration = Narration()
        self._order = RowOrder()
        self._dialled_at = time.time()
        self._told: set[str] = set()
        self.call_sid: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.latencies: list[tuple[float, TurnLatency]] = []

    def phone(self, event: TimelineEvent) -> None:
        match event.kind:
            case Kind.DIALLED:
                self._dialled_at = time.time() - event.at
            case Kind.ASSISTANT_STARTED:
                self._order.assistant_began(event.at)
            case Kind.ASSISTANT_STOPPED | Kind.CLEAR | Kind.LEG_ENDED:
                self._order.assistant_ended(event.at)
        self._order.add(self._narration.phone(event))

    def log_line(self, line: str) -> None:
        match read_line(line):
            case Connected(call_sid) if not self.call_sid.done():
                self.call_sid.set_result(call_sid)
            case TurnLatency() as figures:
                self.latencies.append((self._now_s(), figures))
            case Recognized() as words:
                self._order.add(self._narration.recognized(words, self._now_s()))

    async def follow(self, stored: StoredRecords) -> None:
        """For as long as the call goes on; then to be cancelled."""
        while True:
            self._screen.show(self._order.due(self._now_s()), self._narration.now)
            # What cannot be read now is read the next time.
            with contextlib.suppress(GoogleAPICallError):
                await self._catch_up(stored)
            await asyncio.sleep(_POLL_S)

    async def finish(self, stored: StoredRecords) -> None:
        """Once everything is stored: show what is not on the screen yet."""
        await self._catch_up(stored)
        self._screen.show(self._order.rest(), None)

    async def _catch_up(self, stored: StoredRecords) -> None:
        if not self.call_sid.done():
            return
        for name, utterance in (await stored.utterances(self.call_sid.result())).items():
            if name not in self._told:
                self._told.add(name)
                rows = self._narration.stored(utterance, self._dialled_at)
                self._order.add(rows)
                for row in rows:
                    self._order.words_known(row.at, utterance["ended_at"].timestamp() - self._dialled_at)

    def _now_s(self) -> float:
        return time.time() - self._dialled_at


def _could_be_real(environ: Mapping[str, str]) -> str:
    """A hint for whoever has Google credentials; using them costs money, so it takes a word."""
    found = environ.get("GOOGLE_APPLICATION_CREDENTIALS") or _LOGGED_IN.exists()
    return (
        "make demo REAL=gemini GOOGLE_CLOUD_PROJECT=... answers with Gemini" if found and not environ.get(REAL) else ""
    )


async def demonstrate(environ: Mapping[str, str], screen: Screen) -> bool:
    """Whether the lead is complete. Raises one of `system.START_FAILURES`."""
    listens = _LISTEN.items() <= environ.items()
    environ = {"LOG_TRANSCRIPTS": "true", **({"FORWARD_TO": _PERSON} if listens else {}), **environ}
    script = await asyncio.to_thread(prepare, load_script(_SCRIPTS / ("listen.toml" if listens else "own_field.toml")))
    screen.heading("Starting the system")
    if hint := _could_be_real(environ):
        screen.line(f"Google credentials found: {hint}")
    team_wrote = {} if listens else {GENERAL_SETTINGS: team_settings.of_the_demonstration()}
    async with system.running(environ, BUILD, screen.line, team_wrote) as running:
        found = running.addresses
        # A Firestore that was there before has its team's settings, and its callers are asked what that team asks.
        own = _asked_by(team_wrote) if "firestore" in plan(environ).started else []
        async with stored_records.opened(found.project, found.firestore_host) as stored:
            screen.heading(f"Calling {found.incoming_call_url}")
            with screen.call() as on_screen, running.media.listening((show := _Show(on_screen)).log_line):
                async with background(show.follow(stored)):
                    report = await place_call(script, target_from_dict(found.as_dict()), show.phone)
                    records, lacking = await _when_complete(stored, report.call_sid, own)
                await show.finish(stored)
    _tell(screen, report, show, records)
    if lacking:
        screen.heading("The lead is not complete")
        for each in lacking:
            screen.line(each, "red")
        screen.line(f"logs: {running.build / 'logs'}")
    else:
        screen.heading("The lead is complete.")
    return not lacking


def _asked_by(team_wrote: Mapping[str, Mapping[str, Any]]) -> list[str]:
    listed = [entry for document in team_wrote.values() for entry in document["fields_to_collect"]]
    return [entry["name"] for entry in listed if isinstance(entry, Mapping)]


async def _when_complete(stored: StoredRecords, call_sid: str, own: Sequence[str]) -> tuple[CallRecords, list[str]]:
    """The records as soon as they lack nothing; at the end of the time what there is, and what is missing."""
    give_up_at = time.monotonic() + _RECORDS_WITHIN_S
    while True:
        records = await stored.of_call(call_sid)
        lacking = console.missing(records.lead, records.call) + console.unproven(records.lead, own)
        if not lacking or time.monotonic() > give_up_at:
            return records, lacking
        await asyncio.sleep(_POLL_S)


def _tell(screen: Screen, report: CallReport, show: _Show, records: CallRecords) -> None:
    if show.latencies:
        screen.heading("Turns: seconds the caller waited")
        screen.turns(joined(report.turns, show.latencies))
    if report.greeting_latency_s is not None:
        screen.line(f"the greeting began {report.greeting_latency_s * 1000:.0f} ms after the media stream")
    screen.heading("In Firestore")
    if records.lead is not None and records.call is not None:
        screen.document(console.document(f"leads/{records.call['lead_id']}", records.lead))
    if records.call is not None:
        screen.document(console.document(f"calls/{report.call_sid}", records.call))
    recording = RECORDINGS / f"{report.call_sid}.wav"
    report.recording.save(recording)
    screen.heading("Recording")
    screen.line(f"{recording} (caller left, assistant right)")


def main(_arguments: Sequence[str]) -> int:
    try:
        return 0 if ending.run(demonstrate(os.environ, Screen())) else 1
    except system.START_FAILURES as exc:
        print(exc, file=sys.stderr)
    return 1
