"""`python -m evals.turns.writing`: make the sets from what stands in `evals/sets/turns/written/`.

There a turn is a line, with its pauses in brackets: "קוראים לי [0.8] דנה לוי". The voice that will speak it tells when
each word begins and ends. What the turns of a group have in common stands once.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from evals.turns import caller_audio
from evals.turns.items import OWN_SETS, SHORTEST_PAUSE_S, Word
from local import pronunciation

WRITTEN: Final = OWN_SETS / "written"
_PAUSE: Final = re.compile(r"\[([\d.]+)\]")
_LAST_SILENCE_S: Final = 2.0
_OF_OURS: Final = ("expect", "during", "reaction", "ends_call", "sounds", "recognizer", "echo", "protected")


def main() -> int:
    for path in sorted(WRITTEN.glob("*.toml")):
        rows = list(rows_of(path))
        target = OWN_SETS / f"{path.stem}.json"
        target.write_text(as_json(rows), encoding="utf-8")
        print(f"{target.name}: {len(rows)} turns")
    return 0


def as_json(rows: list[dict[str, Any]]) -> str:
    """A turn a line: long, but a difference shows which turn is another."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n"


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
    number = 0
    for group in groups:
        for written in group["turns"]:
            number += 1
            own = {"said": written} if isinstance(written, str) else written
            family = path.stem.replace("_", " ")
            yield _row(f"{family.replace(' ', '-')}-{number:03}", family, {**group, **own})


def timed(turn_id: str, said: str) -> list[Word]:
    """When each word is said, from the beginning of the turn; the text may begin with a pause."""
    voice = caller_audio.voice_of(turn_id)
    at_s, words = 0.0, []
    for place, part in enumerate(_PAUSE.split(said)):
        if place % 2:
            at_s += float(part)
        elif text := part.strip():
            samples, ends = caller_audio.said(text, voice)
            start_s, spoken = at_s, iter(ends)
            for word in text.split():
                # A number in digits is spoken as several words.
                *_, end = itertools.islice(spoken, len(pronunciation.words(word)))
                words.append(Word(word, start_s, start_s := round(at_s + end, 3)))
            at_s = round(at_s + len(samples) / 8000, 3)
            words[-1] = replace(words[-1], end_s=at_s)
    return words


def _row(turn_id: str, family: str, given: Mapping[str, Any]) -> dict[str, Any]:
    words = timed(turn_id, given.get("said", ""))
    messages = [{"role": "user", "content": given["opener"]}] if given.get("opener") else []
    messages.append({"role": "assistant", "content": given["question"]})
    ends = [(before.end_s, after.start_s) for before, after in itertools.pairwise(words)]
    spans = [{"start": start, "end": end} for start, end in ends if end - start >= SHORTEST_PAUSE_S]
    if words:
        spans.append({"start": words[-1].end_s, "end": round(words[-1].end_s + _LAST_SILENCE_S, 3)})
    return {
        "id": turn_id,
        "language": "he",
        "family": family,
        "messages": messages,
        "words": _written(words),
        "silence_spans": spans,
        **{name: given[name] for name in _OF_OURS if name in given},
        **({"again": _written(timed(turn_id, given["again"]))} if "again" in given else {}),
    }


def _written(words: Sequence[Word]) -> list[dict[str, Any]]:
    return [{"word": word.text, "start": word.start_s, "end": word.end_s} for word in words]


if __name__ == "__main__":
    sys.exit(main())
