"""Join recognition results into words, each exactly once.

A recognizer works on one *segment* of the audio after another: each interim replaces the one before it, until a final
result ends the segment. An utterance may be closed on an interim, before the final is there. The words it took must
not come a second time with the final, and words that only the final has must not be lost. So the words taken are
remembered until a final covers them, and newer results are compared with them.
"""

from __future__ import annotations

import unicodedata

_SUBSTITUTED = 1.2
"""Cost of two different words against 1 for a missing or an added one: below 2, so that a corrected word counts as
the same place in the sentence, above 1, so that one word is not stretched over two."""
_SIMILAR = 0.4
_UNRELATED = 0.6
"""At this cost a word, these are other words."""


def bare(word: str) -> str:
    """A word without punctuation, niqqud and case, for comparing."""
    text = unicodedata.normalize("NFKD", word)
    return "".join(ch for ch in text if ch.isalnum()).casefold()


def prefix_length(given: list[str], words: list[str]) -> int:
    """How many of `words`, from the start, say the same as `given`; the closest match if none is exact, and 0 if none
    is close."""
    ours, theirs = [bare(word) for word in given], [bare(word) for word in words]
    if ours == theirs[: len(ours)]:
        return len(ours)
    # Edit distance between all of `given` and every prefix of `words`; the last row holds the answer.
    row = [float(i) for i in range(len(theirs) + 1)]
    beginning = row[-1]  # cost of all of `words` against the closest beginning of `given`
    for i, word in enumerate(ours, start=1):
        above, row = row, [float(i)]
        for j, other in enumerate(theirs, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + _difference(word, other)))
        beginning = min(beginning, row[-1])
    best = min(row)
    if best >= _UNRELATED * len(ours) and beginning >= _UNRELATED * len(theirs):
        return 0
    # Of equal matches the longest: a word heard differently is more likely than a word heard twice.
    return max(j for j, cost in enumerate(row) if cost <= best + 1e-9)


