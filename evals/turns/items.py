"""The sets: turns of callers in the schema of livekit/eot-bench, and what has no word there.

`id, language, silence_spans, messages, words` are the schema's: the last of the spans is the end of the turn, the
others are pauses within it; the last message of the assistant is what the caller answers. A file may have nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

OWN_SETS: Final = Path(__file__).parents[1] / "sets" / "turns"

SHORTEST_PAUSE_S: Final = 0.1
"""As in eot-bench: a shorter silence is within a word, or between two."""

ANSWER: Final = "answer"
"""The turn is to be answered, once, when it is over."""
YIELD: Final = "yield"
"""The caller speaks over the assistant, who stops; then the turn is answered."""
CONTINUE: Final = "continue"
"""What comes over the assistant is no turn: it is heard to its end, and nothing is answered."""
IGNORE: Final = "ignore"
"""What comes while the assistant listens is no turn: nothing is said."""
GO_ON: Final = "go on"
"""The turn begins with a whole answer, and goes on after it: the assistant may have begun to speak, and then it yields;
in the end all of it is answered."""
EXPECTATIONS: Final = (ANSWER, YIELD, CONTINUE, IGNORE, GO_ON)

_GOODBYES: Final = "over the goodbye"
_OF_FAMILY: Final[Mapping[str, tuple[str, float | None]]] = {
    "back-channel": (CONTINUE, 1.2),
    "interruption": (YIELD, 1.2),
    "over the greeting": (ANSWER, 1.2),
    _GOODBYES: (ANSWER, 1.2),
    "yes-but": (GO_ON, None),
}
"""What is expected, and how long the assistant has been speaking, in files that have nothing but the schema."""


class BadSet(ValueError):
    """The file is no set. The message names the turn and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Sound:
    """Something on the caller's line that is none of their words."""

    kind: str
    at_s: float
    seconds: float = 0.5
    dbfs: float = -18.0
    text: str = ""
    """Of somebody else's speech: what is said; the recognizer may have it too."""


@dataclass(frozen=True, slots=True)
class Phantom:
    """A result that nobody's words are behind."""

    text: str
    at_s: float
    confidence: float = 0.2
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class Hearing:
    """How the recognizer fares with this turn."""

    interims: str = "usual"
    """`usual`, `sparse` as Chirp's, `none`."""
    finals: str = "usual"
    """`usual`; `never` for segments whose interims are all there will be; `empty` for finals without text."""
    final_s: float | None = None
    """After the voice; None: as in the rest of the run."""
    late_words: int = 0
    """So many words at the end come with the final only."""
    changed: Mapping[str, str] = field(default_factory=dict)
    """Words that read otherwise in the final."""
    phantoms: tuple[Phantom, ...] = ()


@dataclass(frozen=True, slots=True)
class Echo:
    """What the assistant says comes back on the caller's line."""

    delay_s: float
    dbfs: float = -34.0


@dataclass(frozen=True, slots=True)
class Turn:
    id: str
    family: str
    question: str
    """What the assistant says before it."""
    opener: str
    """What the caller said before that; "" where the assistant's words are the greeting."""
    words: tuple[Word, ...]
    expect: str = ANSWER
    during_s: float | None = None
    """So long after the assistant began, the turn begins; below zero: before the assistant ends. None: after it."""
    reaction_s: float | None = None
    """Between the assistant's last sound and the turn; None: as people do."""
    ends_call: bool = False
    """The assistant's words are a goodbye."""
    sounds: tuple[Sound, ...] = ()
    hearing: Hearing = Hearing()
    echo: Echo | None = None
    protected: str = ""
    """What of the assistant's words has to be heard to its end, or said again."""
    again: tuple[Word, ...] = ()
    """Said after the reply, as a turn of its own."""

    @property
    def start_s(self) -> float:
        return self.words[0].start_s if self.words else 0.0

    @property
    def end_s(self) -> float:
        """Of the last word; of the last sound where there are none."""
        if self.words:
            return self.words[-1].end_s
        return max((sound.at_s + sound.seconds for sound in self.sounds), default=0.0)

    @property
    def pauses(self) -> list[tuple[float, float]]:
        """Within the turn."""
        gaps = [(before.end_s, after.start_s) for before, after in pairwise(self.words)]
        return [(start, end) for start, end in gaps if end - start >= SHORTEST_PAUSE_S - 1e-6]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def final_text(self) -> str:
        """As the recognizer has it in the end."""
        return " ".join(self.hearing.changed.get(word.text, word.text) for word in self.words)


