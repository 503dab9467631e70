"""The scripted intake: find out what the caller needs, the name, a number and a time, by rules.

It answers every call when `REPLY_ENGINE=script`, and takes over a turn when Gemini fails. In both cases it also
keeps the lead's fields during the call. It remembers nothing: what was asked is read from what was said, so it can
take over at any turn, also after a reconnection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from calls.events import FieldValue
from media_service.core.conversation import Conversation, Turn
from media_service.core.recognition.words import bare

NEED, NAME, PHONE, CALLBACK_TIME = "need", "name", "phone", "callback_time"
TOPICS = (NEED, NAME, PHONE, CALLBACK_TIME)

_ATTEMPTS = 2
"""How often a thing is asked before the conversation goes on without it."""

_NATIONAL_NUMBER = re.compile(r"(?:\+?972|0)[0-9]{8,9}\Z")


@dataclass(frozen=True, slots=True)
class IntakeTexts:
    """The Hebrew the intake speaks and understands; see `texts/he.toml` for the meaning of each."""

    questions: Mapping[str, str]
    phone_unknown: str
    retry: str
    got_need: str
    got_name: str
    got_phone: str
    person_wanted: str
    goodbye: str
    goodbye_unknown_name: str
    default_callback: str
    topic_words: Mapping[str, Sequence[str]]
    """For each topic the words that show that a sentence of the assistant asks about it."""
    name_leads: Sequence[str]
    name_leads_when_asked: Sequence[str]
    name_ends: Sequence[str]
    greetings: Sequence[str]
    fillers: Sequence[str]
    yes: Sequence[str]
    no: Sequence[str]
    farewells: Sequence[str]
    thanks: Sequence[str]
    person_words: Sequence[str]
    digits: Mapping[str, str]


def asked_topic(text: str, texts: IntakeTexts) -> str:
    """What the last question in the assistant's words is about; "" if it asks nothing we know."""
    for sentence in reversed(re.split(r"[.!?]", text)):
        words = {bare(word) for word in sentence.split()}
        for topic in reversed(TOPICS):
            if any(bare(word) in words for word in texts.topic_words[topic]):
                return topic
    return ""


class Spoken(Protocol):
    """A turn of the conversation, or a line of the transcript."""

    @property
    def speaker(self) -> str: ...

    @property
    def text(self) -> str: ...


def last_asked(before: Sequence[Spoken], texts: IntakeTexts) -> str:
    """What the caller is being asked after these turns.

    A question stands until the caller answers: "are you still there?" after it does not take it back.
    """
    ours = False
    for turn in reversed(before):
        if turn.speaker == "assistant":
            ours = True
            if topic := asked_topic(turn.text, texts):
                return topic
        elif ours:
            break
    return ""


def learn(
    fields: Mapping[str, FieldValue], asked: str, said: Turn, caller_number: str, texts: IntakeTexts
) -> dict[str, FieldValue]:
    """The fields after the caller said this, `asked` being the topic of the question before it.

    A name is taken wherever it is clearly given; the other topics only as answers, and a first need from the
    first thing of substance that is said.
    """
    known = dict(fields)
    words = said.text.split()
    seq = max(1, said.seq)
    name = _named(words, texts.name_leads, texts)
    if not name and asked == NAME:
        answer = _without(words, texts.greetings, texts.fillers).split()
        name = _named(answer, texts.name_leads_when_asked, texts, at_start=True) or _bare_name(words, texts)
    if name:
        known[NAME] = FieldValue(name, seq)
    number = spoken_number(said.text, texts.digits)
    if number:
        known[PHONE] = FieldValue(number, seq, confirmed=True)
    elif asked == PHONE and caller_number and _starts_with(words, texts.yes):
        known[PHONE] = FieldValue(caller_number, seq, confirmed=True)
    no_answer = _is_only(words, (*texts.yes, *texts.no, *texts.farewells, *texts.greetings, *texts.thanks))
    time = _without(_before_thanks(words, texts), texts.greetings, texts.fillers)
    if asked == CALLBACK_TIME and time and not no_answer:
        known[CALLBACK_TIME] = FieldValue(time, seq)
    if NEED not in known and not name and not number and asked in (NEED, ""):
        need = _without(words, texts.greetings, texts.fillers)
        if need and not no_answer:
            known[NEED] = FieldValue(need, seq)
    if asked not in ("", NAME) and not _starts_with(words, texts.no) and NAME in known and not name:
        # It was read back to the caller, who went on without a no.
        known[NAME] = replace(known[NAME], confirmed=True)
    return known


