from __future__ import annotations

import pytest

from local.service_log import Connected, Recognized, TurnLatency, read_line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("12:00:00.123 INFO 🟡 Partial: שלום אני", Recognized("שלום אני", is_final=False)),
        ("12:00:00.123 INFO 🟢 Final: כן call_sid=CA1 seq=3", Recognized("כן", is_final=True)),
        ("12:00:00.123 INFO 🟢 Final: אחד=שתיים", Recognized("אחד=שתיים", is_final=True)),
        (
            "12:00:00.123 INFO [LATENCY] partial=0.52s final=0.31s tts=0.18s total=0.74s call_sid=CA1",
            TurnLatency(0.52, 0.31, 0.18, 0.74),
        ),
        ("12:00:00.123 INFO [LATENCY] partial=- final=0.31s tts=- total=0.74s", TurnLatency(None, 0.31, None, 0.74)),
        ("12:00:00.123 INFO [WS] connected call=CA1 leg=1", Connected("CA1")),
        ("12:00:00.123 INFO [WS] ended call=CA1", None),
    ],
)
def test_lines_of_a_call_are_read(line: str, expected: Connected | Recognized | TurnLatency | None) -> None:
    """With and without the fields that a terminal's log shows behind the message."""
    assert read_line(line) == expected
