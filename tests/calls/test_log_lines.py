"""One entry is one line, whatever is in it."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import json_logging
from calls.json_logging import JsonFormatter, TextFormatter


def record(message: str, *args: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("test", logging.INFO, __file__, 1, message, args, None)
    vars(made).update(fields)
    return made


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_an_entry_has_a_severity_a_message_and_its_fields() -> None:
    entry = json.loads(JsonFormatter().format(record("call %s", "over", call_sid="CA1", turns=3)))
    assert entry["severity"] == "INFO"
    assert entry["message"] == "call over"
    assert (entry["call_sid"], entry["turns"]) == ("CA1", 3)
    assert entry["logger"] == "test"


@given(st.text(max_size=200))
def test_nothing_said_can_forge_a_json_entry(text: str) -> None:
    line = JsonFormatter().format(record("%s", text, said=text))
    assert "\n" not in line
    assert "\r" not in line
    entry = json.loads(line)
    assert (entry["message"], entry["severity"]) == (text, "INFO")


@given(st.text(max_size=200))
def test_nothing_said_can_forge_a_line_in_a_terminal(text: str) -> None:
    line = TextFormatter().format(record("%s", text, said=text))
    assert not {"\n", "\r", "\x1b"} & set(line)


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_a_message_has_a_bounded_length(formatter: logging.Formatter) -> None:
    assert len(formatter.format(record("x" * 100_000))) < 9_000


def test_fields_are_never_cut() -> None:
    """`media_service.replay` reads whole events out of them."""
    event = "x" * 20_000
    assert event in TextFormatter().format(record("event_undelivered", event=event))
    assert json.loads(JsonFormatter().format(record("event_undelivered", event=event)))["event"] == event


def test_hebrew_stays_readable_and_odd_values_are_written_as_text() -> None:
    line = JsonFormatter().format(record("שלום", error=ValueError("x")))
    assert "שלום" in line
    assert json.loads(line)["error"] == "x"


def test_an_exception_stays_inside_its_entry() -> None:
    try:
        raise ValueError("bad")
    except ValueError:
        failed = record("failed")
        failed.exc_info = sys.exc_info()
    line = JsonFormatter().format(failed)
    assert "\n" not in line
    assert "ValueError: bad" in json.loads(line)["exception"]


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize(("environ", "is_json"), [({"K_SERVICE": "media"}, True), ({}, False)])
def test_lines_are_json_in_the_cloud_and_text_in_a_terminal(environ: dict[str, str], is_json: bool) -> None:
    stream = io.StringIO()
    json_logging.configure(environ, stream)
    logging.getLogger("test").info("ready", extra={"port": 8080})
    line = stream.getvalue()
    assert line.startswith("{") is is_json
    assert line.count("\n") == 1
    assert "8080" in line


def test_a_value_of_several_words_does_not_run_into_the_next_field() -> None:
    line = TextFormatter().format(record("x", reason="closed: a time, 360 ms", answered=True))
    assert line.endswith('reason="closed: a time, 360 ms" answered=True')
