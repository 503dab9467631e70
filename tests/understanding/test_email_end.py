import pytest

from calls.lead_fields import NEED
from tests.understanding.hebrew import HEBREW
from understanding.email_end import email_end
from understanding.said import OTHER, Said
from understanding.turn_reading import TurnEnd


def end_of(text: str, asked: str = OTHER) -> TurnEnd | None:
    reading = email_end(Said(text, asked), text.split(), HEBREW)
    return None if reading is None else reading.end


@pytest.mark.parametrize(
    "text",
    [
        *("דנה שטרודל", "דנה שטרודל וואלה", "דנה כרוכית וואלה נקודה קו", "דנה נקודה לוי", "גל קו תחתון רז"),
        *("info@", "info@golan", "המייל הוא info@golan."),
    ],
)
def test_an_address_is_waited_for_until_its_last_part(text: str) -> None:
    assert end_of(text) is TurnEnd.DICTATING


@pytest.mark.parametrize(
    "text", ["דנה שטרודל ג'ימייל נקודה קום", "דנה נקודה לוי שטרודל וואלה נקודה קו נקודה איל", "dana@walla.co.il"]
)
def test_with_its_last_part_it_may_be_all(text: str) -> None:
    assert end_of(text) is TurnEnd.ORDINARY


def test_a_cake_and_a_full_stop_are_no_address() -> None:
    assert end_of("אני רוצה שטרודל", NEED) is None
    assert end_of("שטרודל תפוחים", NEED) is None
    assert end_of("אני לא מוכן וזהו נקודה", NEED) is None
    assert end_of("חמישה חדרים") is None
