from __future__ import annotations

from dataclasses import replace

import pytest

from local.measurements import Load, Measurements, cpu_seconds, resident_bytes

FOUND = Measurements(
    calls=20,
    window_s=25.0,
    cpu_s=3.5,
    memory_bytes=128 << 20,
    webhooks=(0.010, 0.020),
    events=(0.030, 0.060),
    load=Load(greetings=(0.003,), turns=(0.35, 0.55), unanswered=1, lateness_s=0.02),
    machine="2 cores",
)


def test_cost_is_the_share_of_one_core_for_one_call() -> None:
    assert FOUND.core_percent_per_call == pytest.approx(0.7)


def test_the_table_names_what_was_measured() -> None:
    assert FOUND.table() == [
        "20 calls at once, measured for 25.0 s (latencies: p50 / p95)",
        "  media service, CPU     0.70 % of a core per call",
        "  media service, memory  128 MiB",
        "  greeting               3 / 3 ms",
        "  turn, as heard         350 / 550 ms   (2 answered, 1 not)",
        "  incoming_call, warm    10 / 20 ms   (2 one at a time)",
        "  summarize, an event    30 / 60 ms   (2 one at a time)",
        "  load generator         at most 20 ms behind real time",
        "  machine                2 cores",
    ]


def test_a_kept_measurement_is_one_dated_row() -> None:
    expected = "| 2026-01-02 | 20 | 0.70 % | 128 MiB | 3 / 3 ms | 350 / 550 ms | 10 / 20 ms | 30 / 60 ms | 2 cores |"

    assert FOUND.markdown_row("2026-01-02") == expected


def test_nothing_heard_is_said_so() -> None:
    silent = replace(FOUND, load=Load((), (), 20, 0.0))

    assert "  greeting               nothing measured" in silent.table()


def test_cpu_time_is_found_behind_any_program_name() -> None:
    """In ticks; fields 14 and 15 of the line."""
    stat = "42 (a) (b c) S 1 42 42 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 9 0 100 1 2 3"

    assert cpu_seconds(stat, ticks_per_s=100) == 3.0


def test_memory_is_counted_in_pages() -> None:
    assert resident_bytes("5000 300 20 1 0 900 0", page_bytes=4096) == 300 * 4096
