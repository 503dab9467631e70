from dataclasses import replace
from datetime import UTC, datetime

from calls.events import FieldValue
from calls.lead_fields import BY_NAME, Kind, LeadField
from media_service.core.conversation import AssistantSettings, Conversation, Turn
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


def test_what_is_known_is_told_with_whether_the_caller_confirmed_it() -> None:
    fields = {"name": FieldValue("דנה לוי", 3), "phone": FieldValue("+972501234567", 5, confirmed=True)}
    text = prompt_for(TEXTS, "")(Conversation((), fields=fields))
    assert "שם: דנה לוי; מספר לחזרה: +972501234567 (אושר)." in text


def test_the_model_greets_who_is_known_by_name_and_asks_whether_the_rest_still_is_so() -> None:
    earlier = {"name": FieldValue("דנה {לוי}", 1, confirmed=True), "floor": FieldValue("3", 1)}
    text = prompt_for(TEXTS, "")(Conversation((), earlier=earlier))
    assert "שם: דנה {לוי} (אושר); floor: 3" in text
    assert '"שלום דנה {לוי}"' in text

    told = prompt_for(TEXTS, "")(Conversation((), fields={"name": FieldValue("יוסי", 3)}, earlier=earlier))
    assert "דנה" not in told
    assert "floor: 3" in told

    unsure = prompt_for(TEXTS, "")(Conversation((), earlier={"name": FieldValue("דנה", 1)}))
    assert "שם: דנה." in unsure
    assert '"שלום דנה"' not in unsure


def test_nothing_is_said_of_earlier_calls_where_there_were_none() -> None:
    assert "התקשר בעבר" not in prompt_for(TEXTS, "")(Conversation(()))


def test_the_model_offers_the_next_possible_time_and_knows_what_was_agreed() -> None:
    friday = datetime(2026, 1, 2, 8, tzinfo=UTC)
    turns = (Turn("caller", "תחזרו אליי בשבת בעשר", 2, at=friday),)
    wish = FieldValue("בשבת בעשר", 2)
    sunday = "ביום ראשון בתשע בבוקר"

    text = prompt_for(TEXTS, "")(Conversation(turns, fields={"callback_time": wish}))
    assert f"הצע במקומו: {sunday}." in text

    agreed = replace(wish, at=datetime(2026, 1, 4, 7, tzinfo=UTC), confirmed=True)
    text = prompt_for(TEXTS, "")(Conversation(turns, fields={"callback_time": agreed}))
    assert f"בשבת בעשר (סוכם במקומו: {sunday})" in text
    assert "הצע במקומו" not in text
