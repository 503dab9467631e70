"""What the demonstration's business asks, and its caller answers."""

from __future__ import annotations

from calls.lead_fields import BY_NAME, collected
from local.team_settings import of_the_demonstration


def test_the_business_of_the_demonstration_asks_everybodys_questions_and_one_of_its_own() -> None:
    fields, faults = collected(of_the_demonstration()["fields_to_collect"])

    assert faults == ()
    assert set(BY_NAME) - {field.name for field in fields} == {"need"}  # which is asked in any case
    assert [field.question for field in fields if field.name not in BY_NAME] == ["כמה מזגנים להתקין?"]
