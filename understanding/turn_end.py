"""Whether what a caller has said so far can be the whole turn.

Judged by the words alone, and by what was asked: a number that is whole, an answer with nothing left over, a sentence
that wants another word. Punctuation tells little: interims have none. Where the words leave it open, so does this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from calls.lead_fields import BY_NAME, NEED, Kind, LeadField
from understanding.address_end import address_begun
from understanding.answered import value_end, yes_no_end
from understanding.clauses import clauses_of, plain_words
from understanding.language import Language
from understanding.number_end import number_end
from understanding.number_words import number_word
from understanding.persons import wish_in
from understanding.phrases import end_before, start_after
from understanding.prefixes import stems
from understanding.said import OTHER, Said
from understanding.small_talk import is_farewell
from understanding.turn_reading import TurnEnd, TurnReading
from understanding.unfinished import WANTING, is_to_do, unfinished, wants_a_noun

__all__ = ["TurnEnd", "TurnReading", "turn_end"]

_SHORTEST_QUESTION: Final = 3
"""Words, its first counted as one. Of two it is rather the beginning of one, unless it is known as whole."""
_SHORTEST_REQUEST: Final = 2
"""Words that tell what is wanted: "a technician for the boiler", not "a technician"."""
_LONGEST_REQUEST: Final = 6
"""With more of them it is a story."""
_VAGUE: Final = ("מישהו", "מישהי")
_THAT: Final = "ש"
_OF: Final = "של"
_FUTURE: Final = "ית"
_BELONGING: Final = ("ל", "ב", _OF)


def turn_end(said: Said, field: LeadField | None, language: Language) -> TurnReading:
    """`field`: the one that `said.asked` names; None where that is none of ours."""
    plain = plain_words(clauses_of(said.text))
    if not plain:
        return TurnReading(TurnEnd.OPEN, "no words")
    open_because = unfinished(plain, language)
    dictated = spelled_end(said, field, plain, language) or number_end(said, field, plain, language)
    if dictated and (dictated.end is TurnEnd.DICTATING or not open_because):
        return dictated
    answer = yes_no_end(said, field, plain, language) if open_because in ("", WANTING) else None
    if answer and (not open_because or answer.answers):
        return answer
    if open_because:
        return TurnReading(TurnEnd.OPEN, open_because)
    if answer := value_end(said, field, plain, language):
        return answer
    if wants_a_noun(plain, language):
        return TurnReading(TurnEnd.OPEN, "a noun that another follows")
    if reason := address_begun(plain, language):
        return TurnReading(TurnEnd.DICTATING, reason)
    return _sentence_end(said, plain, language)


def spelled_end(said: Said, field: LeadField | None, plain: Sequence[str], language: Language) -> TurnReading | None:
    """Letters told one by one; a single one only where a name was asked for."""
    letters = language.names.letters
    asked_for_name = field is not None and field.name == said.asked and field.kind is Kind.NAME
    count = 0
    while count < len(plain) and plain[-1 - count] in letters:
        count += 1
    if count >= (1 if asked_for_name else 2):
        return TurnReading(TurnEnd.DICTATING, "letters are being spelled")
    return None


def _sentence_end(said: Said, plain: Sequence[str], language: Language) -> TurnReading:
    if _counts_something(plain, language):
        return TurnReading(TurnEnd.OPEN, "a number without what it counts")
    if is_farewell(said, language):
        return TurnReading(TurnEnd.COMPLETE, "takes leave")
    if _ends_in_wish_for_person(said, plain, language):
        return TurnReading(TurnEnd.COMPLETE, "wishes to speak with a person")
    if _asks(said, plain, language):
        return TurnReading(TurnEnd.COMPLETE, "a question")
    if said.asked in ("", NEED, OTHER) and _is_finished_request(plain, language):
        return TurnReading(TurnEnd.COMPLETE, "a finished request", answers=said.asked == NEED)
    return TurnReading(TurnEnd.ORDINARY, "a sentence that may go on")


def _counts_something(plain: Sequence[str], language: Language) -> bool:
    """ "I need three"."""
    is_number = number_word(plain[-1], language.numbers) is not None
    return is_number and len(plain) > 1 and unfinished(plain[:-1], language) == WANTING


def _ends_in_wish_for_person(said: Said, plain: Sequence[str], language: Language) -> bool:
    bare_mention = not said.asked or said.asked in BY_NAME
    wish = wish_in(plain, language, bare_mention=bare_mention)
    end = end_before(plain, language.small_talk.thanks)
    if plain[end - 1] in language.names.parts.particles:
        return False
    return wish is not None and wish[1] >= end and not plain[end - 1].startswith((*_VAGUE, _THAT))


def _asks(said: Said, plain: Sequence[str], language: Language) -> bool:
    finished, talk = language.turns.finished, language.small_talk
    start = start_after(plain, talk.greetings, talk.day_greetings, talk.fillers, language.needs.openings)
    if tuple(plain[start:]) in finished.short_questions or _tells_a_question(plain, language):
        return True
    if said.text.rstrip().endswith("?"):
        return len(plain) - start >= _SHORTEST_QUESTION
    # Behind a condition the question comes second: "if I order today, when ...".
    is_second = finished.conditions.at_start(plain, start) > 0
    return any(_question_at(plain, place, language) for place in range(start, len(plain) if is_second else start + 1))


def _question_at(plain: Sequence[str], place: int, language: Language) -> bool:
    size = language.turns.finished.question_words.at_start(plain, place)
    words = [word for word in plain[place:] if not word.startswith(_OF)]
    return size > 0 and len(words) >= size + _SHORTEST_QUESTION - 1


def _tells_a_question(plain: Sequence[str], language: Language) -> bool:
    """ "I wanted to ask how much ...", "... to know whether ..."."""
    finished = language.turns.finished
    for place in range(len(plain)):
        behind = place + finished.told_as_question.at_start(plain, place)
        asks = _question_at(plain, behind, language) or tuple(plain[behind:]) in finished.short_questions
        if behind > place and asks:
            return True
        whether = finished.whether.at_start(plain, place)
        if whether and len(plain) - place - whether >= _SHORTEST_QUESTION:
            return True
    return False


def _is_finished_request(said: Sequence[str], language: Language) -> bool:
    finished, talk = language.turns.finished, language.small_talk
    endings = language.turns.unfinished.endings
    plain = [word for word in said if endings.get((word,)) != "hums"]
    start = start_after(plain, talk.greetings, talk.day_greetings, talk.fillers)
    opened = start
    while size := max(finished.openers.at_start(plain, opened), finished.actions.at_start(plain, opened)):
        opened += size
    if start < opened < len(plain) and is_to_do(plain[: opened + 1], language):
        opened += 1
    rest = plain[opened : end_before(plain, talk.thanks)]
    if any((word,) in finished.telling for word in rest) or finished.question_words.is_in(rest):
        return False
    if not rest or any(_is_relative(word, language) for word in rest) or _is_broad(rest[-1], language):
        return False
    telling = [word for word in rest if _tells(word, language)]
    names_a_thing = opened > start or _names_a_thing(rest, language)
    return names_a_thing and _SHORTEST_REQUEST <= len(telling) <= _LONGEST_REQUEST


def _names_a_thing(words: Sequence[str], language: Language) -> bool:
    """Whether it is a thing with what belongs to it, and no sentence: "repair of shutters", "leak in the kitchen"."""
    things = language.names.words.things
    return words[0] in things and all(word in things or word.startswith(_BELONGING) for word in words[1:])


def _is_relative(word: str, language: Language) -> bool:
    """ "That I ordered", "who knows": more is told of something."""
    if not word.startswith(_THAT) or word.startswith(_OF) or word in language.names.words.things:
        return False
    endings, past = language.turns.unfinished.endings, language.turns.unfinished.past
    stem = word.removeprefix(_THAT)
    return (stem,) in endings or (len(stem) > 3 and (stem[0] in _FUTURE or stem.endswith(past)))


def _is_broad(word: str, language: Language) -> bool:
    broad = language.turns.finished.broad
    return any((stem,) in broad for stem in stems(word))


def _tells(word: str, language: Language) -> bool:
    """Whether it tells something of what is wanted by itself: "machine (of)" does so with the word after it."""
    is_light = (word,) in language.turns.finished.light
    if (word,) in language.turns.finished.deeds:
        return True
    return not is_light and (word,) not in language.turns.unfinished.endings and not wants_a_noun([word], language)
