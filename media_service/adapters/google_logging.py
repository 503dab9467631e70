"""Log lines on Cloud Run, by Google's own handler: entries with severity, source, trace and call.

The functions do not use it: importing it costs them more than the rest of their start, so `calls.json_logging` writes
the same entries there. Off Cloud Run lines are text for people, as everywhere.
"""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Mapping
from typing import Any, TextIO

from calls import json_logging, log_context


class CloudHandler(logging.Handler):
    """Says to Google's handler what it cannot know: the fields of a line, its call, and the trace of the WebSocket
    that carries the call (it looks for a request of Flask or Django)."""

    def __init__(self, project: str, stream: TextIO) -> None:
        # Imported here because it takes 0.1 s, which a service on somebody's own machine need not spend.
        from google.cloud import logging_v2  # noqa: PLC0415
        from google.cloud.logging_v2.handlers import StructuredLogHandler  # noqa: PLC0415

        super().__init__()
        self._project = project
        # Else it writes a line about itself before the first of ours, twice.
        logging_v2._instrumentation_emitted = True
        self._google: logging.Handler = StructuredLogHandler(  # type: ignore[no-untyped-call]  # it has no types
            stream=stream, project_id=project, json_encoder_cls=_TextForTheRest
        )

    def emit(self, record: logging.LogRecord) -> None:
        self._google.handle(self._for_google(record))

    def _for_google(self, record: logging.LogRecord) -> logging.LogRecord:
        entry = copy.copy(record)
        # As a mapping, since it reads a text that happens to be JSON as fields.
        entry.msg, entry.args = json_logging.payload(record), None
        entry.exc_info = entry.exc_text = entry.stack_info = None
        trace = log_context.current().trace
        added: dict[str, Any] = {
            "labels": json_logging.labels(record),
            "http_request": None,
            "trace": "",
            "json_fields": {},
        }
        if trace:
            added["trace"] = json_logging.trace_name(trace, self._project)
            added |= {"span_id": trace.span_id, "trace_sampled": trace.sampled}
        vars(entry).update(added)
        return entry


class _TextForTheRest(json.JSONEncoder):
    def default(self, o: object) -> str:
        return str(o)


def configure(environ: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Send all logging to one stream (stdout)."""
    if not environ.get(json_logging.CLOUD_RUN):
        json_logging.configure(environ, stream)
        return
    handler = CloudHandler(environ.get("GOOGLE_CLOUD_PROJECT", ""), stream or json_logging.standard_output())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
