"""Find name, need and time in what the caller said, without a model.

Used where the model is switched off or failed. Every value is a piece of one utterance, so nothing is invented; where
the rules find nothing, the field stays away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from calls.events import UtteranceFinal

from .found import CALLBACK_TIME, NAME, NEED, Found
from .outcome import Outcome
from .plain_text import words
from .texts import ListensFor

_LONGEST_NAME = 3
_LONGEST_TIME = 8
_SHORTEST_NEED = 2
_SEPARATORS = " ,.;:!?-–"


def caller_spoke(outcome: Outcome, phrases: ListensFor) -> bool:
    """Whether there is anything to summarise: a greeting or a hum is not."""
    return any(_has_content(said, phrases) for said in outcome.caller_said)


def found_by_rule(outcome: Outcome, phrases: ListensFor) -> dict[str, Found]:
    """The first name, the first need and the last time the caller gave."""
    found: dict[str, Found] = {}
    for question, said in _with_question_before(outcome):
        if not _has_content(said, phrases):
            continue
        name = _name_in(said.text, phrases) or (
            _short_answer(said.text, _LONGEST_NAME) if _asks(question, phrases.name_questions) else ""
        )
        if name:
            found.setdefault(NAME, _as_found(name, said))
        elif _asks(question, phrases.time_questions):
            time = _short_answer(said.text, _LONGEST_TIME)
            if time:
                found[CALLBACK_TIME] = _as_found(time, said)
        elif NEED not in found and len(words(need := without_openings(said.text, phrases.openings))) >= _SHORTEST_NEED:
            found[NEED] = _as_found(need, said)
    return found


def _has_content(said: UtteranceFinal, phrases: ListensFor) -> bool:
    return any(word not in phrases.fillers for word in words(said.text))


def _with_question_before(outcome: Outcome) -> Iterator[tuple[str, UtteranceFinal]]:
    """Each caller utterance with what was said to the caller since the one before."""
    asked: list[str] = []
    for said in outcome.utterances:
        if said.speaker == "caller":
            yield " ".join(asked), said
            asked.clear()
        else:
            asked.append(said.text)


def _asks(question: str, phrases: Iterable[str]) -> bool:
    spoken = f" {' '.join(words(question))} "
    return any(f" {phrase} " in spoken for phrase in phrases)


def _name_in(text: str, phrases: ListensFor) -> str:
    """The one to three words after the first marker that is there, as they were written."""
    for marker in phrases.name_follows:
        rest = _cut_after(text, marker)
        if rest is not None:
            # A name ends where the sentence goes on: at a mark, or at a word that no name is.
            first = rest.replace(".", ",").replace("?", ",").split(",")[0].split()[:_LONGEST_NAME]
            return " ".join(takewhile(lambda word: word not in phrases.name_ends, first))
    return ""


def _cut_after(text: str, marker: str) -> str | None:
    written = text.split()
    plain = [" ".join(words(word)) for word in written]
    looked_for = marker.split()
    for start in range(len(written) - len(looked_for) + 1):
        if plain[start : start + len(looked_for)] == looked_for:
            return " ".join(written[start + len(looked_for) :]).strip(_SEPARATORS)
    return None


def _short_answer(text: str, most_words: int) -> str:
    return text.strip(_SEPARATORS) if 1 <= len(words(text)) <= most_words else ""


def without_openings(text: str, openings: Iterable[str]) -> str:
    """Take every opening off the front, the longest that fits each time."""
    longest_first = sorted((opening.split() for opening in openings), key=len, reverse=True)
    written = text.split()
    while True:
        plain = [" ".join(words(word)) for word in written]
        fitting = next((opening for opening in longest_first if plain[: len(opening)] == opening), None)
        if fitting is None:
            return " ".join(written).strip(_SEPARATORS)
        written = written[len(fitting) :]


def _as_found(value: str, said: UtteranceFinal) -> Found:
    return Found(value=value, confidence=said.confidence, seq=said.seq, quote=said.text)
