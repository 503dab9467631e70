"""Load the Hebrew the assistant speaks (`he.toml`), and the one it understands (`understanding/he/`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from media_service.core.record.callback_offer import OfferTexts
from media_service.core.record.intake import IntakeTexts
from media_service.core.record.returning_caller import ReturningTexts
from media_service.core.record.spoken_number import DigitTexts
from understanding import language


@dataclass(frozen=True, slots=True)
class GeminiTexts:
    prompt: str
    end_marker: str
    end_words: tuple[str, ...]
    """What models write in brackets instead of the marker."""
    working_hours: str
    instructions: str
    nothing_known: str
    confirmed: str
    """Behind a value that the caller has confirmed."""
    earlier: str
    """What earlier calls of the caller told, and what to do about it."""
    name_is_known: str
    agreed: str
    """Behind a wished time in whose place another was agreed to."""
    offer: str
    """What to say to a caller who wants to be called when nobody can."""
    number_withheld: str


@dataclass(frozen=True, slots=True)
class Texts:
    business_name: str
    greeting: str
    disclosing: tuple[str, ...]
    """A sentence with one of these in it tells that the call is transcribed, or that no human being speaks."""
    announcements: Mapping[str, str]
    intake: IntakeTexts
    gemini: GeminiTexts


def _intake(
    numbers: Mapping[str, Any], returning: Mapping[str, str], offer: Mapping[str, str], **texts: Any
) -> IntakeTexts:
    return IntakeTexts(
        language=language.load(),
        numbers=DigitTexts(tuple(numbers["digits"]), plus=numbers["plus"], star=numbers["star"]),
        returning=ReturningTexts(**returning),
        offer=OfferTexts(**offer),
        **texts,
    )


def load() -> Texts:
    """Raises `TypeError`, `KeyError` or `ValueError` for a file that lacks a text or has one too many."""
    data = tomllib.loads(resources.files(__package__).joinpath("he.toml").read_text("utf-8"))
    return Texts(
        business_name=data["business_name"],
        greeting=data["greeting"],
        disclosing=tuple(data["disclosing"]),
        announcements=data["announcements"],
        intake=_intake(**data["intake"]),
        gemini=GeminiTexts(**data["gemini"]),
    )
