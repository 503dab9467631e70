"""What Cloud Logging makes of our lines, by whichever handler they were written: Google's own, or the functions'."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from google.cloud.logging_v2.types import LogEntry
from google.logging.type.log_severity_pb2 import LogSeverity
from hypothesis import given
from hypothesis import strategies as st

from calls import json_logging
from calls.log_context import Trace, handling
from media_service.adapters import google_logging

ON_CLOUD_RUN = {"K_SERVICE": "media-service", "GOOGLE_CLOUD_PROJECT": "maane"}
TRACE = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", sampled=True)
SPECIAL = "logging.googleapis.com/"

Configure = Callable[..., None]


@contextmanager
def configured(configure: Configure, *arguments: object) -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure(*arguments)
    try:
        yield logging.getLogger("media_service.calls")
    finally:
        root.handlers[:], root.level = handlers, level


def written(configure: Configure, write: Callable[[logging.Logger], None]) -> list[str]:
    stream = io.StringIO()
    with configured(configure, ON_CLOUD_RUN, stream) as log:
        write(log)
    assert stream.getvalue().endswith("\n")
    return stream.getvalue()[:-1].split("\n")


def as_cloud_logging_reads(line: str) -> LogEntry:
    """A JSON line on stdout: the special fields leave the payload, all others stay in it."""
    fields: dict[str, Any] = json.loads(line)
    entry = LogEntry(
        severity=LogSeverity.Value(fields.pop("severity")),
        trace=fields.pop(SPECIAL + "trace", ""),
        span_id=fields.pop(SPECIAL + "spanId", ""),
        trace_sampled=fields.pop(SPECIAL + "trace_sampled", False),
        labels=fields.pop(SPECIAL + "labels", {}),
    )
    for name in ("time", "httpRequest", SPECIAL + "sourceLocation"):
        fields.pop(name, None)
    assert not [name for name in fields if name.startswith(SPECIAL)]
    entry.json_payload = fields
    return entry


def entry_of(configure: Configure, write: Callable[[logging.Logger], None]) -> LogEntry:
    (line,) = written(configure, write)
    return as_cloud_logging_reads(line)


@pytest.fixture(params=[google_logging.configure, json_logging.configure], ids=["service", "functions"])
def configure(request: pytest.FixtureRequest) -> Iterator[Configure]:
    yield request.param


def test_a_line_of_a_call_has_its_words_its_fields_its_trace_and_its_call(configure: Configure) -> None:
    def write(log: logging.Logger) -> None:
        with handling(TRACE, "CA1"):
            log.warning("⚠️ [STT] Streaming start failed (attempt %d): %s", 2, "no route", extra={"leg": 1})

    entry = entry_of(configure, write)

    assert entry.severity == LogSeverity.WARNING
    assert dict(entry.json_payload) == {
        "message": "⚠️ [STT] Streaming start failed (attempt 2): no route",
        "leg": 1.0,
        "logger": "media_service.calls",
    }
    assert entry.trace == "projects/maane/traces/0af7651916cd43dd8448eb211c80319c"
    assert (entry.span_id, entry.trace_sampled) == ("b7ad6b7169203331", True)
    assert entry.labels["call_sid"] == "CA1"


def test_the_call_a_line_names_itself_is_the_one_it_belongs_to(configure: Configure) -> None:
    """A webhook is admitted only after lines may have been written; its own lines name the call."""
    entry = entry_of(configure, lambda log: log.info("webhook_answered", extra={"call_sid": "CA2"}))

    assert entry.labels["call_sid"] == "CA2"
    assert entry.json_payload["call_sid"] == "CA2"


def test_outside_of_calls_there_is_neither_trace_nor_call(configure: Configure) -> None:
    entry = entry_of(configure, lambda log: log.info("ready"))

    assert entry.trace == ""
    assert "call_sid" not in entry.labels


@given(said=st.text(max_size=100) | st.sampled_from(['{"severity": "ALERT"}', '{"a": 1}\n{"b": 2}', "{", "\ud800", ""]))
@pytest.mark.parametrize("each", [google_logging.configure, json_logging.configure], ids=["service", "functions"])
def test_nothing_said_can_forge_an_entry_or_a_field_of_one(each: Configure, said: str) -> None:
    (line,) = written(each, lambda log: log.info("%s", said, extra={"said": said}))

    fields = json.loads(line)
    assert (fields["message"], fields["said"], fields["severity"]) == (said, said, "INFO")


@pytest.mark.parametrize("name", ["severity", "time", SPECIAL + "trace", SPECIAL + "labels", "json_fields", "labels"])
def test_no_field_of_a_line_stands_in_for_what_cloud_logging_reads(configure: Configure, name: str) -> None:
    def write(log: logging.Logger) -> None:
        with handling(TRACE, "CA1"):
            log.info("done", extra={name: "forged"})

    (line,) = written(configure, write)

    fields = json.loads(line)
    assert (fields["severity"], fields["message"]) == ("INFO", "done")
    assert fields[SPECIAL + "trace"].endswith(TRACE.trace_id)
    assert fields[SPECIAL + "labels"]["call_sid"] == "CA1"
    assert fields.get("time") != "forged"


def test_an_exception_stays_inside_its_entry_and_beside_the_message(configure: Configure) -> None:
    def write(log: logging.Logger) -> None:
        try:
            raise ValueError("bad")
        except ValueError:
            log.exception("call_broke")

    entry = entry_of(configure, write)

    assert entry.severity == LogSeverity.ERROR
    assert entry.json_payload["message"] == "call_broke"
    # Where Error Reporting looks for it.
    assert entry.json_payload["exception"].endswith("ValueError: bad")


def test_what_is_no_json_is_written_as_text(configure: Configure) -> None:
    (line,) = written(configure, lambda log: log.info("failed", extra={"error": ValueError("x")}))

    assert json.loads(line)["error"] == "x"


def test_an_undelivered_event_is_written_whole(configure: Configure) -> None:
    """`media_service.replay` publishes it from the log."""
    event = {"text": "שלום " * 4_000}
    (line,) = written(configure, lambda log: log.error("event_undelivered", extra={"event": json.dumps(event)}))

    assert json.loads(json.loads(line)["event"]) == event


def test_half_a_surrogate_pair_costs_no_line(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model's JSON may hold one, and UTF-8 cannot."""
    taken = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(taken, encoding="ascii", write_through=True))

    with configured(configure, ON_CLOUD_RUN) as log:
        log.info("\ud800 שלום")

    assert json.loads(taken.getvalue())["message"] == "\ud800 שלום"


def test_off_cloud_run_the_service_writes_for_people() -> None:
    stream = io.StringIO()
    with configured(google_logging.configure, {}, stream) as log:
        log.info("ready")

    assert stream.getvalue().endswith(" INFO ready\n")
