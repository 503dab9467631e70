"""The log lines that people and dashboards search for: exactly these words."""

import logging

import pytest

from media_service.core import actions as act
from media_service.operations.telemetry import CallTelemetry, Report


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (act.ReportStreamStarted(1, first=False, stream="caller-1"), ["✅ [STT] Streaming started (attempt 1)"]),
        (
            act.ReportStreamStarted(2, first=True, stream="caller-2"),
            ["✅ [STT] Streaming started (attempt 2)", "[STT] Streaming session started call=CA1"],
        ),
        (
            act.ReportStreamFailed(2, was_working=False, reason="503 down", stream="caller-2"),
            ["⚠️ [STT] Streaming start failed (attempt 2): 503 down"],
        ),
        (
            act.ReportStreamingGivenUp("caller-3"),
            ["❌ [STT] All streaming attempts failed — using fallback single request"],
        ),
        (act.ReportInterim("caller", "שלום"), ["🟡 Partial: שלום"]),
        (act.ReportFinal("caller", "שלום לך"), ["🟢 Final: שלום לך"]),
        (act.ReportTurn(0.524, 0.31, 0.18, 0.744), ["[LATENCY] partial=0.52s final=0.31s tts=0.18s total=0.74s"]),
        (act.ReportTurn(None, 0.31, None, 0.7), ["[LATENCY] partial=0.00s final=0.31s tts=0.00s total=0.70s"]),
    ],
)
def test_the_lines_operators_know(report: Report, said: list[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    CallTelemetry("CA1", 1, log_transcripts=True).report(report)
    assert lines(caplog) == said
    assert all(vars(record)["call_sid"] == "CA1" for record in caplog.records)


def test_connected_and_ended(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    telemetry = CallTelemetry("CA1", 2, log_transcripts=False)
    telemetry.connected()
    telemetry.report(act.ReportTurn(None, 0.1, None, 0.2))
    telemetry.warn("not_json")
    telemetry.ended("silence", 12.345, undelivered=1)

    assert lines(caplog)[0] == "[WS] connected call=CA1"
    end = vars(caplog.records[-1])
    assert (end["reason"], end["duration_s"], end["turns"], end["undelivered"], end["leg"]) == (
        "silence",
        12.3,
        1,
        1,
        2,
    )
    assert end["not_json"] == 1


def test_spoken_words_stay_out_of_the_log_unless_they_are_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    telemetry = CallTelemetry("CA1", 1, log_transcripts=False)
    telemetry.report(act.ReportInterim("caller", "קוראים לי דנה"))
    telemetry.report(act.ReportFinal("caller", "קוראים לי דנה"))

    assert lines(caplog) == ["🟡 Partial: (13 characters)", "🟢 Final: (13 characters)"]
    assert not any("דנה" in str(vars(record)) for record in caplog.records)


def test_a_stream_lost_after_it_worked_is_not_called_a_failed_start(caplog: pytest.LogCaptureFixture) -> None:
    CallTelemetry("CA1", 1, log_transcripts=False).report(
        act.ReportStreamFailed(1, was_working=True, reason="409", stream="caller-1")
    )
    assert lines(caplog) == ["⚠️ [STT] Streaming stream lost, opening the next one (attempt 1): 409"]


def test_a_peer_gone_mad_cannot_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = CallTelemetry("CA1", 1, log_transcripts=False)
    for _ in range(5_000):
        telemetry.warn("not_json")
    telemetry.warn("no_event")

    counts = [(vars(record)["kind"], vars(record)["count"]) for record in caplog.records]
    assert counts == [("not_json", 1), ("not_json", 10), ("not_json", 100), ("not_json", 1_000), ("no_event", 1)]