def next_reply(conversation: Conversation, texts: IntakeTexts) -> tuple[str, bool]:
    """What to say to the caller's last words, and whether that ends the call."""
    fields = conversation.fields
    said = conversation.turns[-1].text if conversation.turns else ""
    asked = last_asked(conversation.turns[:-1], texts)
    topics = [topic for topic in conversation.settings.fields_to_collect if topic in TOPICS] or TOPICS
    open_topics = [
        topic for topic in topics if topic not in fields and _times_asked(conversation.turns, topic, texts) < _ATTEMPTS
    ]
    if _is_farewell(said, texts) or not open_topics:
        return _goodbye(fields, texts), True
    topic = open_topics[0]
    lead = _acknowledgement(asked, topic, said, fields, texts)
    refused_number = topic == PHONE and asked == PHONE and _starts_with(said.split(), texts.no)
    question = texts.questions[topic]
    if topic == PHONE and (refused_number or not conversation.caller_number):
        question = texts.phone_unknown
        lead = "" if refused_number else lead
    return f"{lead} {question}".strip(), False


def spoken_number(text: str, digit_words: Mapping[str, str]) -> str:
    """The telephone number in a sentence, as digits; spoken as digits, in groups or in words. "" if there is none."""
    run, best = "", ""
    for word in re.split(r"[\s\-,.]+", text):
        digits = word if word.isascii() and word.lstrip("+").isdigit() else digit_words.get(bare(word), "")
        if not digits and bare(word).startswith("ו"):
            digits = digit_words.get(bare(word)[1:], "")
        run = run + digits if digits else ""
        if _NATIONAL_NUMBER.match(run):
            best = run
    return best


def _named(words: list[str], leads: Sequence[str], texts: IntakeTexts, *, at_start: bool = False) -> str:
    """The name in "my name is ..." and the like, anywhere in the sentence or only at its start."""
    plain = [bare(word) for word in words]
    for lead in leads:
        opening = [bare(word) for word in lead.split()]
        for start in range(min(1, len(plain) - len(opening)) if at_start else len(plain) - len(opening)):
            if plain[start : start + len(opening)] == opening:
                return _name_from(words[start + len(opening) :], texts)
    return ""


def _bare_name(words: list[str], texts: IntakeTexts) -> str:
    """A short answer to the question for the name is the name."""
    name = _name_from(_without(words, texts.greetings, texts.fillers).split(), texts)
    refused = _starts_with(words, (*texts.no, *texts.yes)) or _is_farewell(" ".join(words), texts)
    return name if len(words) <= 4 and not refused else ""


def _name_from(words: list[str], texts: IntakeTexts) -> str:
    ends = {bare(word) for word in texts.name_ends}
    name: list[str] = []
    for word in words[:3]:
        if bare(word) in ends or any(ch.isdigit() for ch in word) or (name and bare(word).startswith("ו")):
            break
        name.append(word.strip(".,?!;:\"'"))
        if word[-1] in ".,?!;:":
            break
    return " ".join(filter(None, name))


def _acknowledgement(asked: str, topic: str, said: str, fields: Mapping[str, FieldValue], texts: IntakeTexts) -> str:
    if any(bare(word) in {bare(other) for other in said.split()} for word in texts.person_words):
        return texts.person_wanted
    if topic == asked:
        return texts.retry
    if asked == NAME and NAME in fields:
        return texts.got_name.format(name=fields[NAME].value)
    if asked == PHONE and PHONE in fields:
        return texts.got_phone
    return texts.got_need if asked in (NEED, "") and NEED in fields else ""


def _goodbye(fields: Mapping[str, FieldValue], texts: IntakeTexts) -> str:
    time = fields[CALLBACK_TIME].value if CALLBACK_TIME in fields else texts.default_callback
    if NAME not in fields:
        return texts.goodbye_unknown_name.format(callback_time=time)
    return texts.goodbye.format(name=fields[NAME].value, callback_time=time)


def _times_asked(turns: Sequence[Turn], topic: str, texts: IntakeTexts) -> int:
    return sum(1 for turn in turns if turn.speaker == "assistant" and asked_topic(turn.text, texts) == topic)


def _starts_with(words: Sequence[str], options: Sequence[str]) -> bool:
    return bool(words) and bare(words[0]) in {bare(option) for option in options}


def _is_only(words: Sequence[str], options: Sequence[str]) -> bool:
    allowed = {bare(part) for option in options for part in option.split()}
    return all(bare(word) in allowed for word in words)


def _is_farewell(text: str, texts: IntakeTexts) -> bool:
    said = f" {_bare_text(text)} "
    return any(f" {_bare_text(farewell)} " in said for farewell in texts.farewells)


def _bare_text(text: str) -> str:
    return " ".join(filter(None, map(bare, text.split())))


def _before_thanks(words: Sequence[str], texts: IntakeTexts) -> Sequence[str]:
    """The words without the thanks and farewells they end in."""
    plain = [bare(word) for word in words]
    phrases = [[bare(part) for part in phrase.split()] for phrase in (*texts.thanks, *texts.farewells)]
    while ending := next((phrase for phrase in phrases if plain and plain[-len(phrase) :] == phrase), None):
        del plain[-len(ending) :]
    return words[: len(plain)]


def _without(words: Sequence[str], *dropped: Sequence[str]) -> str:
    """The words without leading greetings and fillers, and without the punctuation around the whole."""
    drop = {bare(word) for group in dropped for word in group}
    start = 0
    while start < len(words) and bare(words[start]) in drop:
        start += 1
    return " ".join(words[start:]).strip(" .,?!;:")
