"""Write a summary and a next step in Hebrew from the fields that are known."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .texts import Texts, Writes


@dataclass(frozen=True, slots=True)
class Caller:
    """What there is to write about; "" for what is not known."""

    name: str = ""
    need: str = ""
    callback_time: str = ""
    phone: str = ""
    other_phone: str = ""
    """A number to call back on that is not the one the call came from."""


def summary_by_rule(caller: Caller, phrases: Writes) -> str:
    """`name: need. when to call. which number.`, as far as known."""
    who = caller.name or phrases.unknown_caller
    need = _inside_a_sentence(caller.need)
    sentences = [phrases.with_need.format(who=who, need=need) if need else phrases.without_need.format(who=who)]
    if caller.callback_time:
        sentences.append(phrases.call_at.format(time=_inside_a_sentence(caller.callback_time)))
    if caller.other_phone:
        sentences.append(phrases.call_number.format(phone=caller.other_phone))
    return " ".join(sentences)


def next_step(caller: Caller, step: str, texts: Texts) -> str:
    """`step` is the model's choice; "" leaves it to what is known: call back, and ask for what is missing."""
    if not caller.phone:
        return texts.next_step.no_number
    chosen = step or _missing(caller)
    sentence = str(asdict(texts.next_step)[chosen]).format(who=caller.name or texts.writes.unknown_caller)
    time = _inside_a_sentence(caller.callback_time)
    if not time or chosen == "none":
        return sentence
    is_a_call = chosen in ("listen", "call_back", "ask_for_need", "ask_for_name")
    return f"{sentence} {time}" if is_a_call else texts.writes.and_call_at.format(step=sentence, time=time)


def _missing(caller: Caller) -> str:
    if not caller.need:
        return "ask_for_need"
    return "call_back" if caller.name else "ask_for_name"


def _inside_a_sentence(text: str) -> str:
    return text.strip().rstrip(" .,;:!?")
