"""Every metric counts lines that the code really writes, and no others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from media_service.core import actions
from tests.infra import written_lines as lines
from tests.infra.log_filter import matches
from tests.infra.written_lines import Entry

TERRAFORM = Path(__file__).parents[2] / "infra" / "terraform"
METRICS: dict[str, Any] = yaml.safe_load((TERRAFORM / "monitoring" / "metrics.yaml").read_text("utf-8"))

WRITTEN: dict[str, tuple[Callable[[], list[Entry]], set[str]]] = {
    "a turn": (lines.turn, {"turn_latency", "turn_partial", "turn_final", "turn_tts"}),
    "a turn without interim": (lines.turn_without_interim, {"turn_latency", "turn_final"}),
    "a connected call": (lambda: lines.telemetry(lambda call: call.connected()), {"calls_connected"}),
    "an ended call": (
        lambda: lines.telemetry(lambda call: call.ended("silence", 61.4, 0)),
        {"calls_ended", "call_duration"},
    ),
    "a bad message": (lambda: lines.telemetry(lambda call: call.warn("binary")), {"bad_media_messages"}),
    "a started stream": (lambda: _reported(actions.ReportStreamStarted(1, first=True, stream="caller-1")), set()),
    "a stream that did not start": (
        lambda: _reported(actions.ReportStreamFailed(1, was_working=False, reason="503", stream="caller-1")),
        {"recognition_streams_failed"},
    ),
    "a lost stream": (
        lambda: _reported(actions.ReportStreamFailed(1, was_working=True, reason="503", stream="caller-1")),
        {"recognition_streams_failed"},
    ),
    "streaming given up": (lambda: _reported(actions.ReportStreamingGivenUp("caller-3")), {"fallback_single_request"}),
    "an utterance not recognized": (
        lambda: _reported(actions.ReportRequestFailed("503")),
        {"recognition_failed"},
    ),
    "what a caller seems to say": (lambda: _reported(actions.ReportInterim("caller", "🟢 Final: ready")), set()),
    "what a caller said": (lambda: _reported(actions.ReportFinal("caller", "[LATENCY] ready")), {"utterances"}),
    "the load of an instance": (lines.load, {"concurrent_calls"}),
    "an undelivered event": (lines.undelivered, {"events_undelivered"}),
    "streaming left alone": (lines.streaming_suspended, {"streaming_suspended"}),
    "Whisper": (lines.whisper, {"fallback_whisper"}),
    "a chosen model": (lines.model_chosen, {"model_selected"}),
    "an upgrade by a stranger": (lambda: lines.upgrade(signed=False), {"refused_signatures"}),
    "an upgrade without room": (lambda: lines.upgrade(signed=True, max_calls=0), {"no_room"}),
    "a ringing phone": (lines.rings, {"calls_ringing"}),
    "a stranger's ring": (lambda: lines.rings(key="other"), {"refused_signatures"}),
    "a stranger's status": (lambda: lines.status_callback(key="other"), {"refused_signatures"}),
    "an ended stream": (lines.stream_ended, {"stream_endings"}),
    "a ring without Firestore": (lines.ring_without_records, {"records_not_written", "calls_ringing"}),
    "a status without Firestore": (lambda: lines.status_callback(key="t"), {"records_not_written"}),
    "a recording elsewhere": (lines.recording_elsewhere, {"recordings_refused"}),
    "a lead in time": (
        lambda: lines.summarised(119.0),
        {"leads_completed", "lead_delay", "leads_in_time", "lead_ready"},
    ),
    "a late lead": (lambda: lines.summarised(121.0), {"leads_completed", "lead_delay", "lead_ready"}),
    "a lead with words missing": (
        lambda: lines.summarised(1.0, without_last_words=True),
        {"leads_completed", "lead_delay"},
    ),
    "a drained leg": (lambda: lines.summarised(1.0, reason="drained"), {"leads_completed", "lead_delay"}),
}


def _reported(what: Any) -> list[Entry]:
    return lines.telemetry(lambda call: call.report(what))


def filter_of(metric: dict[str, Any]) -> str:
    """As metrics.tf makes it."""
    if "job" in metric:
        return f'resource.type="cloud_scheduler_job" AND resource.labels.job_id="{metric["job"]}" AND {metric["where"]}'
    services = " OR ".join(f'"{name}"' for name in metric["services"])
    where = metric["where"]
    return f'resource.type="cloud_run_revision" AND resource.labels.service_name=({services}) AND {where}'


def counted(entry: Entry) -> set[str]:
    return {name for name, metric in METRICS.items() if matches(filter_of(metric), entry)}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_line_is_counted_by_its_metrics_alone(name: str) -> None:
    write, expected = WRITTEN[name]
    entries = write()
    assert entries
    assert set().union(*map(counted, entries)) == expected


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if "services" in metric])
def test_a_metric_counts_something_that_each_of_its_services_writes(name: str) -> None:
    metric = METRICS[name]
    driven = [entry for write, expected in WRITTEN.values() if name in expected for entry in write()]
    for service in metric["services"]:
        found = [entry for entry in [*driven, *lines.named_in_source(service)] if matches(filter_of(metric), entry)]
        of_service = [entry for entry in found if entry["resource"]["labels"]["service_name"] == service]
        assert of_service, f"{service} writes nothing that {name} counts"
        for extractor in [*metric.get("labels", {}).values(), *filter(None, [metric.get("value")])]:
            assert any(_extracted(extractor, entry) is not None for entry in of_service), extractor


def test_a_metric_is_counted_from_our_services_or_from_a_job_that_there_is() -> None:
    jobs = re.findall(
        r'^resource "google_cloud_scheduler_job" "\w+" \{\n  name += "(.+)"$',
        "".join(path.read_text("utf-8") for path in sorted(TERRAFORM.glob("*.tf"))),
        re.MULTILINE,
    )
    assert {metric["job"] for metric in METRICS.values() if "services" not in metric} == set(jobs)


@pytest.mark.parametrize(
    ("status", "severity", "counted_by"), [(200, "INFO", {"sweeps"}), (503, "ERROR", {"sweep_failures"})]
)
def test_an_attempt_of_the_sweep_is_counted_by_how_it_ended(status: int, severity: str, counted_by: set[str]) -> None:
    """Cloud Scheduler writes a line when an attempt begins and one when it has ended, with the answer's status."""
    resource = {"type": "cloud_scheduler_job", "labels": {"job_id": "sweep", "location": "me-west1"}}
    kind = "type.googleapis.com/google.cloud.scheduler.logging.Attempt"
    begun = {"resource": resource, "severity": "INFO", "jsonPayload": {"@type": kind + "Started"}}
    ended = {
        "resource": resource,
        "severity": severity,
        "httpRequest": {"status": status},
        "jsonPayload": {"@type": kind + "Finished", "targetType": "HTTP"},
    }
    another = {**ended, "resource": {**resource, "labels": {"job_id": "nightly"}}}

    assert [counted(each) for each in (begun, ended, another)] == [set(), counted_by, set()]


