"""Whether what was said answers the question, and leaves nothing over that the question does not account for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from calls.lead_fields import Kind, LeadField
from understanding.fields import value_of
from understanding.language import Language
from understanding.number_words import number_word
from understanding.phrases import consist_of
from understanding.said import OTHER, Said
from understanding.turn_reading import TurnEnd, TurnReading
from understanding.words import bare_words
from understanding.yes_no import YesNo, yes_or_no

_WHOLE_DATE: Final = re.compile(r"[0-9]{1,2}[./][0-9]{1,2}([./][0-9]{2,4})?")
_SHORTEST_YEAR: Final = 2
_PLAIN: Final = (["כן"], ["לא"])
"""The only answers that tell nothing of the question."""
_WHOLE_NAME: Final = 2
"""Words. A second name follows a single one within half a second."""


def yes_no_end(said: Said, field: LeadField | None, plain: Sequence[str], language: Language) -> TurnReading | None:
    """A yes or a no with nothing beside it; None if it is more, or neither."""
    if field is not None and field.kind is Kind.YES_NO and len(plain) == 1 and tuple(plain) in language.kinds.there_is:
        return TurnReading(TurnEnd.ORDINARY, "there is one, which may be told in full", answers=True)
    talk, answers = language.small_talk, language.answers
    rest = list(plain)
    while rest:
        size = max(answers.yes.at_start(rest), answers.no.at_start(rest), answers.yes_alone.at_start(rest))
        size = max(size, language.callback.this_number.at_start(rest), language.callback.call_back.at_start(rest))
        size = max(size, *(phrases.length_at(rest, 0) for phrases in (talk.thanks, talk.answers)))
        if len(plain) > len(rest) and tuple(rest) in language.kinds.there_is:
            size = len(rest)
        if not size:
            return None
        rest = rest[size:]
    answer = yes_or_no(said, language)
    if answer not in (YesNo.YES, YesNo.NO):
        return None
    return _as_answer(answer, said, field, plain, language)


def _as_answer(
    answer: YesNo, said: Said, field: LeadField | None, plain: Sequence[str], language: Language
) -> TurnReading:
    kind = field.kind if field is not None and field.name == said.asked else None
    if kind is Kind.YES_NO or said.asked == OTHER:
        if said.asked == OTHER and list(plain) not in _PLAIN:
            return TurnReading(TurnEnd.ORDINARY, "a yes or a no, to what is not known")
        if tuple(plain) in language.kinds.there_is_none:
            return TurnReading(TurnEnd.ORDINARY, "there is none, which may be told in full", answers=True)
        return TurnReading(TurnEnd.COMPLETE, "yes or no", answers=True)
    is_read_back = said.asked in said.known or (kind is Kind.PHONE and bool(said.caller_number))
    if is_read_back and len(plain) == 1 and not _is_whole_yes(plain[0], language):
        return TurnReading(TurnEnd.ORDINARY, "a yes that may be a sentence begun", answers=True)
    if is_read_back and answer is YesNo.YES:
        return TurnReading(TurnEnd.COMPLETE, "yes to what was read back or offered", answers=True)
    if is_read_back and kind is not Kind.TEXT:
        return TurnReading(TurnEnd.ORDINARY, "no to what was read back", answers=True)
    if answer is YesNo.NO and is_read_back:
        return TurnReading(TurnEnd.COMPLETE, "nothing more is wanted", answers=True)
    if kind not in (None, Kind.TEXT) and answer is YesNo.NO and len(plain) == 1:
        return TurnReading(TurnEnd.UNCERTAIN, "a no before the answer")
    return TurnReading(TurnEnd.ORDINARY, "a yes or a no to an open question")


def _is_whole_yes(word: str, language: Language) -> bool:
    """ "Can", "call back" and "as far as I am concerned" begin sentences, where "yes" is all of one."""
    return (word,) not in language.turns.unfinished.endings and not (
        (word,) in language.callback.call_back or (word,) in language.answers.yes_alone
    )


def value_end(said: Said, field: LeadField | None, plain: Sequence[str], language: Language) -> TurnReading | None:
    """An answer to the question for the field; None if it is none."""
    if field is None or field.name != said.asked or field.kind not in _ENDS:
        return None
    if field.kind is Kind.TIME and _opens_a_window(plain):
        return TurnReading(TurnEnd.OPEN, "a window without its end")
    if field.kind is Kind.NAME and _ends_in_title(plain, language):
        return TurnReading(TurnEnd.OPEN, "a title without a name")
    found = value_of(field, said, language)
    if found is None:
        return None
    return _ENDS[field.kind](found.value, said, field, plain, language)


def _name(value: str, said: Said, field: LeadField, plain: Sequence[str], language: Language) -> TurnReading | None:
    parts, words = bare_words(value.split()), language.names.parts
    if plain[-1] in words.particles and (len(parts) > 1 or plain[-1] not in parts):
        return TurnReading(TurnEnd.OPEN, "a second name only begun")
    if plain[-1] not in parts:
        return None
    title = words.titles.length_at(parts, 0)
    answers = _is_all(plain, parts, language)
    if len(parts) - title >= _WHOLE_NAME and answers:
        return TurnReading(TurnEnd.COMPLETE, "first and second name", answers=True)
    return TurnReading(TurnEnd.ORDINARY, "a name that a second may follow", answers=answers)


def _ends_in_title(plain: Sequence[str], language: Language) -> bool:
    titles = language.names.parts.titles
    return any(titles.length_at(plain, len(plain) - size) == size for size in (1, 2))


def _time(value: str, said: Said, field: LeadField, plain: Sequence[str], language: Language) -> TurnReading | None:
    finished = language.turns.finished
    parts = bare_words(value.split())
    if not _is_all(plain, parts, language):
        return None
    numbers = language.numbers
    has_hour = finished.hours.is_in(plain) or any(
        any(ch.isdigit() for ch in word)
        or ((found := number_word(word, numbers)) and found.word not in numbers.construct)
        for word in plain
    )
    found = number_word(plain[-1], numbers)
    if found and found.prefix == "מ":
        return TurnReading(TurnEnd.ORDINARY, "from an hour on, perhaps to another", answers=True)
    if has_hour:
        return TurnReading(TurnEnd.COMPLETE, "a time", answers=True)
    return TurnReading(TurnEnd.UNCERTAIN, "a day that an hour may follow", answers=True)


def _opens_a_window(plain: Sequence[str]) -> bool:
    """ "Between ten" and no end of it yet."""
    if "בין" not in plain:
        return False
    after = plain[len(plain) - list(reversed(plain)).index("בין") :]
    return not any(word == "עד" or word.startswith(("ל", "ו")) for word in after[1:])


def _date(value: str, said: Said, field: LeadField, plain: Sequence[str], language: Language) -> TurnReading | None:
    if not _is_all(plain, bare_words(value.split()), language):
        return None
    is_birth = language.turns.finished.births.is_in(bare_words(field.question.split()))
    written = _WHOLE_DATE.search(said.text)
    ends_in_number = any(ch.isdigit() for ch in plain[-1]) or number_word(plain[-1], language.numbers) is not None
    if is_birth:
        has_year = bool(written and written[1])
        why = "a date of birth with its year" if has_year else "a date of birth, perhaps without its year"
        return TurnReading(TurnEnd.COMPLETE if has_year else TurnEnd.ORDINARY, why, answers=True)
    if written or not ends_in_number or plain[-1] in language.numbers.construct:
        return TurnReading(TurnEnd.COMPLETE, "a date", answers=True)
    return TurnReading(TurnEnd.ORDINARY, "a day that a month may follow", answers=True)


def _choice(value: str, said: Said, field: LeadField, plain: Sequence[str], language: Language) -> TurnReading | None:
    taken = bare_words(value.split())
    longer = any(other != value and bare_words(other.split())[: len(taken)] == taken for other in field.choices)
    answers = _is_all(plain, taken, language)
    if answers and not longer:
        return TurnReading(TurnEnd.COMPLETE, "one of the choices", answers=True)
    return TurnReading(TurnEnd.ORDINARY, "a choice that may go on", answers=answers)


def _is_all(plain: Sequence[str], parts: Sequence[str], language: Language) -> bool:
    """Whether beside the value there is only what is said around an answer."""
    kept = set(parts)
    rest = [word for word in plain if word not in kept and not any(word[1:] == part for part in kept)]
    talk = language.small_talk
    return consist_of(
        rest,
        language.turns.finished.around_answer,
        talk.greetings,
        talk.fillers,
        talk.answers,
        talk.thanks,
        talk.day_greetings,
    )


_End = Callable[[str, Said, LeadField, Sequence[str], Language], TurnReading | None]
_ENDS: Final[Mapping[Kind, _End]] = {
    Kind.NAME: _name,
    Kind.TIME: _time,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
}
