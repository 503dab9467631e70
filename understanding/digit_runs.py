"""The runs of digits in what a caller says, over one utterance or several.

A run goes on over fillers, separators and the ends of utterances; any other word ends it. What is said before and
after a run stays with it: that tells what the number is.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from understanding.language import Language
from understanding.number_words import Group, NumberWord, Part, groups, joints, number_word, spoken_parts, written_part
from understanding.repeated_digits import Reading, Repeat, repeated
from understanding.words import bare

_TOKEN: Final = re.compile(
    r"""(?P<digits>[0-9]+)
      | (?P<word>(?<!\w)[^\W\d_](?:\.\s?[^\W\d_])+(?!\w)\.?          # an abbreviation: letters and dots
               | [^\W\d_]+(?:["'’”׳״][^\W\d_]+)* | [₪$€%])
      | (?P<sign>[+*])
      | (?P<pause>[,.;:?!…](?=\s|$))""",
    re.VERBOSE,
)
_AND: Final = "ו"
_THE: Final = "ה"
_LETTERS_BEFORE_DIGITS: Final = frozenset("ולבמהשכ")
_LONGEST_PREFIX: Final = 2
_LONGEST_STAR_NUMBER: Final = 5
_MOST_JOINTS: Final = 4
_SIGNS: Final = ("+", "*")


@dataclass(slots=True)
class Run:
    utterance: int
    """Place of the utterance in which it begins; `last_utterance`: in which it ends."""
    last_utterance: int
    before: list[str]
    """Bare words since the run before it; at most those of this and the last utterance."""
    direct: str
    """The word right before it, "" after a pause."""
    sign: str = ""
    """`+` or `*`, as dialled."""
    items: list[Part | Repeat] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    """Words that did not end it."""
    after: list[str] = field(default_factory=list)
    """Bare words up to the next run."""
    is_followed: bool = False
    """Another run comes after it in the utterance in which it ends."""
    follows: bool = False
    """It comes after another run in one utterance."""

    @property
    def parts(self) -> list[Part]:
        return [item for item in self.items if isinstance(item, Part)]


def variants(run: Run) -> Iterator[list[str]]:
    """The groups of digits that a run can mean, the likeliest first."""
    places = joints(run.parts)[:_MOST_JOINTS]
    readings = list(Reading) if len(run.parts) < len(run.items) else [Reading.NEXT]
    for size in range(len(places) + 1):
        for flipped in itertools.combinations(places, size):
            for reading in readings:
                yield repeated(_grouped(run.items, flipped), reading)


def _grouped(items: Sequence[Part | Repeat], flipped: Sequence[int]) -> list[Group | Repeat]:
    made: list[Group | Repeat] = []
    seen = 0
    for is_part, among in itertools.groupby(items, key=lambda item: isinstance(item, Part)):
        if is_part:
            parts = [item for item in among if isinstance(item, Part)]
            made += groups(parts, [place - seen for place in flipped])
            seen += len(parts)
        else:
            made += [item for item in among if isinstance(item, Repeat)]
    return made


def read_runs(
    utterances: Sequence[str],
    language: Language,
    *,
    is_whole: Callable[[str, str], bool] = lambda digits, sign: False,
    counting: bool = False,
) -> list[Run]:
    """All runs, in order.

    `is_whole`: whether digits, with a sign before them, are a number by themselves. Written together they then begin a
    run of their own, and at the end of an utterance they end one.
    `counting`: words that are numbers only before a noun ("two children") are taken too.
    """
    reader = _Reader(language, is_whole, counting)
    for place, text in enumerate(utterances):
        reader.utterance = place
        reader.pause = True
        if reader.run is not None and is_whole("".join(next(variants(reader.run))), reader.run.sign):
            reader.end_run()
        _read_utterance(reader, text)
    reader.end_run()
    runs = [run for run in reader.runs if run.parts]
    for run, following in itertools.pairwise(runs):
        run.after = following.before
        run.is_followed = following.follows = following.utterance == run.last_utterance
    if runs:
        runs[-1].after = reader.words
    return runs


@dataclass(slots=True)
class _Reader:
    language: Language
    is_whole: Callable[[str, str], bool]
    counting: bool
    runs: list[Run] = field(default_factory=list)
    run: Run | None = None
    words: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """Words after the last digit that do not end the run by themselves."""
    pause: bool = False
    utterance: int = 0

    def end_run(self) -> None:
        if self.run is not None:
            self.runs.append(self.run)
            self.words, self.held = self.held, []
        self.run = None

    def open_run(self) -> Run:
        if self.run is None:
            direct = self.words[-1] if self.words and not self.pause else ""
            self.run = Run(self.utterance, self.utterance, self.words, direct)
            self.words = []
        self.run.last_utterance = self.utterance
        self.run.inside += self.held
        self.held = []
        return self.run

    @property
    def last_word(self) -> str:
        words = self.held if self.run is not None else self.words
        return words[-1] if words else ""


def _read_utterance(reader: _Reader, text: str) -> None:
    plain = "".join(ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch))
    tokens = list(_TOKEN.finditer(plain))
    place = 0
    while place < len(tokens):
        token = tokens[place]
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if token["digits"]:
            place = _read_digits(reader, plain, tokens, place)
            continue
        if token["pause"]:
            reader.pause = True
        elif token["sign"]:
            is_prefix = bool(following and following["digits"] and following.start() == token.end())
            _read_sign(reader, token["sign"], is_prefix=is_prefix)
        else:
            _read_word(reader, bare(token["word"]) or token["word"], following)
        place += 1


def _read_digits(reader: _Reader, plain: str, tokens: list[re.Match[str]], place: int) -> int:
    """Read all digits that are written together; returns the place after them."""
    end = place + 1
    while end < len(tokens) and tokens[end]["digits"] and " " not in plain[tokens[end - 1].end() : tokens[end].start()]:
        end += 1
    together = [token["digits"] for token in tokens[place:end]]
    if reader.run is not None and reader.run.items and not reader.run.sign and reader.is_whole("".join(together), ""):
        # "flat 12, 0521234567": whoever ends one number and begins the next need not say a word between.
        reader.end_run()
    joined = reader.last_word == _AND
    run = reader.open_run()
    for digits in together:
        run.items.append(written_part(digits, joined=joined, pause=reader.pause))
        joined = reader.pause = False
    return end


def _read_sign(reader: _Reader, sign: str, *, is_prefix: bool) -> None:
    run = reader.run
    if run is not None and run.items and not run.sign and not is_prefix and not reader.held:
        # Written after its digits: that is how text of both directions is mixed up.
        if sign == "+" or sum(len(part.digits) for part in run.parts) <= _LONGEST_STAR_NUMBER:
            run.sign = sign
        return
    if run is not None and run.items:
        reader.end_run()
    reader.open_run().sign = sign


def _read_word(reader: _Reader, plain: str, following: re.Match[str] | None) -> None:
    language = reader.language
    runs = language.number_runs
    next_word = bare(following["word"]) if following and following["word"] else ""
    found = number_word(plain, language.numbers)
    is_prefix = not found and len(plain) <= _LONGEST_PREFIX and set(plain) <= _LETTERS_BEFORE_DIGITS
    sign = next((sign for sign, names in zip(_SIGNS, (runs.plus, runs.star), strict=True) if _is_one(plain, names)), "")
    if sign:
        _read_sign(
            reader, sign, is_prefix=bool(following and (following["digits"] or next_word in language.numbers.forms))
        )
    elif is_prefix and following and following["digits"]:
        _read_preposition(reader, plain)
    elif _reads_repeat(reader, plain) or (found and _reads_number(reader, found, next_word)):
        pass
    elif reader.run is not None and (plain in runs.between or plain + next_word in runs.between_two):
        reader.held.append(plain)
        return
    else:
        reader.end_run()
        if len(plain) == 1 and reader.words and len(reader.words[-1]) == 1:
            # An abbreviation whose dots the recognizer left out.
            plain = reader.words.pop() + plain
        reader.words.append(plain)
    reader.pause = False


def _is_one(plain: str, names: frozenset[str]) -> bool:
    return plain in names or plain[1:] in names


def _read_preposition(reader: _Reader, letters: str) -> None:
    """Written before digits it begins another number; "and" goes on with the same one."""
    if letters != _AND:
        _break_before(reader)
    (reader.words if reader.run is None else reader.held).append(letters)


def _break_before(reader: _Reader) -> None:
    if reader.last_word not in reader.language.number_runs.corrections:
        reader.end_run()


def _reads_repeat(reader: _Reader, plain: str) -> bool:
    runs = reader.language.number_runs
    word = plain.removeprefix(_AND)
    last = reader.run.items[-1] if reader.run is not None and reader.run.items else None
    if (
        reader.run is not None
        and isinstance(last, Part)
        and last.is_count
        and (word in runs.times or word in runs.zeros or word in runs.of_digits)
    ):
        if word in runs.of_digits:
            reader.run.items.pop()
            return True
        times = int(last.digits)
        made = Repeat(times, last.pause) if word in runs.times else Part("0" * times, pause=last.pause)
        reader.run.items[-1] = made
    elif word in runs.twice or word in runs.thrice:
        reader.open_run().items.append(Repeat(2 if word in runs.twice else 3, reader.pause))
    else:
        return False
    return True


def _reads_number(reader: _Reader, found: NumberWord, following: str) -> bool:
    language = reader.language
    numbers, runs = language.numbers, language.number_runs
    counts_next = following in numbers.of_thousands or following in runs.zeros or following in runs.times
    if found.word in numbers.construct and not reader.counting and not counts_next:
        # "the second", "two children": a digit of a number only before what it counts there.
        return False
    if found.prefix.strip(_AND + _THE):
        _break_before(reader)
    last = reader.run.items[-1] if reader.run is not None and reader.run.items else None
    is_next = reader.run is not None and isinstance(last, Part) and not reader.held
    before = [item for item in reader.run.items[-2:] if isinstance(item, Part)] if reader.run and is_next else []
    made = spoken_parts(before, found, numbers, pause=reader.pause)
    if made:
        run = reader.open_run()
        run.items[len(run.items) - bool(before) :] = made
    return bool(made)
