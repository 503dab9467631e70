"""Which part of a greeting must be heard."""

import pytest

from media_service.replies.greeting import parted, with_notice

DISCLOSING = ("מתומלל", "דיגיטלי")


@pytest.mark.parametrize(
    ("greeting", "first", "rest"),
    [
        (
            "שלום, הגעתם אל המוסך. כאן עוזר דיגיטלי, והשיחה מתומללת. איך אפשר לעזור?",
            "שלום, הגעתם אל המוסך. כאן עוזר דיגיטלי, והשיחה מתומללת.",
            "איך אפשר לעזור?",
        ),
        ("שלום! במה אפשר לעזור?", "", "שלום! במה אפשר לעזור?"),
        ("השיחה מתומללת.", "השיחה מתומללת.", ""),
        ("", "", ""),
    ],
)
def test_everything_up_to_the_disclosure_must_be_heard(greeting: str, first: str, rest: str) -> None:
    assert parted(greeting, "", DISCLOSING) == (first, rest)


def test_the_notice_of_the_team_must_be_heard_whatever_its_words() -> None:
    greeting = with_notice("שלום. במה אפשר לעזור?", "הכול נרשם.")
    assert greeting == "שלום. הכול נרשם. במה אפשר לעזור?"
    assert parted(greeting, "הכול נרשם.", DISCLOSING) == ("שלום. הכול נרשם.", "במה אפשר לעזור?")


def test_a_notice_that_is_in_the_greeting_is_not_said_twice() -> None:
    assert with_notice("שלום. הכול נרשם.", "הכול נרשם.") == "שלום. הכול נרשם."
    assert with_notice("שלום.", "") == "שלום."