def own_turns() -> list[Turn]:
    return [turn for path in sorted(OWN_SETS.glob("*.json")) for turn in turns_of(path)]


def turns_of(path: Path) -> list[Turn]:
    """A list in JSON, or an object a line. Raises `BadSet`, or `OSError` where the file cannot be read."""
    text = path.read_text(encoding="utf-8")
    try:
        is_list = text.lstrip().startswith("[")
        rows = json.loads(text) if is_list else [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as exc:
        raise BadSet(f"{path.name}: not JSON: {exc}") from exc
    return [_turn(row, f"{path.name}, turn {place}", path.stem) for place, row in enumerate(rows, start=1)]


def _turn(row: Any, where: str, family: str) -> Turn:
    if not isinstance(row, dict):
        raise BadSet(f"{where}: not an object")
    where = f"{where} ({row.get('id', 'without id')})"
    try:
        return _read(row, str(row.get("family") or family))
    except KeyError as exc:
        raise BadSet(f"{where}: {exc.args[0]} is missing") from exc
    except (TypeError, ValueError, AttributeError) as exc:
        raise BadSet(f"{where}: {exc}") from exc


def _read(row: Mapping[str, Any], family: str) -> Turn:
    words = _words(row["words"])
    if not words and not any(row.get(name) for name in ("sounds", "echo", "recognizer")):
        raise ValueError("there are no words in it, nor anything else")
    sounds = tuple(_sound(each) for each in row.get("sounds", ()))
    expect, during = _OF_FAMILY.get(family, (ANSWER, None))
    if any(name in row for name in ("expect", "during", "reaction")):
        expect, during = ANSWER, None
    expect, during = str(row.get("expect", expect)), row.get("during", during)
    if expect not in EXPECTATIONS:
        raise ValueError(f"expect is none of {', '.join(EXPECTATIONS)}")
    question, opener = _asked(row.get("messages") or ())
    return Turn(
        id=str(row["id"]),
        family=family,
        question=question,
        opener=opener,
        words=words,
        expect=expect,
        during_s=None if during is None else float(during),
        reaction_s=row.get("reaction"),
        ends_call=bool(row.get("ends_call", family == _GOODBYES)),
        sounds=sounds,
        hearing=_hearing(row.get("recognizer") or {}),
        echo=Echo(float(row["echo"]["delay"]), float(row["echo"].get("dbfs", -34.0))) if row.get("echo") else None,
        protected=str(row.get("protected", "")),
        again=_words(row.get("again", ())),
    )


def _words(given: Sequence[Mapping[str, Any]]) -> tuple[Word, ...]:
    words = [Word(_word(each), float(each["start"]), float(each["end"])) for each in given]
    # An alignment may let a word begin a little before the one before it has ended.
    for place, (word, after) in enumerate(pairwise(words)):
        words[place] = replace(word, end_s=min(word.end_s, after.start_s))
    if any(word.end_s <= word.start_s for word in words):
        raise ValueError("a word ends before it begins, or begins before the one before it")
    return tuple(words)


def _word(each: Mapping[str, Any]) -> str:
    text = str(each["word"] if "word" in each else each["text"]).strip()
    if not text:
        raise ValueError("a word is empty")
    return text


def _sound(each: Mapping[str, Any]) -> Sound:
    return Sound(
        str(each["kind"]),
        float(each["at"]),
        float(each.get("seconds", 0.5)),
        float(each.get("dbfs", -18.0)),
        str(each.get("text", "")),
    )


def _hearing(given: Mapping[str, Any]) -> Hearing:
    return Hearing(
        interims=str(given.get("interims", "usual")),
        finals=str(given.get("finals", "usual")),
        final_s=given.get("final_s"),
        late_words=int(given.get("late_words", 0)),
        changed=dict(given.get("changed", {})),
        phantoms=tuple(
            Phantom(
                str(each["text"]),
                float(each["at"]),
                float(each.get("confidence", 0.2)),
                bool(each.get("is_final", True)),
            )
            for each in given.get("phantoms", ())
        ),
    )


def _asked(messages: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The last words of the assistant, and the caller's before them. Older messages are not played."""
    said = [(str(message["role"]), str(message["content"])) for message in messages]
    places = [place for place, (role, text) in enumerate(said) if role == "assistant" and text.strip()]
    if not places:
        return "", ""
    before = [text for role, text in said[: places[-1]] if role == "user" and text.strip()]
    if len(places) > 1 and not before:
        before = ["שלום"]
    return said[places[-1]][1], before[-1] if before else ""
