"""The answer when none was ordered: the next question of an intake, or a summary in the shape that was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from local.standins.gemini.question import Question

# What to ask for, the words by which the question is known when the assistant has asked it, and the question.
_INTAKE: Final = (
    (("קוראים לכם", "השם", "שמכם"), "בשמחה. איך קוראים לכם?"),
    (("מספר",), "נעים מאוד. אפשר לחזור אליכם למספר שממנו התקשרתם?"),
    (("מתי",), "מצוין. מתי נוח לכם שנחזור?"),
)
_GOODBYE: Final = "תודה, רשמתי הכול ונחזור אליכם. להתראות."
_WAIT: Final = "בסדר, אני ממתין."
_PERSON: Final = "אעביר את הבקשה לאדם מהצוות, והוא יחזור אליכם. "
_FAREWELLS: Final = ("להתראות", "ביי")
_SAY_AGAIN: Final = ("לא שמעתי", "לחזור על זה")
_PERSON_WORDS: Final = ("בן אדם", "נציג")
_OFFER: Final = re.compile(r"במקומו: (?P<time>[^.;)]+)\.")
"""The instruction names a time that is to be offered."""
_MARKER: Final = re.compile(r"\[[^\[\]]{1,20}\]")

_NAME: Final = re.compile(r"(?:קוראים לי|השם שלי|שמי)\s+(?P<name>[א-ת'\"]+(?:\s+[א-ת'\"]+)?)")
_TIME: Final = re.compile(r"מחר|היום|ביום|בבוקר|בערב|בצהריים|הצהריים|שבוע הבא")
_PHONE: Final = re.compile(r"0\d[\d\-]{7,9}")
_NEED: Final = re.compile(r"צריכ?[הך]?|רוצה|מעוניי?נ|לקבוע|לדעת|נזילה|הצעת מחיר|הזמנה")


def reply(question: Question) -> str:
    """The next thing to say. Once all was asked: goodbye, with the end marker that the instruction names."""
    markers = _MARKER.findall(question.instruction)
    goodbye = _GOODBYE + (f" {markers[-1]}" if markers else "")
    last = question.user_texts[-1]
    if any(word in last for word in _FAREWELLS):
        return goodbye
    if any(word in last for word in _SAY_AGAIN) and question.model_texts:
        return question.model_texts[-1]
    if last.strip(" .,") == "רגע":
        return _WAIT
    person = _PERSON if any(word in last for word in _PERSON_WORDS) else ""
    asked = "\n".join(question.model_texts)
    for known_by, text in _INTAKE:
        if not any(word in asked for word in known_by):
            return person + text
    if (offer := _OFFER.search(question.instruction)) and offer["time"] not in asked:
        return f"{person}בזמן הזה לא נוכל לחזור אליכם. מתאים לכם שנחזור {offer['time']}?"
    return person + goodbye


def answer_json(question: Question) -> str:
    """JSON after the schema, its texts taken from what the caller said in the transcript of the prompt."""
    said = _caller_said(question.user_texts[-1])
    return json.dumps(_filled("", question.json_schema or {}, said), ensure_ascii=False)


def _caller_said(prompt: str) -> list[str]:
    """Lines of JSON with a speaker, or lines beginning with one; everything, if there are none."""
    said = []
    for line in prompt.splitlines():
        try:
            utterance = json.loads(line)
        except ValueError:
            speaker, colon, text = line.partition(":")
            if colon and speaker.strip() in ("caller", "פונה", "לקוח"):
                said.append(text.strip())
            continue
        if isinstance(utterance, dict) and utterance.get("speaker") == "caller":
            said.append(str(utterance.get("text", "")))
    return said or [prompt.strip()]


def _filled(name: str, schema: Mapping[str, Any], said: Sequence[str]) -> Any:
    kind = str(schema.get("type", "STRING")).upper()
    found = _found(name, said)
    if kind == "OBJECT":
        properties: Mapping[str, Any] = schema.get("properties") or {}
        if set(properties) >= {"value", "quote"}:
            if found is None:
                return None if schema.get("nullable") else {"value": "", "quote": ""}
            return {"value": found[0], "quote": found[1]}
        return {key: _filled(key, value, said) for key, value in properties.items()}
    if kind == "ARRAY":
        return []
    if kind in ("NUMBER", "INTEGER"):
        return 0
    if kind == "BOOLEAN":
        return False
    if schema.get("enum"):
        return schema["enum"][0]
    if found:
        return found[0]
    return _summary(said) if name == "summary" else None if schema.get("nullable") else ""


def _summary(said: Sequence[str]) -> str:
    name, need, time = (_found(field, said) for field in ("name", "need", "callback_time"))
    sentences = [
        f"{name[0] if name else 'הפונה'}: {need[0] if need else 'לא נאמר במה מדובר'}.",
        f"לחזור {time[0]}." if time else "",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _found(field: str, said: Sequence[str]) -> tuple[str, str] | None:
    """The value of a field and the words that say it."""
    for text in said:
        quote = text.rstrip(" .?!")
        if field == "name" and (match := _NAME.search(quote)):
            return match["name"], match.group()
        if field == "phone" and (match := _PHONE.search(quote)):
            return match.group(), match.group()
        if (field == "callback_time" and _TIME.search(quote)) or (field == "need" and _NEED.search(quote)):
            return quote, quote
    return None
