"""Log lines: one JSON object each in the cloud, readable text in a terminal.

What is passed as `extra=` becomes structured fields beside the message. A message is one line whatever it holds:
line breaks in it are escaped, so nothing a caller says can forge an entry.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TextIO

from calls import log_context

CLOUD_RUN: Final = "K_SERVICE"
"""Set by Cloud Run, functions included."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LONGEST_MESSAGE = 8_000
_EXCEPTIONS = logging.Formatter()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _one_line(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n").replace("\x1b", "\\x1b")


def payload(record: logging.LogRecord) -> dict[str, Any]:
    """What Cloud Logging keeps as the entry's `jsonPayload`."""
    # The message comes last: no field can stand in its place.
    held = {**_fields(record), "logger": record.name, "message": record.getMessage()[:_LONGEST_MESSAGE]}
    if record.exc_info:
        held["exception"] = _EXCEPTIONS.formatException(record.exc_info)
    return held


def labels(record: logging.LogRecord) -> dict[str, str]:
    """The entry's labels: by `labels.call_sid` every line of a call is found, whatever wrote it."""
    call_sid = getattr(record, "call_sid", None) or log_context.current().call_sid
    return {"call_sid": call_sid} if isinstance(call_sid, str) and call_sid else {}


def trace_name(trace: log_context.Trace, project: str) -> str:
    """As Cloud Logging wants it: the resource's full name where the project is known."""
    return f"projects/{project}/traces/{trace.trace_id}" if project else trace.trace_id


class JsonFormatter(logging.Formatter):
    """One Cloud Logging entry a line: `severity`, `message`, `time`, trace and labels, and the record's own fields."""

    def __init__(self, project: str = "") -> None:
        super().__init__()
        self._project = project

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            **payload(record),
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
        }
        if found := labels(record):
            entry["logging.googleapis.com/labels"] = found
        if trace := log_context.current().trace:
            entry["logging.googleapis.com/trace"] = trace_name(trace, self._project)
            entry["logging.googleapis.com/trace_sampled"] = trace.sampled
            if trace.span_id:
                entry["logging.googleapis.com/spanId"] = trace.span_id
        return json.dumps(entry, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """`12:34:56.789 INFO message name=value ...` for people."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S.%f")[:-3]
        fields = "".join(f" {name}={_quoted(value)}" for name, value in _fields(record).items())
        # Fields are never cut: `media_service.replay` reads whole events out of them.
        line = f"{at} {record.levelname} " + _one_line(record.getMessage()[:_LONGEST_MESSAGE] + fields)
        return line + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


def configure(environ: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Send all logging to one stream (stdout), as JSON where the environment says that this is Cloud Run."""
    handler = logging.StreamHandler(stream or standard_output())
    project = environ.get("GOOGLE_CLOUD_PROJECT", "")
    handler.setFormatter(JsonFormatter(project) if environ.get(CLOUD_RUN) else TextFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def standard_output() -> TextIO:
    """stdout, made to take any text: half of a surrogate pair, as JSON may hold, costs no line of the log."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    return sys.stdout


def _quoted(value: object) -> str:
    """With quotes where the value would run into the field after it."""
    text = str(value)
    # What has quotes of its own is an event, which `media_service.replay` reads as it is.
    return f'"{text}"' if " " in text and '"' not in text else text
