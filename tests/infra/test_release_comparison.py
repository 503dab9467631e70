"""What is held against a new revision, and what is not."""

from __future__ import annotations

import pytest

from infra.release.comparison import Observed, log_filter, observe, worse


def entry(revision: str, message: str = "", status: int = 0, **fields: object) -> dict[str, object]:
    made: dict[str, object] = {"resource": {"labels": {"revision_name": revision}}}
    if message:
        made["jsonPayload"] = {"message": message, **fields}
    if status:
        made["httpRequest"] = {"status": status}
    return made


def test_each_revision_answers_for_its_own_lines() -> None:
    entries: list[dict[str, object]] = [
        entry("new", "[WS] connected call=CA1"),
        entry("old", "[WS] connected call=CA2"),
        entry("new", "[LATENCY] partial=0.50s", total_s=0.7),
        entry("new", "[LATENCY] partial=0.00s", total_s=None),
        entry("new", "call_broke"),
        entry("new", status=503),
        entry("old", "start_failed"),
        entry("new", "🟢 Final: call_broke"),
        {"textPayload": "no revision"},
    ]

    assert observe(entries, "new") == Observed(calls=1, failures=2, turns_s=[0.7])
    assert observe(entries, "old") == Observed(calls=1, failures=1)


@pytest.mark.parametrize(
    ("previous", "candidate"),
    [
        pytest.param(Observed(50), Observed(5, failures=1), id="breaks calls"),
        pytest.param(Observed(), Observed(failures=1), id="does not even start"),
        pytest.param(Observed(100, failures=10), Observed(10, failures=3), id="breaks more"),
        pytest.param(Observed(9, 0, [0.7] * 20), Observed(9, 0, [0.7] * 18 + [1.6] * 2), id="answers late"),
    ],
)
def test_a_worse_one_is_not_let_in(previous: Observed, candidate: Observed) -> None:
    assert worse(previous, candidate)


@pytest.mark.parametrize(
    ("previous", "candidate"),
    [
        pytest.param(Observed(50), Observed(), id="nobody called"),
        pytest.param(Observed(100, failures=10), Observed(10, failures=2), id="both suffer"),
        pytest.param(Observed(500), Observed(200, failures=1), id="one of very many"),
        pytest.param(Observed(9, 0, [0.7] * 20), Observed(9, 0, [1.6] * 19), id="too few turns to tell"),
        pytest.param(Observed(9, 0, [0.7] * 20), Observed(9, 0, [0.7] * 19 + [9.0]), id="one slow turn"),
        pytest.param(Observed(9, 0, [0.7] * 20), Observed(9, 0, [1.2] * 20), id="a little slower"),
    ],
)
def test_what_proves_nothing_is_not_held_against_it(previous: Observed, candidate: Observed) -> None:
    assert not worse(previous, candidate)


def test_the_log_is_asked_for_this_service_since_the_first_caller() -> None:
    asked = log_filter("media-service", "me-west1", "2026-01-01T10:00:00Z")

    for part in ('service_name="media-service"', 'location="me-west1"', 'timestamp>="2026-01-01T10:00:00Z"'):
        assert part in asked
