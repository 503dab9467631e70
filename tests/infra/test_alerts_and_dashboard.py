"""Alerts, objectives and dashboard: accepted by Google's own message types, and made of what exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from google.cloud.monitoring_dashboard_v1 import Dashboard
from google.cloud.monitoring_v3 import AlertPolicy

from functions.incoming_call.decisions import Answer

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "infra" / "terraform"
METRICS: dict[str, Any] = yaml.safe_load((TERRAFORM / "monitoring" / "metrics.yaml").read_text("utf-8"))
OBJECTIVES = (TERRAFORM / "objectives.tf").read_text("utf-8")

# What the templates are given, as far as it matters here.
GIVEN = {
    "project_id": "p",
    "summarize_subscription": "summarize",
    "dead_letter_subscription": "call-events-dead",
    "dead_leads_subscription": "new-leads-dead",
    "nearly_all_instances": "8",
}
# Metrics of Google's that are used, with the labels they have.
GOOGLES = {
    "run.googleapis.com/request_count": {"response_code", "response_code_class"},
    "run.googleapis.com/request_latencies": {"response_code", "response_code_class"},
    "run.googleapis.com/container/instance_count": {"state"},
    "run.googleapis.com/container/cpu/utilizations": set(),
    "run.googleapis.com/container/memory/utilizations": set(),
    "run.googleapis.com/container/startup_latencies": set(),
    "pubsub.googleapis.com/subscription/num_undelivered_messages": set(),
    "pubsub.googleapis.com/subscription/oldest_unacked_message_age": set(),
}
RESOURCE_LABELS = {"service_name", "subscription_id"}


def rendered(path: str) -> str:
    """As Terraform's templatefile renders it: `${name}`, and `$${` for a literal `${`."""
    text = (TERRAFORM / path).read_text("utf-8")
    return re.sub(r"(\$?)\$\{(\w+)\}", lambda found: found[0][1:] if found[1] else GIVEN[found[2]], text).replace(
        "$${", "${"
    )


ALERTS: dict[str, Any] = yaml.safe_load(rendered("monitoring/alerts.yaml"))
DASHBOARD: dict[str, Any] = json.loads(rendered("dashboards/calls.json"))


