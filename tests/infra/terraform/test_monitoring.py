"""What is planned to watch by: accepted by Google's own message types, and made of what is planned beside it."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
from google.cloud.logging_v2.types import LogMetric
from google.cloud.monitoring_dashboard_v1 import Dashboard
from google.cloud.monitoring_v3 import AlertPolicy, ServiceLevelObjective

from tests.infra.terraform.planned import Plan, after

pytestmark = pytest.mark.terraform

SINGLE: Final = {
    "alert_strategy",
    "basic_sli",
    "bucket_options",
    "condition_absent",
    "condition_matched_log",
    "condition_threshold",
    "distribution_cut",
    "documentation",
    "explicit_buckets",
    "good_total_ratio",
    "metric_descriptor",
    "notification_rate_limit",
    "range",
    "request_based_sli",
    "trigger",
}
"""Blocks of which there is one: Terraform plans them as lists."""


@pytest.fixture(params=["dev", "prod"])
def plan(request: pytest.FixtureRequest) -> Plan:
    found: Plan = request.getfixturevalue(request.param)
    return found


def as_message(value: Any, name: str = "") -> Any:
    """A planned block as the API has it; what is unset or known only after apply is left out."""
    if isinstance(value, dict):
        return {key: as_message(each, key) for key, each in value.items() if each not in (None, [], {}, [None])}
    if isinstance(value, list):
        return as_message(value[0]) if name in SINGLE else [as_message(each) for each in value]
    return value


def kept(planned: dict[str, Any], *names: str) -> str:
    return json.dumps({name: value for name, value in as_message(planned).items() if name in names})


def alerts(plan: Plan) -> dict[str, AlertPolicy]:
    names = ("display_name", "combiner", "severity", "conditions", "alert_strategy", "documentation", "user_labels")
    return {
        address: AlertPolicy.from_json(kept(each, *names), ignore_unknown_fields=False)
        for address, each in after(plan, "google_monitoring_alert_policy").items()
    }


def test_each_alert_is_one_to_google_and_tells_somebody_what_to_do(plan: Plan) -> None:
    found = alerts(plan)
    assert len(found) >= 30
    for address, alert in found.items():
        assert re.search(r"\[What to do\]\(\S+#[\w-]+\)$", alert.documentation.content), address
        assert alert.alert_strategy.auto_close.total_seconds() > 0, address
        assert alert.severity, address
        planned = after(plan, "google_monitoring_alert_policy")[address]
        assert planned.get("notification_channels") != [], address


def test_each_objective_burns_in_three_pairs_of_windows(plan: Plan) -> None:
    """A long window, so that it means something, and a short one, so that it ends with the trouble."""
    names = ("display_name", "goal")
    objectives = {each["slo_id"]: each for each in after(plan, "google_monitoring_slo").values()}
    assert len(objectives) == 3
    burns = {address: alert for address, alert in alerts(plan).items() if ".burn[" in address}
    for objective, planned in objectives.items():
        body = json.loads(kept(planned, *names))
        sli = as_message(planned)["request_based_sli"]
        body["service_level_indicator"] = {"request_based": sli}
        message = ServiceLevelObjective.from_json(json.dumps(body), ignore_unknown_fields=False)
        assert 0.9 <= message.goal < 1
        pairs = []
        for alert in burns.values():
            filters = " ".join(each.condition_threshold.filter for each in alert.conditions)
            windows = re.findall(rf'serviceLevelObjectives/{objective}", "(\d+)s"\)', filters)
            if windows:
                assert alert.combiner == AlertPolicy.ConditionCombinerType.AND
                pairs.append(tuple(map(int, windows)))
        assert len(pairs) == 3
        # Cloud Monitoring looks back a day at most.
        assert all(long == 12 * short and long <= 86_400 for long, short in pairs)


def test_each_log_metric_is_one_to_google(plan: Plan) -> None:
    for address, planned in after(plan, "google_logging_metric").items():
        names = ("name", "description", "filter", "value_extractor", "label_extractors", "metric_descriptor")
        metric = LogMetric.from_json(kept(planned, *names, "bucket_options"), ignore_unknown_fields=False)
        labels = {each.key for each in metric.metric_descriptor.labels}
        assert labels == set(metric.label_extractors), address


def test_the_dashboard_is_one_to_google_and_shows_this_project(plan: Plan) -> None:
    [planned] = after(plan, "google_monitoring_dashboard").values()
    dashboard = Dashboard.from_json(planned["dashboard_json"], ignore_unknown_fields=False)
    assert len(dashboard.mosaic_layout.tiles) > 20
    [project] = {each["project"] for each in after(plan, "google_monitoring_slo").values()}
    assert set(re.findall(r"projects/([^/\"]+)/services", planned["dashboard_json"])) == {project}


def test_alerts_and_objectives_use_metrics_that_are_planned(plan: Plan) -> None:
    there = {each["name"] for each in after(plan, "google_logging_metric").values()}
    said = json.dumps([after(plan, kind) for kind in ("google_monitoring_alert_policy", "google_monitoring_slo")])
    assert set(re.findall(r"logging\.googleapis\.com/user/(\w+)", said)) <= there
