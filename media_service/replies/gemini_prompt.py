"""Fill in the instruction that Gemini answers the phone by."""

from __future__ import annotations

from collections.abc import Callable

from calls.lead_fields import BY_NAME
from media_service.core.conversation import Conversation
from media_service.texts import Texts


def prompt_for(texts: Texts, business_name: str) -> Callable[[Conversation], str]:
    """A function from the conversation to the system instruction. `business_name` is the deployment's, "" for none."""
    gemini = texts.gemini
    labels = {name: words.label for name, words in texts.intake.language.fields.items()}

    def prompt(conversation: Conversation) -> str:
        settings = conversation.settings
        names = [labels.get(field, field) for field in settings.fields_to_collect or BY_NAME]
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
