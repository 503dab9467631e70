"""What a request asks, out of its JSON. Accepts the camel case of the wire and the snake case some fields come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class BadRequest(Exception):
    """The request is not valid; the text says why."""


@dataclass(frozen=True, slots=True)
class Question:
    model: str
    turns: tuple[tuple[str, str], ...]
    """(role, text), role `user` or `model`; the last one is the user's."""
    instruction: str
    json_schema: Mapping[str, Any] | None
    """The schema of the answer where JSON is asked for; empty if none was given."""

    @property
    def user_texts(self) -> tuple[str, ...]:
        return tuple(text for role, text in self.turns if role == "user")

    @property
    def model_texts(self) -> tuple[str, ...]:
        return tuple(text for role, text in self.turns if role == "model")


def read_question(model: str, body: Mapping[str, Any]) -> Question:
    """Raises `BadRequest`."""
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise BadRequest("Unable to submit request because it must have at least one contents field.")
    turns = tuple((content.get("role", "user"), text_of(content)) for content in contents)
    if turns[-1][0] != "user":
        raise BadRequest("Please ensure that multiturn requests end with a user role.")
    config = _get(body, "generationConfig") or {}
    _check_thinking(_get(config, "thinkingConfig") or {})
    json_asked = _get(config, "responseMimeType") == "application/json"
    return Question(
        model=model,
        turns=turns,
        instruction=text_of(_get(body, "systemInstruction") or {}),
        json_schema=(_get(config, "responseSchema") or {}) if json_asked else None,
    )


def text_of(content: Mapping[str, Any]) -> str:
    return "".join(part.get("text", "") for part in content.get("parts") or ())


def _check_thinking(thinking: Mapping[str, Any]) -> None:
    if _get(thinking, "thinkingBudget") is not None and _get(thinking, "thinkingLevel") is not None:
        raise BadRequest("You can only set only one of thinking budget and thinking level.")


def _get(body: Mapping[str, Any], camel: str) -> Any:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in camel)
    return body.get(camel, body.get(snake))
