"""Fill in the instruction that Gemini answers the phone by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from calls.lead_fields import LEAD_FIELDS, LeadField
from media_service.core.conversation import Conversation
from media_service.texts import Texts


def prompt_for(texts: Texts, business_name: str) -> Callable[[Conversation], str]:
    """A function from the conversation to the system instruction. `business_name` is the deployment's, "" for none."""
    gemini = texts.gemini
    labels = {name: words.label for name, words in texts.intake.language.fields.items()}

    def prompt(conversation: Conversation) -> str:
        settings = conversation.settings
        names = [_name(field, labels) for field in settings.fields_to_collect or LEAD_FIELDS]
        known = [f"{labels.get(field, field)}: {found.value}" for field, found in conversation.fields.items()]
        hours, instructions = settings.working_hours, settings.instructions
        return gemini.prompt.format(
            business_name=settings.business_name or business_name or texts.business_name,
            fields_to_collect=", ".join(names),
            working_hours=gemini.working_hours.format(value=hours) if hours else "",
            instructions=gemini.instructions.format(value=instructions) if instructions else "",
            known="; ".join(known) or gemini.nothing_known,
            caller_number=conversation.caller_number or gemini.number_withheld,
            end_marker=gemini.end_marker,
        ).strip()

    return prompt


def _name(field: LeadField, labels: Mapping[str, str]) -> str:
    """What is to be found out: where the business worded a question, the answer to that."""
    name = labels.get(field.name, field.name)
    asked = f"{name} ({field.question})" if field.question else name
    return f"{asked}: {' / '.join(field.choices)}" if field.choices else asked
