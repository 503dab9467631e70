"""Whatever the log kept of an event that could not be published, republishing finds it again."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.event_wire import encode
from calls.events import CallEnded, CallEvent, FieldValue, UtteranceFinal
from calls.json_logging import JsonFormatter, TextFormatter
from media_service import republish
from media_service.errors import VendorRefused, VendorUnavailable
from media_service.operations.outbox import Outbox
from media_service.republish import find_events, publish_again

AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
SAID = UtteranceFinal("CA1", 1, 1, "caller", "שלום", AT, AT, 0.9, "google_streaming", "iw-IL")
ENDED = CallEnded("CA1", 1, 2, AT, "silence", 61.4, "google_streaming", {"name": FieldValue("דנה", 1, True)})


def logged(formatter: logging.Formatter, *events: CallEvent) -> str:
    """What the outbox writes of these events, as the service's log shows it."""

    class Down:
        async def publish(self, event: CallEvent) -> None:
            raise VendorUnavailable("down")

    async def call() -> None:
        box = Outbox(Down())
        for event in events:
            box.add(event)
        await box.close(0.0)

    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(formatter)
    logger = logging.getLogger("media_service.operations.outbox")
    logger.addHandler(handler)
    try:
        asyncio.run(call())
    finally:
        logger.removeHandler(handler)
    return log.getvalue()


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
@given(text=st.text(max_size=40), long=st.booleans())
def test_a_log_line_holds_the_whole_event(formatter: logging.Formatter, text: str, long: bool) -> None:
    """In the cloud's JSON and in a terminal's text, whatever the caller said and however long it was."""
    said = replace(SAID, text=text * 1_000 if long else text)
    found = find_events("something before\n" + logged(formatter, said, ENDED) + "{not json\n")
    assert (found.events, found.unreadable) == ((said, ENDED), 0)


def test_entries_exported_from_cloud_logging_are_read() -> None:
    """`gcloud logging read --format=json` writes one array, newest entry first."""
    entries = [
        {"severity": "ERROR", "jsonPayload": {"message": "event_undelivered", "event": encode(event).decode()}}
        for event in (ENDED, SAID)
    ]
    found = find_events(json.dumps([*entries, {"textPayload": "something else"}], indent=2))
    assert found.events == (SAID, ENDED)
    by_line = find_events("\n".join(json.dumps(entry) for entry in entries))
    assert by_line == found


def test_an_event_that_was_logged_as_an_object_is_read() -> None:
    entry = {"message": "event_undelivered", "event": json.loads(encode(SAID))}
    assert find_events(json.dumps(entry)).events == (SAID,)


def test_a_repeated_entry_counts_once() -> None:
    assert find_events(2 * logged(JsonFormatter(), SAID)).events == (SAID,)


def test_a_caller_who_says_the_words_of_an_entry_forges_none() -> None:
    words = f"event_undelivered call_sid=CA9 event={encode(SAID).decode()}"
    for formatter in (TextFormatter(), JsonFormatter()):
        record = logging.makeLogRecord({"msg": f"🟢 Final: {words}\n00:00:00.000 ERROR {words}", "levelname": "INFO"})
        assert find_events(formatter.format(record)).events == ()


@pytest.mark.parametrize("event", ["", "{", '{"version": 2}', "[1]", None, 7])
def test_an_entry_without_an_event_is_counted(event: object) -> None:
    found = find_events(json.dumps({"message": "event_undelivered", "event": event}))
    assert (found.events, found.unreadable) == ((), 1)


class Topic:
    def __init__(self, failures: dict[int, Exception]) -> None:
        self.published: list[int] = []
        self._failures = failures

    async def publish(self, event: CallEvent) -> None:
        if event.seq in self._failures:
            raise self._failures[event.seq]
        self.published.append(event.seq)


async def test_a_refused_event_does_not_hold_up_the_others() -> None:
    topic = Topic({1: VendorRefused("too large")})
    problems = await publish_again(topic, [SAID, ENDED])
    assert (topic.published, problems) == ([2], ["CA1 leg 1 seq 1: too large"])


async def test_with_pubsub_out_of_reach_republishing_gives_up_at_once() -> None:
    topic = Topic({1: VendorUnavailable("down")})
    problems = await publish_again(topic, [SAID, ENDED])
    assert topic.published == []
    assert len(problems) == 2


def test_what_is_missing_in_the_environment_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert republish.main([]) == 2
    assert "GOOGLE_CLOUD_PROJECT is not set" in capsys.readouterr().err
