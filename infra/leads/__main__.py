"""Hand out leads, and erase what is known of a caller.

    python -m infra.leads export [--format csv|json] [--out FILE] [--number NUMBER] [--with-calls] [--project P]
    python -m infra.leads erase NUMBER [--dry-run] [--project P]

As whoever is logged in (`gcloud auth application-default login`); it takes `roles/datastore.user`. Recordings are
deleted at Twilio if TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are set. Status 1: not everything was done, and it says
what.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from calls.phone_numbers import phone_number
from calls.records import CALLS, LEADS, UTTERANCES, phone_digits
from infra.leads.erasure import Erased, NoNumber, erase
from infra.leads.export import as_csv, as_json, newest_first
from infra.leads.recordings import Credentials, Recordings

# What no deletion of ours reaches, with how long it lasts: docs/privacy.md.
_ELSEWHERE: Final = (
    "Not reached from here: Firestore's point-in-time recovery (7 days) and backups (14 weeks), Pub/Sub (7 days, dead "
    "letters 31), the log, and what was pushed to your own systems."
)


def main(arguments: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    given = _parser().parse_args(arguments)
    project = given.project or environ.get("GOOGLE_CLOUD_PROJECT") or None
    try:
        client: Any = firestore.Client(project=project)
        return _export(client, given) if given.command == "export" else _erase(client, given, environ, now)
    except NoNumber as problem:
        print(problem, file=sys.stderr)
    except (GoogleAPIError, GoogleAuthError, OSError) as problem:
        print(f"Firestore or a file could not be used: {problem}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.leads", description="Hand out and erase leads.")
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write leads, with the words that prove each value")
    export.add_argument("--format", choices=("csv", "json"), default="csv")
    export.add_argument("--out", type=Path, help="file to write; without it the leads are printed")
    export.add_argument("--number", help="only the caller with this number, in any spelling")
    export.add_argument("--with-calls", action="store_true", help="their calls and what was said, too (JSON)")
    erasing = commands.add_parser("erase", help="erase everything that is known of a caller")
    erasing.add_argument("number", help="in any spelling")
    erasing.add_argument("--dry-run", action="store_true", help="only say what would be erased")
    for each in (export, erasing):
        each.add_argument("--project", help="Google Cloud project; without it GOOGLE_CLOUD_PROJECT")
    return parser


def _export(client: Any, given: argparse.Namespace) -> int:
    if given.with_calls and given.format != "json":
        print("--with-calls goes with --format json: a table has a line for each lead", file=sys.stderr)
        return 2
    leads = newest_first(_leads(client, given.number))
    if given.with_calls:
        leads = [{**lead, "call_documents": list(_calls(client, str(lead["lead_id"])))} for lead in leads]
    text = as_json(leads) if given.format == "json" else as_csv(leads)
    if given.out is None:
        sys.stdout.write(text)
    else:
        # Spreadsheets take a table for Latin letters unless it begins with the mark of UTF-8.
        given.out.write_text(text, encoding="utf-8" if given.format == "json" else "utf-8-sig", newline="")
        print(f"{len(leads)} leads in {given.out}", file=sys.stderr)
    return 0


def _leads(client: Any, number: str | None) -> Iterator[dict[str, Any]]:
    leads = client.collection(LEADS)
    if number is None:
        found = leads.stream()
    elif digits := phone_digits(number):
        # One that hid the number and said it is named by the call.
        said = leads.where(filter=FieldFilter("phone", "in", [phone_number(number), digits])).stream()
        found = {each.id: each for each in (leads.document(digits).get(), *said) if each.exists}.values()
    else:
        raise NoNumber(f"{number!r} is no telephone number")
    for each in found:
        yield {**(each.to_dict() or {}), "lead_id": each.id}


def _calls(client: Any, lead_id: str) -> Iterator[dict[str, Any]]:
    for each in client.collection(CALLS).where(filter=FieldFilter("lead_id", "==", lead_id)).stream():
        said = [event.to_dict() for event in each.reference.collection(UTTERANCES).stream()]
        yield {**(each.to_dict() or {}), "call_sid": each.id, "utterances": said}


def _erase(client: Any, given: argparse.Namespace, environ: Mapping[str, str], now: datetime) -> int:
    erased = erase(client, given.number, now, Recordings(_credentials(environ)), dry_run=given.dry_run)
    for line in told(erased, dry_run=given.dry_run):
        print(line)
    return 1 if erased.recordings_left else 0


def _credentials(environ: Mapping[str, str]) -> Credentials | None:
    account = environ.get("TWILIO_ACCOUNT_SID", "").strip()
    tokens = [part.strip() for part in environ.get("TWILIO_AUTH_TOKEN", "").split(",") if part.strip()]
    return Credentials(account, tokens) if account and tokens else None


def told(erased: Erased, *, dry_run: bool) -> Iterator[str]:
    counts = {
        "leads": len(erased.leads),
        "calls": len(erased.calls),
        "utterances": erased.utterances,
        "rejected events": erased.rejected_events,
        "recordings": len(erased.recordings),
    }
    yield ("Would erase: " if dry_run else "Erased: ") + ", ".join(f"{count} {what}" for what, count in counts.items())
    for what, names in (("lead", erased.leads), ("call", erased.calls), ("recording", erased.recordings)):
        yield from (f"  {what} {name}" for name in names)
    for url, why in erased.recordings_left.items():
        yield f"STILL AT TWILIO: {url} ({why})."
        yield f'  Delete it in the console, or: curl -X DELETE -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" {url}.json'
    for lead_id in erased.named_elsewhere:
        yield f"Another caller's lead names this number, and stays: leads/{lead_id}"
    yield _ELSEWHERE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, datetime.now(UTC)))
