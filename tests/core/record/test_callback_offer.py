"""What is promised to a caller who wants to be called back, and what is offered instead."""

from datetime import UTC, datetime

import pytest

from calls.events import FieldValue
from calls.lead_fields import CALLBACK_TIME, LEAD_FIELDS
from media_service.core.conversation import AssistantSettings, Conversation, Turn
from media_service.core.record.callback_offer import Wish, promised, wish_in
from media_service.core.record.returning_caller import Reading
from tests.core.hebrew_texts import INTAKE

FRIDAY = datetime(2026, 1, 2, 8, 0, tzinfo=UTC)
SUNDAY_9 = datetime(2026, 1, 4, 7, 0, tzinfo=UTC)
ASKS = Turn("assistant", "מתי נוח לכם שנחזור?", 1, asks=CALLBACK_TIME)
OFFERS = Turn("assistant", "בשבת לא נוכל לחזור. מתאים לכם שנחזור ביום ראשון בתשע בבוקר?", 3)
SHABBAT = Turn("caller", "בשבת בעשר בבוקר", 2, at=FRIDAY)


def after(*turns: Turn) -> FieldValue:
    """The field after these turns, the caller's read one after the other."""
    fields: dict[str, FieldValue] = {}
    for place, turn in enumerate(turns):
        if turn.speaker == "caller":
            reading = Reading(turns[:place], turn, "", INTAKE.language, LEAD_FIELDS)
            fields = promised(fields, reading.learn(fields), reading, None)
    return fields[CALLBACK_TIME]


def caller(text: str, seq: int = 4, confidence: float | None = None) -> Turn:
    return Turn("caller", text, seq, at=FRIDAY, confidence=confidence)


def test_a_time_that_can_be_kept_is_promised_as_it_was_wished() -> None:
    found = after(ASKS, caller("ביום שני בעשר", 2))
    assert (found.value, found.at) == ("ביום שני בעשר", datetime(2026, 1, 5, 8, 0, tzinfo=UTC))


def test_no_moment_stands_beside_a_wish_that_cannot_be_kept() -> None:
    found = after(ASKS, SHABBAT)
    assert (found.value, found.at, found.until) == ("בשבת בעשר בבוקר", None, None)


def test_a_yes_agrees_to_the_time_that_was_offered_whoever_worded_it() -> None:
    found = after(ASKS, SHABBAT, OFFERS, caller("כן"))
    assert (found.value, found.at, found.confirmed) == ("בשבת בעשר בבוקר", SUNDAY_9, True)
    assert (found.quote, found.seq) == ("בשבת בעשר בבוקר", 2), "the wish is what was said"


@pytest.mark.parametrize("answer", [caller("לא"), caller("רגע"), caller("כן", confidence=0.3)])
def test_nothing_but_a_yes_agrees(answer: Turn) -> None:
    assert after(ASKS, SHABBAT, OFFERS, answer).at is None


def test_an_offer_that_cannot_be_kept_either_is_no_promise() -> None:
    """A model may offer anything."""
    offers = Turn("assistant", "מתאים לכם שנחזור בשבת בשתיים בצהריים?", 3)
    assert after(ASKS, SHABBAT, offers, caller("כן")).at is None


def test_another_time_takes_the_place_of_the_one_offered() -> None:
    assert after(ASKS, SHABBAT, OFFERS, caller("לא, ביום שני בעשר")).at == datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def test_what_is_said_of_a_wish() -> None:
    def said_of(field: FieldValue | None, *turns: Turn) -> Wish:
        fields = {CALLBACK_TIME: field} if field else {}
        return wish_in(Conversation(turns, AssistantSettings(), fields=fields), INTAKE.language)

    sunday = "ביום ראשון בתשע בבוקר"
    assert said_of(None, SHABBAT) == Wish()
    assert said_of(FieldValue("בשבת בעשר", 2), SHABBAT) == Wish(offer=sunday)
    assert said_of(FieldValue("בשבת בעשר", 2, at=SUNDAY_9), SHABBAT) == Wish(promised=sunday)
    assert said_of(FieldValue("ביום שני", 2), caller("ביום שני", 2)) == Wish(promised="ביום שני")
    assert said_of(FieldValue("כשנוח", 2), caller("כשנוח", 2)) == Wish(promised="כשנוח"), "no moment is known"
    assert said_of(FieldValue("בשבת", 2), ASKS) == Wish(promised="בשבת"), "when it was said is not known"