def headings(path: str) -> set[str]:
    """Anchors of a Markdown file, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def filters(of: Any) -> Iterator[tuple[str, list[str]]]:
    """Every monitoring filter below `of`, with what is grouped by beside it."""
    if isinstance(of, dict):
        if isinstance(of.get("filter"), str) and "metric.type" in of["filter"]:
            found = of.get("aggregations") or [of.get("aggregation", {})]
            groups = [name for each in found for name in each.get("group_by_fields", each.get("groupByFields", []))]
            yield of["filter"], groups
        for value in of.values():
            yield from filters(value)
    elif isinstance(of, list):
        for value in of:
            yield from filters(value)


FILTERS = [
    *filters(list(ALERTS.values())),
    *filters(DASHBOARD),
    *((text.replace('\\"', '"'), []) for text in re.findall(r'= "(metric\.type=.+)"$', OBJECTIVES, re.MULTILINE)),
]


def own_metrics(text: str) -> set[str]:
    return set(re.findall(r"logging\.googleapis\.com/user/(\w+)", text))


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_one_to_google(name: str) -> None:
    ours = {"runbook", "says"}
    alert = AlertPolicy.from_json(
        json.dumps({key: value for key, value in ALERTS[name].items() if key not in ours}), ignore_unknown_fields=False
    )
    assert alert.conditions
    assert alert.severity in {AlertPolicy.Severity.CRITICAL, AlertPolicy.Severity.WARNING}
    assert (len(alert.conditions) == 1) or alert.combiner
    for condition in alert.conditions:
        if condition.condition_matched_log:
            assert len(alert.conditions) == 1  # the service takes no other beside it
            continue
        by_rule = condition.condition_threshold or condition.condition_absent
        assert by_rule.duration.total_seconds() % 60 == 0
        for aggregation in by_rule.aggregations:
            assert aggregation.alignment_period.total_seconds() >= 60
        if condition.condition_threshold:
            # Of the comparisons in the message type the service takes these two.
            assert condition.condition_threshold.comparison.name in {"COMPARISON_GT", "COMPARISON_LT"}


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_it_means_and_where_to_read_on(name: str) -> None:
    alert = ALERTS[name]
    assert alert["says"].endswith(".")
    assert alert["runbook"] in headings("docs/runbook.md")


def test_each_objective_has_its_section_in_the_runbook() -> None:
    sections = re.findall(r'^ *runbook += "([\w-]+)"$', OBJECTIVES, re.MULTILINE)
    assert len(sections) == 3
    assert set(sections) <= headings("docs/runbook.md")


def test_the_dashboard_is_one_to_google() -> None:
    dashboard = Dashboard.from_json(json.dumps(DASHBOARD), ignore_unknown_fields=False)
    taken: set[tuple[int, int]] = set()
    for tile in dashboard.mosaic_layout.tiles:
        assert tile.x_pos + tile.width <= dashboard.mosaic_layout.columns
        cells = {
            (x, y)
            for x in range(tile.x_pos, tile.x_pos + tile.width)
            for y in range(tile.y_pos, tile.y_pos + tile.height)
        }
        assert not taken & cells, tile.widget.title
        taken |= cells


@pytest.mark.parametrize(("query", "groups"), FILTERS)
def test_a_filter_asks_for_metrics_and_labels_that_exist(query: str, groups: list[str]) -> None:
    (metric,) = re.findall(r'metric\.type="([^"]+)"', query)
    name = metric.removeprefix("logging.googleapis.com/user/")
    known = set(METRICS[name].get("labels", {})) if name != metric else GOOGLES[metric]
    assert set(re.findall(r"metric\.labels?\.(\w+)", " ".join([query, *groups]))) <= known
    assert set(re.findall(r"resource\.labels\.(\w+)", " ".join([query, *groups]))) <= RESOURCE_LABELS
    if name != metric and "count" not in name:
        counted_from = "cloud_scheduler_job" if "job" in METRICS[name] else "cloud_run_revision"
        assert f'resource.type="{counted_from}"' in query


def test_a_waiting_time_is_looked_at_by_percentile() -> None:
    """A sum of distributions is one more distribution, and no number to draw or compare."""
    drawn = [*DASHBOARD["mosaicLayout"]["tiles"], *ALERTS.values()]
    for part in drawn:
        for text in _with_numbers(part):
            (name,) = own_metrics(text["filter"]) or {""}
            if "value" in METRICS.get(name, {}):
                (how,) = text.get("aggregations") or [text["aggregation"]]
                assert "PERCENTILE" in str(how), name


def _with_numbers(of: Any) -> Iterator[dict[str, Any]]:
    """Every query whose points are drawn or compared; what is only absent has none."""
    if isinstance(of, dict):
        if "metric.type" in str(of.get("filter", "")) and ("aggregation" in of or "comparison" in of):
            yield of
        for value in of.values():
            yield from _with_numbers(value)
    elif isinstance(of, list):
        for value in of:
            yield from _with_numbers(value)


def test_the_words_of_a_rollback_are_those_of_the_release() -> None:
    said = (ROOT / "infra" / "release" / "release.py").read_text("utf-8")
    [condition] = ALERTS["release-rolled-back"]["conditions"]
    words = re.findall(r'textPayload=~"([^"]+)"', condition["condition_matched_log"]["filter"])
    assert len(words) == 2
    assert 'f"release: {line}"' in said
    for each in words:
        assert each.removeprefix("release: ") in said


def test_an_answer_that_an_alert_looks_for_is_one_that_callers_get() -> None:
    """The label is the name of a class: renamed, the alert would be silent for ever."""
    looked_for = set(re.findall(r'metric\.labels\.answer="(\w+)"', json.dumps(ALERTS).replace('\\"', '"')))
    assert looked_for
    assert looked_for <= {answer.__name__ for answer in get_args(Answer)}


def test_a_legend_names_only_what_its_series_are_grouped_by() -> None:
    for tile in DASHBOARD["mosaicLayout"]["tiles"]:
        for series in tile["widget"].get("xyChart", {}).get("dataSets", []):
            legend = set(re.findall(r"\$\{([\w.]+)\}", series.get("legendTemplate", "")))
            groups = (
                series["timeSeriesQuery"].get("timeSeriesFilter", {}).get("aggregation", {}).get("groupByFields", [])
            )
            assert legend <= set(groups), tile["widget"]["title"]


def test_every_metric_is_looked_at() -> None:
    """One that nobody sees is not worth its price."""
    seen = own_metrics(OBJECTIVES) | own_metrics(json.dumps(ALERTS)) | own_metrics(json.dumps(DASHBOARD))
    by_prometheus = re.findall(r"logging_googleapis_com:user_(\w+?)_(?:sum|count|bucket)\{", json.dumps(DASHBOARD))
    assert seen | set(by_prometheus) == set(METRICS)


def test_the_dashboard_shows_the_budgets_of_the_objectives() -> None:
    shown = set(re.findall(r"serviceLevelObjectives/([\w-]+)", json.dumps(DASHBOARD)))
    assert shown == set(re.findall(r"^    ([\w-]+) = \{$", OBJECTIVES.split("burn_windows")[0], re.MULTILINE))
    (service,) = re.findall(r'^ *service_id += "(.+)"$', OBJECTIVES, re.MULTILINE)
    assert set(re.findall(r"services/([\w-]+)/", json.dumps(DASHBOARD))) == {service}
