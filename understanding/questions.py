"""What a caller is being asked: which field a question is about, whoever worded it.

Whoever asked knows best (`Turn.asks`). Of a question that a model or a person worded, the whole sentence decides: one
word of ours in it does not make "what is the number of your flat?" a question for a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from calls.events import FieldValue
from calls.lead_fields import BY_NAME, CALLBACK_TIME, LEAD_FIELDS, NAME, NEED, PHONE, LeadField
from understanding.fields import stands_in
from understanding.language import Language, QuestionWords
from understanding.said import OTHER, Turn
from understanding.words import bare_words, contains, is_only, starts_with, without_leading

_BY_SPECIFICITY: Final = (CALLBACK_TIME, PHONE, NAME, NEED)
"""When to call back at a number is a question for a time; who is to be helped, one for a name."""
_SENTENCES: Final = re.compile(r"[^.!?\n]+[.!?]*")
_CLAUSES: Final = re.compile(r"[,;:]|\s[-–—]\s")
_AND: Final = "ו"
_DEFINITE: Final = "ה"
_ALONE: Final = 2
"""Words. A question this short has no room to say what else it would be about: "when?", "and the name?"."""
_BEGUN: Final = 2
"""Words. So much of a question of ours tells which it is, where it was broken off."""
_LIKE: Final = 0.6
"""Share of what a question of the business is about that stands in another wording of it."""
_TURNS_BACK: Final = 30

_NOBODY: Final[Mapping[str, FieldValue]] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    field: str = ""
    """The field's name; "" if nothing was asked, `OTHER` for what is none of ours."""
    earlier: tuple[Turn, ...] = ()
    """What the caller has said since it was first asked, oldest first."""
    read_back: frozenset[str] = frozenset()
    """The fields whose values stand in what the others said since the caller's last words."""


def last_asked(
    before: Sequence[Turn],
    language: Language,
    fields: Sequence[LeadField] = LEAD_FIELDS,
    known: Mapping[str, FieldValue] = _NOBODY,
) -> Asked:
    """What the caller is being asked after these turns.

    A question stands until the caller has answered it and the others went on: "are you still there?" does not take it
    back, nor does "I am listening", nor an answer that did not tell what was asked.
    """
    found = ""
    since = 0
    callers: list[Turn] = []
    shown = read_back(_spoken(before), known, language)
    silent: list[str] = []
    reactions: list[str] = []
    for turn in reversed(before[-_TURNS_BACK:]):
        if turn.speaker == "caller":
            callers.append(turn)
            reactions += silent
            silent = []
            continue
        about = asked_in(turn, language, fields, known)
        if not found and about:
            is_answered = about == OTHER or about in known
            if is_answered and not all(_goes_on(text, language.questions) for text in reactions):
                break
            found, since = about, len(callers)
        elif not found:
            silent.append(turn.text)
        elif about and (about != found or _reads_back(turn, found, known, language)):
            break  # what was said before is in the value that was read back
        elif about:
            since = len(callers)
        if found in shown:
            break
    return Asked(found, tuple(reversed(callers[:since])), shown)


def asked_in(
    turn: Turn,
    language: Language,
    fields: Sequence[LeadField] = LEAD_FIELDS,
    known: Mapping[str, FieldValue] = _NOBODY,
) -> str:
    return asked_field(turn.text, language, fields, known) if turn.asks is None else turn.asks


def asked_field(
    text: str,
    language: Language,
    fields: Sequence[LeadField] = LEAD_FIELDS,
    known: Mapping[str, FieldValue] = _NOBODY,
) -> str:
    """What the last question in these words is about: a field's name, `OTHER`, or "" if nothing is asked."""
    if ours := _in_our_words(text, language, fields):
        return ours
    is_tag = False
    for sentence in reversed(_SENTENCES.findall(text)):
        words = sentence.split()
        plain = [word for word in bare_words(words) if word]
        if is_only(plain, language.questions.tags) and (sentence.endswith("?") or is_tag):
            is_tag = True
            continue
        asks = is_tag or "?" in sentence or _asks(sentence, plain, language.questions)
        about = _about(sentence, plain, language, fields, known) if plain and asks else ""
        if about:
            return about
        if asks and not contains(plain, language.questions.presence) and "?" in sentence:
            return OTHER
    return ""


def read_back(spoken: str, known: Mapping[str, FieldValue], language: Language) -> frozenset[str]:
    """The fields whose values stand in what was said to the caller."""
    if not spoken:
        return frozenset()
    return frozenset(name for name, found in known.items() if stands_in(found.value, spoken, language))


