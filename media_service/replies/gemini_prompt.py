"""Fill in the instruction that Gemini answers the phone by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from calls.events import FieldValue
from calls.lead_fields import CALLBACK_TIME, LEAD_FIELDS, LeadField
from media_service.core.conversation import Conversation
from media_service.core.record.callback_offer import Wish, wish_in
from media_service.core.record.returning_caller import name_to_greet
from media_service.texts import GeminiTexts, Texts


def prompt_for(texts: Texts, business_name: str) -> Callable[[Conversation], str]:
    """A function from the conversation to the system instruction. `business_name` is the deployment's, "" for none."""
    gemini = texts.gemini
    labels = {name: words.label for name, words in texts.intake.language.fields.items()}

    def prompt(conversation: Conversation) -> str:
        settings = conversation.settings
        names = [_name(field, labels) for field in settings.fields_to_collect or LEAD_FIELDS]
        wish = wish_in(conversation, texts.intake.language)
        known = _listed(_with_agreed_time(conversation.fields, wish, gemini), labels, gemini)
        hours, instructions = settings.working_hours, settings.instructions
        return gemini.prompt.format(
            business_name=settings.business_name or business_name or texts.business_name,
            fields_to_collect=", ".join(names),
            working_hours=gemini.working_hours.format(value=hours) if hours else "",
            instructions=gemini.instructions.format(value=instructions) if instructions else "",
            known=known or gemini.nothing_known,
            earlier=_earlier(conversation, labels, texts),
            offer=gemini.offer.format(value=wish.offer) if wish.offer else "",
            caller_number=conversation.caller_number or gemini.number_withheld,
            end_marker=gemini.end_marker,
        ).strip()

    return prompt


def _with_agreed_time(fields: Mapping[str, FieldValue], wish: Wish, texts: GeminiTexts) -> Mapping[str, FieldValue]:
    found = fields.get(CALLBACK_TIME)
    if found is None or not wish.promised or wish.promised == found.value:
        return fields
    agreed = texts.agreed.format(value=found.value, agreed=wish.promised)
    return {**fields, CALLBACK_TIME: replace(found, value=agreed)}


def _listed(fields: Mapping[str, FieldValue], labels: Mapping[str, str], texts: GeminiTexts) -> str:
    shown = {
        name: texts.confirmed.format(value=found.value) if found.confirmed else found.value
        for name, found in fields.items()
    }
    return "; ".join(f"{labels.get(name, name)}: {value}" for name, value in shown.items())


def _earlier(conversation: Conversation, labels: Mapping[str, str], texts: Texts) -> str:
    """What the caller told in earlier calls and not in this one."""
    earlier = {name: found for name, found in conversation.earlier.items() if name not in conversation.fields}
    if not earlier:
        return ""
    name = name_to_greet(conversation, texts.intake.language)
    name_is_known = texts.gemini.name_is_known.format(value=name) if name else ""
    listed = _listed(earlier, labels, texts.gemini)
    return texts.gemini.earlier.format(value=listed, name_is_known=name_is_known)


def _name(field: LeadField, labels: Mapping[str, str]) -> str:
    """What is to be found out: where the business worded a question, the answer to that."""
    name = labels.get(field.name, field.name)
    asked = f"{name} ({field.question})" if field.question else name
    return f"{asked}: {' / '.join(field.choices)}" if field.choices else asked
