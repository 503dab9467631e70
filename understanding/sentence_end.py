"""Whether a sentence that wants no other word is all that the caller has to say: a question, a request, a goodbye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from calls.lead_fields import BY_NAME, NEED
from understanding.half_told import half_told
from understanding.language import Language
from understanding.number_words import number_word
from understanding.persons import wish_in
from understanding.phrases import consist_of, end_before, start_after
from understanding.prefixes import stems
from understanding.said import OTHER, Said
from understanding.small_talk import is_farewell
from understanding.turn_reading import TurnEnd, TurnReading
from understanding.unfinished import WANTING, is_to_do, only_begins, unfinished, wants_a_noun

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
_THE: Final = "ה"
_AT: Final = "ב"
_TO: Final = "ל"
_IS_NOT: Final = "אין"
_SHORTEST_VERB: Final = 4
_OPEN: Final = ("", NEED, OTHER)
"""What was asked, where anything may be told."""


def sentence_end(said: Said, plain: Sequence[str], language: Language) -> TurnReading:
    if said.asked in _OPEN and _counts_something(plain, language):
        return TurnReading(TurnEnd.OPEN, "a number without what it counts")
    if said.asked in _OPEN and only_begins(plain, language):
        return TurnReading(TurnEnd.OPEN, "a sentence only begun")
    if is_farewell(said, language) and not _greets(said, plain, language):
        return TurnReading(TurnEnd.COMPLETE, "takes leave")
    if _ends_in_wish_for_person(said, plain, language):
        return TurnReading(TurnEnd.COMPLETE, "wishes to speak with a person")
    if _asks(said, plain, language):
        return TurnReading(TurnEnd.COMPLETE, "a question")
    if said.asked in _OPEN and _is_finished_request(plain, language):
        return TurnReading(TurnEnd.COMPLETE, "a finished request", answers=said.asked == NEED)
    if said.asked in (NEED, "") and (reason := half_told(plain, language) or _request_begun(plain, language)):
        return TurnReading(TurnEnd.UNCERTAIN, reason)
    return TurnReading(TurnEnd.ORDINARY, "a sentence that may go on")


def _counts_something(plain: Sequence[str], language: Language) -> bool:
    """ "I need three"."""
    is_number = number_word(plain[-1], language.numbers) is not None
    if not is_number or len(plain) < 2 or number_word(plain[-2], language.numbers) is not None:
        return False
    return unfinished(plain[:-1], language) == WANTING


def _greets(said: Said, plain: Sequence[str], language: Language) -> bool:
    """Good wishes open calls as well, until something is known of the caller."""
    talk = language.small_talk
    opens = not said.asked and not said.known and not said.earlier
    return opens and consist_of(plain, talk.greetings, talk.day_greetings, talk.fillers)


def _ends_in_wish_for_person(said: Said, plain: Sequence[str], language: Language) -> bool:
    bare_mention = not said.asked or said.asked in BY_NAME
    wish = wish_in(plain, language, bare_mention=bare_mention)
    end = end_before(plain, language.small_talk.thanks)
    if wish is None or wish[1] < end:
        return False
    last, wishes = plain[end - 1], language.persons.wishes
    if last in language.names.parts.particles or last.startswith((*_VAGUE, _THAT)):
        return False
    says_so = any(phrases.length_at(plain, place) for place in range(end) for phrases in (wishes.talk, wishes.transfer))
    # "I need a manager" may go on to what is managed, "the manager" to what he did.
    return says_so or not (_is_broad(last, language) or last.startswith(_THE))


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
    if size == 1 and place + 1 < len(plain) and _is_that(plain[place + 1], language):
        return False  # "when it suits you"
    words = [word for word in plain[place:] if not word.startswith(_OF)]
    return size > 0 and len(words) >= size + _SHORTEST_QUESTION - 1


def _is_that(word: str, language: Language) -> bool:
    is_noun = word in language.names.words.things or word in language.number_kinds.counted
    return word.startswith(_THAT) and not word.startswith(_OF) and not is_noun


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
    finished = language.turns.finished
    is_opened, rest = _wanted(said, language)
    if any((word,) in finished.telling for word in rest) or finished.question_words.is_in(rest):
        return False
    if not rest or _counts(rest, language) or half_told(said, language):
        return False
    if any(_is_relative(word, language) for word in rest) or _is_broad(rest[-1], language):
        return False
    telling = [word for word in rest if _tells(word, language)]
    names_a_thing = is_opened or _names_a_thing(rest, language)
    return names_a_thing and _SHORTEST_REQUEST <= len(telling) <= _LONGEST_REQUEST


def _request_begun(said: Sequence[str], language: Language) -> str:
    """Why more is to be told of what is wanted: "I have a question", "I am looking for a present"."""
    is_opened, rest = _wanted(said, language)
    if not rest or _does_something(said[: -len(rest)], language):
        return ""
    telling = [word for word in rest if (word,) not in language.turns.finished.light]
    if len(telling) <= 1 and len(rest) == max(1, len(telling)) and _is_broad(rest[-1], language):
        return "a request in broad words"
    if is_opened and all(word.startswith(_AT) and word not in language.names.words.things for word in rest):
        return "a place without what there is"
    if not telling:
        return "a request in broad words" if is_opened else ""
    if len(telling) > 1 or len(rest) > 1 or (rest[-1],) in language.turns.half.troubles:
        return ""
    is_trade = any((stem,) in language.turns.half.trades for stem in stems(rest[-1]))
    return "a request that may be told closer" if is_opened and not is_trade else ""


def _does_something(opening: Sequence[str], language: Language) -> bool:
    """Whether there is a verb before what is wanted, "to replace", or something has happened to it."""
    mishaps = language.turns.half.mishaps
    return any(
        (word.startswith(_TO) and len(word) >= _SHORTEST_VERB) or (word,) in mishaps or word == _IS_NOT
        for word in opening
    )


def _wanted(said: Sequence[str], language: Language) -> tuple[bool, Sequence[str]]:
    """Whether something is asked for, and the words that say what."""
    finished, talk = language.turns.finished, language.small_talk
    endings = language.turns.unfinished.endings
    plain = [word for word in said if endings.get((word,)) != "hums"]
    start = start_after(plain, talk.greetings, talk.day_greetings, talk.fillers)
    opened = start
    while size := max(finished.openers.at_start(plain, opened), finished.actions.at_start(plain, opened)):
        opened += size
    if start < opened < len(plain) and is_to_do(plain[: opened + 1], language):
        opened += 1
    return opened > start, plain[opened : end_before(plain, talk.thanks)]


def _counts(plain: Sequence[str], language: Language) -> bool:
    """ "A boiler of 150": what is counted is to come. But a town may end in "seven"."""
    is_number = plain[-1].isdigit() or number_word(plain[-1], language.numbers) is not None
    return is_number and not (len(plain) > 1 and wants_a_noun(plain[:-1], language))


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
