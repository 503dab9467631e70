from calls.events import FieldValue
from calls.lead_fields import BY_NAME, Kind, LeadField
from media_service.core.conversation import AssistantSettings, Conversation
from media_service.replies.gemini_prompt import prompt_for
from media_service.texts import load

TEXTS = load()
BUDGET = LeadField("budget", Kind.CHOICE, question="מה התקציב?", choices=("קטן", "גדול"))


def test_the_instruction_names_the_business_what_to_ask_and_how_to_end() -> None:
    text = prompt_for(TEXTS, "מזגני הצפון")(Conversation(()))

    assert "מזגני הצפון" in text
    assert "הצורך, שם, מספר לחזרה, מתי נוח לחזור" in text
    assert TEXTS.gemini.end_marker in text
    assert TEXTS.gemini.nothing_known in text
    assert TEXTS.gemini.number_withheld in text
    assert "{" not in text


def test_what_the_product_team_set_and_what_is_known_so_far_is_in_it() -> None:
    assistant = AssistantSettings(
        business_name="מזגני הדרום",
        instructions="להציע {ביקור}",
        working_hours="א-ה 8-17",
        fields_to_collect=(BY_NAME["name"], BUDGET),
    )
    fields = {"name": FieldValue("דנה {לוי}", 3)}
    text = prompt_for(TEXTS, "מזגני הצפון")(Conversation((), assistant, "+972501234567", fields))

    assert "מזגני הדרום" in text
    assert "מזגני הצפון" not in text
    assert "להציע {ביקור}" in text, "braces in what people wrote are only braces"
    assert "א-ה 8-17" in text
    assert "שם, budget (מה התקציב?): קטן / גדול" in text
    assert "שם: דנה {לוי}" in text
    assert "+972501234567" in text