def test_extracted_values_are_those_of_the_line() -> None:
    """A distribution of numbers, and labels that say what happened."""
    (turn,) = lines.turn()
    assert _extracted(METRICS["turn_latency"]["value"], turn) == 0.74
    (model,) = lines.model_chosen()
    labels = METRICS["model_selected"]["labels"]
    assert {name: _extracted(how, model) for name, how in labels.items()} == {"model": "default", "enhanced": "True"}
    (ended,) = lines.telemetry(lambda call: call.ended("silence", 61.4, 0))
    assert _extracted(METRICS["calls_ended"]["labels"]["reason"], ended) == "silence"


def test_distributions_have_buckets_and_counts_have_none() -> None:
    for name, metric in METRICS.items():
        assert ("value" in metric) == ("buckets" in metric) == ("unit" in metric), name
        bounds = metric.get("buckets", [])
        assert bounds == sorted(set(bounds)), name
    # The objectives are read off at a bound, so that nothing is interpolated.
    assert 1 in METRICS["turn_latency"]["buckets"]
    assert 120 in METRICS["lead_delay"]["buckets"]


def test_metric_names_are_names() -> None:
    for name in METRICS:
        assert re.fullmatch(r"[a-z][a-z_]{2,60}", name)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('a.b="x"', True),
        ('a.b=("y" OR "x") AND a.n>=2', True),
        ('a.n>2 OR a.b!="y"', True),
        ('a.c!="y"', False),
        ('(a.b="y" OR a.n=2) AND a.t=true', True),
        ('a.b=~"^[x]$"', True),
        ("a.b>=1", False),
    ],
)
def test_filters_are_read_as_cloud_logging_reads_them(query: str, found: bool) -> None:
    assert matches(query, {"a": {"b": "x", "n": 2, "t": True}}) is found


@pytest.mark.parametrize("query", ['a="x" AND', 'NOT a="x"', 'a:"x"', '(a="x"', 'a="x" b="y"'])
def test_a_filter_that_is_not_understood_is_an_error(query: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        matches(query, {"a": "y"})


def _extracted(extractor: str, entry: Entry) -> Any:
    plain = re.fullmatch(r"EXTRACT\(jsonPayload\.(\w+)\)", extractor)
    if plain:
        return entry["jsonPayload"].get(plain[1])
    by_pattern = re.fullmatch(r'REGEXP_EXTRACT\(jsonPayload\.(\w+), "(.+)"\)', extractor)
    assert by_pattern, extractor
    found = re.search(by_pattern[2], str(entry["jsonPayload"].get(by_pattern[1], "")))
    return found[1] if found else None
