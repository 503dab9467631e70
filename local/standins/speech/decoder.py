"""Find which known words an utterance consists of.

Dynamic time warping against every word of every phrase at once, a column for each 10 ms of audio: paths enter at
word beginnings, move along a phrase, may leave at a word's end and enter elsewhere, at a price. Whole phrases are
free, so a known phrase comes out as itself, and a part or a sequence of phrases as its words. Pure NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from local.standins.speech.features import HOP_S, SIZE, BandEnergies, Floats, Samples, shape

Ints = npt.NDArray[np.int32]

_REPEAT_PRICE: Final = 1.5
"""For holding a template frame or skipping one, in units of feature distance (frames of one phrase differ by ~15)."""
_CUT_BEGINNING_S: Final = 0.15
"""A phrase may lose this much of its beginning, as the detector of speech may do."""
_CUT_PRICE: Final = 1.0
_MID_PHRASE_PRICE: Final = 70.0
"""For entering or leaving a phrase at a word inside it."""
_SWITCH_PRICE: Final = 60.0
"""For going on with another phrase."""
_LOUDER_DB: Final = 1.0
_WORD_HEARD: Final = 0.8
"""A word counts once this part of it was heard."""
_STRETCH_FRAMES: Final = 15
"""The distance is also averaged over so many of the last 10 ms, fading: half a syllable that is nothing like the phrase
vanishes in the mean of a whole sentence, and shows here."""


@dataclass(frozen=True, slots=True)
class Template:
    """A phrase as it sounds. `words` are what is recognized; `ends_s` says where each ends in the audio."""

    audio: Samples
    words: tuple[str, ...]
    ends_s: tuple[float, ...]
    question: bool


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The words an utterance seems to hold so far."""

    words: tuple[str, ...]
    distance: float
    """Mean feature distance for each voiced 10 ms; small is good."""
    worst_stretch: float = 0.0
    """The same, without prices, over the stretch that is least like the words."""
    voiced_s: float = 0.0
    """How much sound it was made from."""
    question: bool = False
    """Whether the last words are those of a question, to its end."""


