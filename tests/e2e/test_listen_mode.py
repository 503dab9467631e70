"""A whole call that a person answers, through the whole system."""

from __future__ import annotations

import pytest

from local import console
from tests.e2e.experiments import UnderWay

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_a_person_answers_and_the_same_lead_comes_out(under_way: UnderWay) -> None:
    """Both sides stand in the transcript, told apart, and the lead is as complete as the assistant's own."""
    listened = await under_way.listened

    assert console.missing(listened.records.lead, listened.records.call) == []
    assert listened.records.call is not None
    # The mark at the end comes with the final result, which may be later than the moment of publishing.
    assert [line.rstrip(".?") for line in listened.records.call["transcript"].splitlines()[:3]] == [
        "נציג: שלום, מדבר עומר, במה אפשר לעזור",
        "לקוח: שלום, אני צריכה הצעת מחיר להתקנת מזגן",
        "נציג: בוודאי, איך קוראים לך",
    ]
    assert listened.records.lead is not None
    assert listened.records.lead["name"] == "דנה לוי"
    assert listened.records.lead["callback_time"] == "מחר בבוקר"


async def test_nothing_is_ever_played_to_the_line(under_way: UnderWay) -> None:
    listened = await under_way.listened

    assert [leg.largest_ahead_s for leg in listened.report.legs] == [0.0]
