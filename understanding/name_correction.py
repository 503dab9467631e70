"""The name that the caller puts right after hearing it from us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understanding.announced_names import lead_in_end
from understanding.clauses import Clause, Word
from understanding.language import Language
from understanding.name_words import Run, is_family, is_known, run_at
from understanding.phrases import consist_of, start_after
from understanding.spelling import differences, is_like, letter_at, with_final_form, without_final_form
from understanding.words import quoted_words

_TO: Final = "ל"
_ALIKE: Final = tuple(map(frozenset, ("כק", "טת", "חכ", "עא", "סש", "בו", "הא", "צס")))
"""Letters that are heard for one another."""


def corrected(clauses: Sequence[Clause], known: str, language: Language, *, asked: bool) -> str | None:
    """The right name, as a whole; "" if only the wrong one is told; None if nothing is put right.

    `asked`: it was the question for the name that was answered.
    """
    wrong = quoted_words(known)
    rest, denied = _without_the_wrong_one(clauses, wrong, language)
    by_letter = _by_letter(clauses, known, language)
    objects = bool(denied) or by_letter is not None or _objects(clauses, language)
    talk = language.small_talk
    greeting = [clause for clause in rest if consist_of(clause.plain, talk.greetings, talk.day_greetings)]
    for clause in [clause for clause in rest if clause not in greeting] or rest:
        start = _after_objection(clause.plain, language)
        run = _meant(clause, start, language) or run_at(clause.words, start, language.names)
        announced = start > lead_in_end(clause.plain, language)
        # "Dana is right, but not Levi": what is named again stands.
        if not run or all(word in wrong for word in run.plain) or not (objects or announced):
            continue
        if _is_the_right_one(run, clause, wrong, language, sure=bool(denied) or asked):
            return _merged(run, wrong, known, denied, language)
    if by_letter is not None:
        return by_letter
    return "" if denied or (asked and _only_objects(clauses, language)) else None


def _meant(clause: Clause, start: int, language: Language) -> Run | None:
    """ "I meant ...", where "to" is written together with the name."""
    if start >= len(clause.words) or not clause.plain[start].startswith(_TO):
        return None
    word, lists = clause.words[start], language.names.words
    if is_known(word.plain, lists) or word.plain[1:] not in lists.given:
        return None
    return run_at((*clause.words[:start], word.without_first, *clause.words[start + 1 :]), start, language.names)


def in_place_of(words: Sequence[str], run: Run, language: Language) -> str:
    """What was said as a name, with the words that were spelled in the place of those they are heard like."""
    written = [word.written for word in run.words]
    for spelled in words:
        nearest = min(range(len(written)), key=lambda place: differences(written[place], spelled))
        if is_like(written[nearest], spelled):
            written[nearest] = spelled
        else:
            written.append(spelled)
    return " ".join(written)


def _without_the_wrong_one(
    clauses: Sequence[Clause], wrong: Sequence[str], language: Language
) -> tuple[list[Clause], list[str]]:
    """What is left without "not ...", and the words of the name that are denied."""
    not_that = language.names.putting_right.not_that
    rest: list[Clause] = []
    denied: list[str] = []
    for clause in clauses:
        plain, left, place = clause.plain, list[Word](), 0
        while place < len(plain):
            step = not_that.length_at(plain, place)
            end = place + step
            while step and end < len(plain) and plain[end] in wrong and plain[end] not in plain[place + step : end]:
                end += 1
            if step and end > place + step:
                denied += plain[place + step : end]
                place = end
            else:
                left.append(clause.words[place])
                place += 1
        rest += [Clause(tuple(left), clause.asks)] if left else []
    return rest, denied


def _objects(clauses: Sequence[Clause], language: Language) -> bool:
    plain = [word for clause in clauses for word in clause.plain]
    corrections = language.names.putting_right.corrections
    start = start_after(plain, language.small_talk.fillers)
    return any(corrections.length_at(plain, place) for place in range(start + 1))


def _only_objects(clauses: Sequence[Clause], language: Language) -> bool:
    plain = [word for clause in clauses for word in clause.plain]
    return bool(plain) and consist_of(plain, language.names.putting_right.corrections)


def _after_objection(plain: Sequence[str], language: Language) -> int:
    putting_right = language.names.putting_right
    return start_after(plain, language.small_talk.fillers, putting_right.corrections, putting_right.but_this)


def _is_the_right_one(run: Run, clause: Clause, wrong: Sequence[str], language: Language, *, sure: bool) -> bool:
    """`sure`: the wrong name was denied, or the name is what is talked about."""
    names, plain = language.names, clause.plain
    ends = run.end == len(plain) or letter_at(plain, len(plain) - 1, names) or plain[run.end] in names.words.never
    alike = any(is_like(word, other) for word in run.plain for other in wrong)
    if sure:
        return bool(ends) and (alike or is_known(run.plain[0], names.words) or run.end == len(plain))
    plainly = is_known(run.plain[0], names.words) and run.plain[0] not in names.words.also_words
    return bool(ends) and (plainly or (alike and is_known(run.plain[0], names.words)))


def _merged(run: Run, wrong: Sequence[str], known: str, denied: Sequence[str], language: Language) -> str:
    """One word of several put right leaves the others."""
    written = known.split()
    if len(run.words) > 1 or len(written) < 2 or len(written) != len(wrong):
        return run.text
    size = 1
    if denied and len(denied) < len(wrong):
        place, size = wrong.index(denied[0]), len(denied)
    else:
        word = run.plain[0]
        place = min(range(len(wrong)), key=lambda at: differences(wrong[at], word))
        only_family = is_family(word, language.names.words) and word not in language.names.words.given
        if not is_like(wrong[place], word):
            if not only_family:
                return run.text
            place = len(written) - 1
    return " ".join([*written[:place], run.text, *written[place + size :]])


def _by_letter(clauses: Sequence[Clause], known: str, language: Language) -> str | None:
    """ "With a yod": the listed name that the known one becomes by a letter. None if that is not what is said."""
    names = language.names
    plain = [word for clause in clauses for word in clause.plain]
    start = start_after(plain, language.small_talk.fillers, names.putting_right.corrections)
    for phrases, change in ((names.putting_right.letter_with, _with), (names.putting_right.letter_without, _without)):
        for place in range(start, len(plain)):
            step = phrases.length_at(plain, place)
            if step and (letter := letter_at(plain, place + step, names)):
                return change(known, letter, language)
    return None


def _with(known: str, letter: str, language: Language) -> str | None:
    for written in known.split():
        word = without_final_form(written)
        added = [word[:at] + letter + word[at:] for at in range(1, len(word) + 1)]
        changed = [
            word[:at] + letter + word[at + 1 :]
            for at in range(len(word))
            if any({letter, word[at]} == pair for pair in _ALIKE)
        ]
        for name in map(with_final_form, (*added, *changed)):
            if is_known(name, language.names.words):
                return known.replace(written, name)
    return None


def _without(known: str, letter: str, language: Language) -> str | None:
    for word in known.split():
        for at, here in enumerate(word):
            name = with_final_form(word[:at] + word[at + 1 :])
            if here == letter and is_known(name, language.names.words):
                return known.replace(word, name)
    return None