class Lexicon:
    """All templates, laid end to end as the states of one search. Shared by all streams, never changed."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self.templates = tuple(templates)
        features = [np.zeros((1, SIZE), np.float32)]
        first, second = [True], [False]
        self.word_of = [-1]
        self.heard_from: list[int] = []
        self.words: list[tuple[int, int]] = []
        entries: list[tuple[int, float]] = [(0, 0.0)]
        exits: list[tuple[int, float]] = [(0, 0.0)]
        at = 1
        for number, template in enumerate(self.templates):
            bands = BandEnergies().feed(template.audio)
            count = len(bands)
            features.append(shape(bands, float(bands.max())))
            first += [position == 0 for position in range(count)]
            second += [position == 1 for position in range(count)]
            entries += [(at + frame, frame * _CUT_PRICE) for frame in range(min(count, int(_CUT_BEGINNING_S / HOP_S)))]
            begin = 0
            for index, end_s in enumerate(template.ends_s):
                end = count if index == len(template.words) - 1 else min(count, max(begin + 1, int(end_s / HOP_S)))
                self.word_of += [len(self.words)] * (end - begin)
                self.heard_from.append(at + begin + int((end - begin) * _WORD_HEARD))
                self.words.append((number, index))
                last = index == len(template.words) - 1
                exits += [(at + frame, 0.0 if last else _MID_PHRASE_PRICE) for frame in range(max(begin, end - 6), end)]
                if index:
                    entries.append((at + begin, _MID_PHRASE_PRICE))
                begin = end
            at += count
        self.columns: Floats = np.ascontiguousarray(np.vstack(features).T)
        self.norms: Floats = (self.columns**2).sum(axis=0)
        infinite = np.float32(np.inf)
        self.step_price: Floats = np.where(first, infinite, 0).astype(np.float32)
        self.skip_price: Floats = np.where(np.array(first) | second, infinite, _REPEAT_PRICE).astype(np.float32)
        self.stay_price: Floats = np.full(at, _REPEAT_PRICE, np.float32)
        self.stay_price[0] = 0.0
        self.entry_at = np.array([state for state, _ in entries])
        self.entry_price = np.array([price for _, price in entries], np.float32)
        self.exit_at = np.array([state for state, _ in exits])
        self.exit_price = np.array([price for _, price in exits], np.float32)


@dataclass(frozen=True, slots=True)
class _Visit:
    """A stretch of one phrase on a path: the states where it was entered and left, and what came before."""

    entered: int
    left: int
    before: _Visit | None


class Decoder:
    """The search over one utterance. Give it audio from shortly before the speech; ask at any time."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._bands = BandEnergies()
        self._rows: list[Floats] = []
        self._loudest_db = 0.0
        self._restart()

    def _restart(self) -> None:
        size = len(self._lexicon.norms)
        self._cost: Floats = np.full(size, np.inf, np.float32)
        self._entered: Ints = np.zeros(size, np.int32)
        self._history: Ints = np.zeros(size, np.int32)
        self._stretch: Floats = np.zeros(size, np.float32)
        self._worst: Floats = np.zeros(size, np.float32)
        self._visits: list[_Visit | None] = [None]
        self._voiced = 0
        self._started = False

    def feed(self, samples: Samples) -> None:
        for row in self._bands.feed(samples):
            self._rows.append(row)
            new = [row]
            if (loudest_db := float(row.max())) > self._loudest_db + _LOUDER_DB:
                # Everything is measured against the loudest band; when that moves, look at the utterance again.
                self._loudest_db = loudest_db
                self._restart()
                new = self._rows
            for features in shape(np.array(new), self._loudest_db):
                self._advance(features)

    def _advance(self, row: Floats) -> None:
        lexicon = self._lexicon
        # Not `row @ columns`: that starts threads in the BLAS, which spin and cost more than they save.
        squared = lexicon.norms - 2 * np.einsum("i,ij->j", row, lexicon.columns) + np.square(row).sum()
        distance = np.sqrt(np.maximum(squared, 0.0))
        self._voiced += bool(row[-1] > 1.0)
        enter_cost, state = lexicon.entry_price, 0
        if self._started:
            leaving = self._cost[lexicon.exit_at] + lexicon.exit_price
            best = int(leaving.argmin())
            state = int(lexicon.exit_at[best])
            visit = _Visit(int(self._entered[state]), state, self._visits[self._history[state]])
            enter_cost = enter_cost + leaving[best] + np.float32(_SWITCH_PRICE if state else 0.0)
        else:
            visit = None
        cost = self._cost
        stay = cost + lexicon.stay_price
        step = np.empty_like(cost)
        step[1:] = cost[:-1]
        step[0] = np.inf
        step += lexicon.step_price
        skip = np.empty_like(cost)
        skip[2:] = cost[:-2]
        skip[:2] = np.inf
        skip += lexicon.skip_price
        shift = np.where(step <= stay, 1, 0)
        moved = np.minimum(step, stay)
        shift[skip < moved] = 2
        np.minimum(moved, skip, out=moved)
        source = np.arange(len(cost)) - shift
        entered, history = self._entered[source], self._history[source]
        stretch, worst = self._stretch[source], self._worst[source]
        better = enter_cost < moved[lexicon.entry_at]
        if better.any():
            states = lexicon.entry_at[better]
            moved[states] = enter_cost[better]
            entered[states] = states
            self._visits.append(visit)
            history[states] = len(self._visits) - 1
            stretch[states], worst[states] = self._stretch[state], self._worst[state]
        self._cost, self._entered, self._history = moved + distance, entered, history
        self._stretch = stretch + (distance - stretch) / _STRETCH_FRAMES
        self._worst = np.maximum(worst, self._stretch)
        self._started = True

    def so_far(self) -> Hypothesis:
        """The words heard up to now, the utterance still going on."""
        return self._hypothesis(int(self._cost.argmin()))

    def whole(self) -> Hypothesis:
        """The words of the utterance, if it ends here."""
        lexicon = self._lexicon
        cost = self._cost + _MID_PHRASE_PRICE
        np.minimum.at(cost, lexicon.exit_at, self._cost[lexicon.exit_at] + lexicon.exit_price)
        return self._hypothesis(int(cost.argmin()))

    def _hypothesis(self, state: int) -> Hypothesis:
        if not self._voiced or not self._started:
            return Hypothesis((), np.inf)
        lexicon = self._lexicon
        visit: _Visit | None = _Visit(int(self._entered[state]), state, self._visits[self._history[state]])
        words: list[str] = []
        question: bool | None = None
        while visit:
            if visit.left:
                begin, end = lexicon.word_of[visit.entered], lexicon.word_of[visit.left]
                if visit.left < lexicon.heard_from[end]:
                    end -= 1
                number, _ = lexicon.words[begin]
                template = lexicon.templates[number]
                heard = [template.words[lexicon.words[word][1]] for word in range(begin, end + 1)]
                if question is None and heard:
                    question = template.question and lexicon.words[end][1] == len(template.words) - 1
                words[:0] = heard
            visit = visit.before
        return Hypothesis(
            words=tuple(words),
            distance=float(self._cost[state]) / self._voiced,
            worst_stretch=float(self._worst[state]),
            voiced_s=self._voiced * HOP_S,
            question=bool(question),
        )
