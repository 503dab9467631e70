"""Whether the caller wishes to speak with a person rather than with us, or with somebody by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from calls.lead_fields import BY_NAME
from understanding.clauses import clauses_of
from understanding.language import Language
from understanding.phrases import PhraseSet, start_after
from understanding.prefixes import length_with_prefix, stems
from understanding.said import Said

_NO: Final = "לא"
_THAT: Final = "ש"
_JOINING: Final = ("ו", "ש")


def wants_person(said: Said | str, language: Language) -> bool:
    """A text alone is judged as if nobody had asked anything."""
    said = Said(said) if isinstance(said, str) else said
    # "A manager" may be the answer to a question that the business asks.
    bare_mention = not said.asked or said.asked in BY_NAME
    return any(
        wish_in(clause.plain, language, bare_mention=bare_mention) is not None for clause in clauses_of(said.text)
    )


def wish_in(plain: Sequence[str], language: Language, *, bare_mention: bool = True) -> tuple[int, int] | None:
    """The place of the wish in the words of a clause, and the place after it."""
    for start in range(len(plain)):
        if end := _wish_at(plain, start, language):
            return start, end
    return _bare_mention(plain, language) if bare_mention else None


def _wish_at(plain: Sequence[str], start: int, language: Language) -> int:
    """The place after the wish that begins there; 0 if none does."""
    who, wishes = language.persons.who, language.persons.wishes
    if (refusing := wishes.refusing.length_at(plain, start)) and (
        machine := length_with_prefix(who.machines, plain, start + refusing)
    ):
        return start + refusing + machine
    speaking = wishes.speaking.length_at(plain, start)
    machine = length_with_prefix(who.machines, plain, start + speaking) if speaking else 0
    if machine and any(word in wishes.negations for word in plain[:start]):
        return start + speaking + machine
    if start and plain[start - 1] == _NO:
        return 0
    if talk := _length_after_and(wishes.talk, plain, start):
        return _somebody_at(plain, start + talk, language, by_role=True)
    if asking := _length_after_and(wishes.asking_for, plain, start):
        return _somebody_at(plain, start + asking, language, teams=False)
    if transfer := length_with_prefix(wishes.transfer, plain, start):
        end = start_after(plain, wishes.between, start=start + transfer)
        to = _somebody_at(plain, end, language)
        # "Put me through" says enough, "put ... through" does not.
        return to or (end if end == len(plain) and transfer > 1 else 0)
    if wish := _length_after_and(wishes.wish, plain, start):
        return _person_wanted(plain, start_after(plain, wishes.between, start=start + wish), language)
    return _somebody_present(plain, language) if start == 0 else 0


def _length_after_and(phrases: PhraseSet, plain: Sequence[str], start: int) -> int:
    """Of the longest phrase that stands there, with "and" or "that" before it or without."""
    size = phrases.length_at(plain, start)
    return size if size or plain[start][0] not in _JOINING else length_with_prefix(phrases, plain, start)


def _somebody_at(
    plain: Sequence[str], start: int, language: Language, *, teams: bool = True, by_role: bool = False
) -> int:
    """The place after the person that is named there; 0 if it is nobody of ours.

    `teams`: "the office" and the like may be asked for as well. `by_role`: only people can stand there, so "the ..."
    is one of them.
    """
    who, wishes, names = language.persons.who, language.persons.wishes, language.names.words
    start = start_after(plain, wishes.between, start=start)
    if start >= len(plain) or who.callers_own.length_at(plain, start):
        return 0
    if length_with_prefix(who.machines, plain, start):
        return 0
    person = length_with_prefix(who.people, plain, start)
    if person := person or (length_with_prefix(who.teams, plain, start) if teams else 0):
        return start_after(plain, who.human, start=start + person)
    if plain[start] in names.given or plain[start].removeprefix("ל") in names.given:
        return start + 1 + (start + 1 < len(plain) and plain[start + 1] in names.family)
    titled = any(language.names.parts.titles.length_at([stem, *plain[start + 1 :]], 0) for stem in stems(plain[start]))
    return start + 1 if titled or (by_role and plain[start].startswith("ה")) else 0


def _person_wanted(plain: Sequence[str], start: int, language: Language) -> int:
    """The place after the person named there, if it is the person that is wanted and not what one would do."""
    who, wishes = language.persons.who, language.persons.wishes
    if length_with_prefix(who.machines, plain, start):
        return 0
    person = length_with_prefix(who.people, plain, start)
    if not person:
        return 0
    while list(plain[start + person : start + 2 * person]) == list(plain[start : start + person]):
        start += person
    end = start_after(plain, who.human, wishes.between, start=start + person)
    human = end > start + person or plain[start + person - 1] in who.human
    vague = person == 1 and plain[start].endswith(("מישהו", "מישהי", "אנשים", "איש")) and not human
    if vague or (end < len(plain) and not wishes.after.length_at(plain, end) and not human):
        return 0
    return end


def _bare_mention(plain: Sequence[str], language: Language) -> tuple[int, int] | None:
    """Nothing is said but the person."""
    talk = language.small_talk
    sets: tuple[PhraseSet, ...] = (talk.greetings, talk.fillers, talk.thanks, language.persons.wishes.between)
    start = start_after(plain, *sets)
    end = _person_wanted(plain, start, language)
    # "That a person answers me" says what the person is to do.
    done = end and (start_after(plain, *sets, talk.answers, start=end) == len(plain) or plain[start].startswith(_THAT))
    return (start, end) if done else None


def _somebody_present(plain: Sequence[str], language: Language) -> int:
    """ "Is Dana there?\""""
    start = start_after(plain, language.small_talk.greetings, language.small_talk.fillers)
    if start >= len(plain) or plain[start] not in language.names.words.given:
        return 0
    end = start + 1 + (start + 1 < len(plain) and plain[start + 1] in language.names.words.family)
    present = language.persons.who.present.length_at(plain, end)
    return end + present if present and end + present == len(plain) else 0