def _difference(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one.startswith(other) or other.startswith(one):
        return _SIMILAR
    shared = len(set(one) & set(other))
    return _SIMILAR if 2 * shared > max(len(set(one)), len(set(other))) else _SUBSTITUTED


class RecognizedWords:
    """The words of one speaker's recognition, from the first result of a call to the last."""

    def __init__(self) -> None:
        self._final: list[str] = []
        """Words of final results that no utterance has taken yet."""
        self._interim: list[str] = []
        """The newest interim of the current segment, whole."""
        self._taken: list[str] = []
        """Words of the current segment that utterances have taken."""
        self._taken_earlier: list[str] = []
        """Those of them that were not taken by the last one."""
        self._left_over = False
        """`_taken` is what a shorter final did not cover."""
        self._published: list[str] = []
        """The beginning of `_taken` that no later stream will get again."""
        self._compared: tuple[list[str], list[str], int] = ([], [], 0)

    @property
    def text(self) -> str:
        """The words nobody has taken yet."""
        return " ".join(self._final + self._interim[self._taken_of(self._interim) :])

    @property
    def decided(self) -> str:
        """The part of `text` that final results have decided."""
        return " ".join(self._final)

    @property
    def owed(self) -> str:
        """What the last `take` gave away of the current segment, as it read then."""
        return " ".join(self._taken[len(self._taken_earlier) :])

    @property
    def segment_is_open(self) -> bool:
        """Whether a final result is still owed for words that came or were taken."""
        return bool(self._interim or self._taken)

    @property
    def newest(self) -> list[str]:
        """The newest interim of the current segment, whole."""
        return self._interim

    def interim(self, text: str, *, after_pause: bool = False) -> bool:
        """A newer guess at the current segment replaces the older one.

        `after_pause`: the speaker had paused since. True if it is no guess at the same words: the recognizer has begun
        another segment, and the final of the one before will not come any more."""
        words = text.split()
        begins = after_pause and bool(self._interim and words) and not prefix_length(self._interim, words)
        if begins:
            self.segment_lost()
        self._interim = words
        return begins

    def final(self, text: str, *, covers_taken: bool = False) -> tuple[str, str]:
        """The current segment is decided. Return those of its words that the last `take` gave away, and the rest.

        Both as they now read. The rest has been added to `text`; the words of the first part have not. A final
        without text confirms the interim before it. `covers_taken`: all audio of the words that were taken has now been
        decided, so what the final does not have of them will not come.
        """
        words = text.split() or self._interim
        taken = self._taken_of(words)
        earlier = min(taken, prefix_length(self._taken_earlier, words)) if self._taken_earlier else 0
        self._final += words[taken:]
        # A final shorter than what was taken covers only the beginning; what is left belongs to the next segment.
        partly = words and taken == len(words) and not covers_taken
        covered = prefix_length(words, self._taken) if partly else len(self._taken)
        self._taken, self._taken_earlier = self._taken[covered:], self._taken_earlier[covered:]
        self._published = self._published[covered:]
        self._left_over = bool(self._taken)
        self._interim = []
        return " ".join(words[earlier:taken]), " ".join(words[taken:])

    def final_overdue(self) -> None:
        """The last `take` is so long ago that no final is expected for it any more.

        Words that a final left over, and that did not come again since, were taken back by the recognizer. Kept
        any longer, they would swallow the same words said in answer to the next question.
        """
        if self._left_over and not self._interim:
            self._taken, self._taken_earlier, self._left_over = [], [], False

    def taken_are_published(self) -> None:
        """No later stream will get again the audio of what has been taken so far."""
        self._published = self._taken

    def segment_lost(self) -> None:
        """No final will come for the current segment: its interim stands, and the next result starts afresh."""
        self._final += self._interim[self._taken_of(self._interim) :]
        self._interim, self._taken, self._taken_earlier, self._left_over = [], [], [], False
        self._published = []

    def segment_outdated(self) -> None:
        """Its final never came, and the recognizer is long past it: the same words said again are new words."""
        self._interim, self._taken, self._taken_earlier, self._left_over = [], [], [], False
        self._published = []

    def forget_published(self) -> None:
        """The audio of the words that were taken when `taken_are_published` was called is let go of: only what came
        after it will be recognized again. What utterances have taken of that stays taken."""
        if not self._published:
            return
        published = prefix_length(self._published, self._taken)
        self._taken, self._taken_earlier = self._taken[published:], self._taken_earlier[published:]
        self._interim = self._interim[prefix_length(self._published, self._interim) :]
        self._published, self._left_over = [], False

    def segment_replayed(self) -> None:
        """What is not published will be recognized again, as a new segment."""
        self.forget_published()
        self._interim, self._left_over = [], False

    def split_off(self) -> RecognizedWords:
        """The words of audio that has gone to another recognizer. What comes next here is of other audio."""
        self.forget_published()
        gone = RecognizedWords()
        gone._final, gone._interim, gone._taken = self._final, self._interim, self._taken
        gone._taken_earlier, gone._left_over = self._taken_earlier, self._left_over
        self._final, self._interim, self._taken, self._taken_earlier = [], [], [], []
        self._left_over = False
        return gone

    def take(self) -> str:
        """Give all words away, those of the current interim included."""
        text = self.text
        self._final = []
        # An interim that says less than what was taken is of a recognizer that gets the segment again.
        if self._taken_of(self._interim) < len(self._interim):
            self._taken_earlier, self._taken, self._left_over = self._taken, self._interim, False
        return text

    def _taken_of(self, words: list[str]) -> int:
        """How many of `words` utterances have taken. Asked for every frame, so the last answer is kept; the lists are
        replaced and never changed."""
        if not self._taken or not words:
            return 0
        taken, of, count = self._compared
        if taken is not self._taken or of is not words:
            count = prefix_length(self._taken, words)
            self._compared = (self._taken, words, count)
        return count
