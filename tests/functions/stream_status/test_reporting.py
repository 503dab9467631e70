"""Twilio gets its 204 fast, whatever becomes of the report."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from calls.bounded_work import BoundedWork
from calls.json_logging import payload
from calls.missing_records import Documents
from calls.twilio_signature import signature
from calls.twilio_webhook import TwilioForm, WebhookRequest
from functions.shared.bounded_records import BoundedRecords, Records
from functions.shared.errors import RecordsUnavailable
from functions.stream_status.progress import Changes
from functions.stream_status.reporting import Reporting, read_report
from functions.stream_status.settings import load

URL = "https://media.example/webhook/stream_status"
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
FORM = {
    "AccountSid": "AC1",
    "CallSid": "CA1",
    "StreamSid": "MZ1",
    "StreamName": "MZ1",
    "StreamEvent": "stream-started",
    "Timestamp": "2026-01-01T10:00:00.123Z",
}


class InMemory:
    """Records as Firestore would keep them."""

    def __init__(self) -> None:
        self.calls: dict[str, dict[str, Any]] = {}
        self.leads: dict[str, dict[str, Any]] = {}

    def change(self, call_sid: str, lead_id: str, decide: Callable[[Documents], Changes], give_up_at: float) -> Changes:
        changed = decide(Documents(self.calls.get(call_sid), self.leads.get(lead_id)))
        if changed.call:
            self.calls[call_sid] = {**self.calls.get(call_sid, {}), **changed.call}
        if changed.lead:
            self.leads[lead_id] = {**self.leads.get(lead_id, {}), **changed.lead}
        return changed


class Broken:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def change(self, *_: object) -> None:
        raise self._error


class Hanging:
    def __init__(self) -> None:
        self.released = threading.Event()

    def change(self, *_: object) -> None:
        self.released.wait(30)


def post(records: Records, form: dict[str, str] | None = None, *, url: str = URL, key: str = "t", **more: str) -> int:
    params = FORM if form is None else form
    settings = load(
        {"PUBLIC_HOST": "media.example", "TWILIO_AUTH_TOKEN": "t", "LEAD_WRITE_BUDGET_MS": more.get("budget", "5000")}
    )
    webhook = WebhookRequest(
        more.get("method", "POST"),
        more.get("query", ""),
        "application/x-www-form-urlencoded",
        signature(key, url, params.items()),
        urlencode(params).encode(),
    )
    bounded = BoundedRecords(records, BoundedWork(2, 4), settings.write_budget_s)
    return Reporting(settings, bounded).reply(webhook).status


@pytest.mark.parametrize("url", [URL, URL + "/"])
def test_a_signed_report_is_stored_and_answered_204(url: str) -> None:
    records = InMemory()
    assert post(records, url=url) == 204
    assert records.calls["CA1"]["status"] == "in_progress"
    assert records.calls["CA1"]["stream"]["started_at"] == datetime(2026, 1, 1, 10, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "broken"),
    [(405, {"method": "PUT"}), (403, {"key": "bad"}), (403, {"query": "x=1"}), (403, {"url": "https://media.example"})],
)
def test_what_twilio_did_not_send_is_refused_and_nothing_is_written(status: int, broken: dict[str, str]) -> None:
    records = InMemory()
    assert post(records, **broken) == status  # type: ignore[arg-type]
    assert not records.calls


def test_a_report_without_a_usable_call_sid_is_400() -> None:
    for sid in ("", "a/b", "MZ1"):
        assert post(InMemory(), FORM | {"CallSid": sid}) == 400


@pytest.mark.parametrize("event", ["stream-paused", "", "x" * 1000])
def test_an_event_we_do_not_know_is_204_and_one_warning(event: str, caplog: pytest.LogCaptureFixture) -> None:
    records = InMemory()
    assert post(records, FORM | {"StreamEvent": event}) == 204
    assert [record.message for record in caplog.records] == ["stream_event_unknown"]
    assert not records.calls


@pytest.mark.parametrize("error", [RecordsUnavailable("ServiceUnavailable"), RuntimeError("leads/972501234567")])
def test_trouble_with_the_records_is_logged_and_still_204(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    assert post(Broken(error)) == 204
    logged = str([payload(record) for record in caplog.records])
    assert "CA1" in logged
    assert "97250" not in logged


def test_hanging_records_do_not_hold_the_answer_up() -> None:
    records = Hanging()
    started = time.monotonic()
    assert post(records, budget="50") == 204
    assert time.monotonic() - started < 2
    records.released.set()


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-01-01T10:00:00", "0001-01-01T00:00:00+23:59"])
def test_an_unreadable_timestamp_means_now(stamp: str) -> None:
    assert read_report(TwilioForm((("CallSid", "CA1"), ("Timestamp", stamp))), NOW).at == NOW