def question_for(field: LeadField, language: Language) -> str:
    """How the script asks for it: as the business words it, else as we do; "" where nobody has worded it."""
    if field.question:
        return field.question
    words = language.fields.get(field.name)
    return words.question if words else language.kinds.questions.get(field.kind.value, "")


def _spoken(before: Sequence[Turn]) -> str:
    """What the others said since the caller's last words."""
    since = next((place for place in range(len(before), 0, -1) if before[place - 1].speaker == "caller"), 0)
    return " ".join(turn.text for turn in before[since:])


def _reads_back(turn: Turn, field: str, known: Mapping[str, FieldValue], language: Language) -> bool:
    return field in known and bool(read_back(turn.text, {field: known[field]}, language))


def _goes_on(text: str, questions: QuestionWords) -> bool:
    return is_only(text.split(), questions.goes_on) or contains(text.split(), questions.presence)


def _asks(sentence: str, plain: list[str], questions: QuestionWords) -> bool:
    if contains(plain, questions.requests):
        return True
    clauses = (clause.split() for clause in _CLAUSES.split(sentence))
    return any(starts_with(without_leading(clause, questions.acknowledges), questions.asks) for clause in clauses)


def _in_our_words(text: str, language: Language, fields: Sequence[LeadField]) -> str:
    """The field whose question, in the words of the business or our own, is the last in the text, or was begun."""
    said = [word for word in bare_words(text.split()) if word]
    best, best_end = "", 0
    for field in fields:
        question = [word for word in bare_words(question_for(field, language).split()) if word]
        if question and (end := _end_of(question, said)) > best_end:
            best, best_end = field.name, end
    # Something else is asked after it, or nothing is.
    return best if best_end >= len(said) - _ALONE else ""


def _end_of(question: list[str], said: list[str]) -> int:
    """Where the question ends in what was said, also where that breaks off within it; 0 if it is not there."""
    for start in range(len(said) - 1, -1, -1):
        there = said[start : start + len(question)]
        is_begun = len(there) < len(question) and len(there) >= min(_BEGUN, len(question))
        if there == question or (is_begun and question[: len(there)] == there):
            return start + len(there)
    return 0


def _about(
    sentence: str,
    plain: list[str],
    language: Language,
    fields: Sequence[LeadField],
    known: Mapping[str, FieldValue],
) -> str:
    size = len(plain)
    # "And" is written together with the word.
    plain = [*plain, "", *(word.removeprefix(_AND) if len(word) > _ALONE else word for word in plain)]
    own = max(((_likeness(field, plain, language), field.name) for field in fields), default=(0.0, ""))
    if own[0] >= _LIKE:
        return own[1]
    for name in _BY_SPECIFICITY:
        words = language.fields[name]
        if contains(plain, words.not_with) or (name == PHONE and _is_number_of(plain, language.questions)):
            continue
        if any(all(contains(plain, group) for group in groups) for groups in words.asked_by):
            return name
        alone = words.asked_alone
        if size <= _ALONE and contains(plain, alone):
            return name
    for field in fields:
        if contains(plain, language.kinds.asked_by.get(field.kind.value, ())):
            return field.name
    return next(iter(sorted(read_back(sentence, known, language))), "")


def _is_number_of(plain: list[str], questions: QuestionWords) -> bool:
    """ "The number of the flat": a noun follows directly, and it is not one for a telephone."""
    for number, noun in pairwise(plain):
        if (number,) not in questions.number:
            continue
        if (noun,) in questions.number_of or (noun.removeprefix(_DEFINITE),) in questions.number_of:
            return True
        if noun.startswith(_DEFINITE) and len(noun) > 2 and (noun,) not in questions.telephones:
            return True
    return False


def _likeness(field: LeadField, plain: list[str], language: Language) -> float:
    """Share of what the business's question is about, inflected or not, that the sentence has in it as well."""
    if field.name in BY_NAME and not field.question:
        return 0.0
    subject = _subject(f"{field.question or field.name.replace('_', ' ')}", language.questions)
    if not subject:
        return 0.0
    said = {stem for word in plain for stem in _stems(word, language.questions)}
    return sum(1 for word in subject if said & _stems(word, language.questions)) / len(subject)


def _subject(question: str, questions: QuestionWords) -> list[str]:
    return [word for word in bare_words(question.split()) if word and (word,) not in questions.common]


def _stems(word: str, questions: QuestionWords) -> frozenset[str]:
    """The word, and what is left of it without one or two prefixes."""
    stems = [word]
    for _ in range(2):
        if len(stems[-1]) > 3 and (stems[-1][0],) in questions.prefixes:
            stems.append(stems[-1][1:])
    return frozenset(stems)
