"""The clauses of an utterance, each with what it says of the time, and what it denies or takes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from understanding.clock import clock_at
from understanding.dates import Days
from understanding.time_items import ANY, DAY, EVENT, HOURS, PART, SOON, Item, item_at
from understanding.time_words import COMMA, OTHER, STOP, TimeWords, Token, tokens_in

_DROPPED: Final = frozenset(("soft", "greeting", "plain", "courtesy"))
_OF_AN_EVENT: Final = frozenset((OTHER, "of", "not", "soft", "free_from", "counted", "call_me"))
"""What can follow "after" or "before" where no time does."""
_FLIPPED: Final = {"before": "from", "until": "from", "after": "until", "from": "until"}
"""What a limit is when it is denied: "not before ten" is "from ten"."""


@dataclass(frozen=True, slots=True)
class Told:
    item: Item
    text: str
    """As said."""
    denied: bool = False
    alternative: bool = False
    """After an "or"."""
    corrects: bool = False
    """After a "sorry", "I mean", or a "no" that stands alone."""


@dataclass(slots=True)
class Clause:
    told: list[Told] = field(default_factory=list)
    refuses: bool = False
    takes_back: bool = False
    """Something in it takes back what was said before, in this clause or another."""


def clauses_of(text: str, now: datetime, words: TimeWords, *, asked: bool) -> Iterator[Clause]:
    """Unasked, only what stands in the clause of a wish for a call, or after it in the sentence, counts."""
    for sentence in _split(tokens_in(text, words), (STOP,)):
        if any(token.value == "our_hours" and "that" not in token.prefix for token in sentence):
            continue
        wished = asked
        for tokens in _split(sentence, (COMMA, "but")):
            calls = any(token.kind == "call_me" for token in tokens)
            if wished or calls:
                yield _Reader(text, now, words, asked=asked).clause(tokens, needs_wish=not wished)
            wished = wished or calls


def _split(tokens: Sequence[Token], kinds: tuple[str, ...]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token.kind in kinds:
            yield part
            part = []
        else:
            part.append(token)
    yield part


class _Reader:
    def __init__(self, text: str, now: datetime, words: TimeWords, *, asked: bool) -> None:
        self._text, self._now, self._words, self._asked = text, now, words, asked
        self._clause = Clause()
        self._denial: Token | None = None
        self._denied_from = 0
        """How many times had been told when the denial began."""
        self._begins: Token | None = None
        """A word that the text of the next item begins with: a denial that turned a limit round, "I finish"."""
        self._alternative = self._corrects = False

    def clause(self, spoken: list[Token], *, needs_wish: bool) -> Clause:
        tokens = [token for token in spoken if token.kind not in _DROPPED]
        place, previous = 0, -1
        while place < len(tokens):
            token = tokens[place]
            if token.kind == "asks":
                break
            if needs_wish and token.kind in (OTHER, "of") and not _wish_before(tokens, place):
                place = _next_wish(tokens, place, "asked", "wished")
                continue
            if token.kind == "refusal" and token.value in ("caller_calls", "past"):
                self._clause.refuses = self._clause.refuses or token.value == "caller_calls"
                self._clause.told.clear()
                place = _next_wish(tokens, place)
                continue
            if token.kind == "day" and token.value.startswith("-"):
                place = self._after_the_past(tokens, place)
                continue
            after = self._whenever(spoken, tokens, place)
            if not after and self._marks(token, spoken):
                place += 1
                continue
            if not after and (item := item_at(tokens, place, self._now, previous)):
                # "The afternoon of tomorrow".
                joins = bool(self._clause.told) and place == previous + 1 and tokens[previous].kind == "of"
                self._tell(item, tokens[item.begins - joins], tokens[item.ends - 1])
                after = previous = item.ends
            place = after or self._event(spoken, tokens, place) or place + 1
        return self._clause

    def _after_the_past(self, tokens: list[Token], place: int) -> int:
        """After "yesterday", and the hour or part of the day that goes with it."""
        place += 1
        while place < len(tokens) and (item := item_at(tokens, place, self._now, place)):
            if item.kind not in (HOURS, PART):
                break
            place = item.ends
        return place

    def _marks(self, token: Token, spoken: list[Token]) -> bool:
        """Take in a word that says something about the items around it."""
        match token.kind:
            case "or":
                self._alternative, self._begins = True, token
            case "correction" if token.value == "no" and not self._clause.told and spoken[-1] is not token:
                self._deny(token, spoken)
            case "correction":
                self._clause.takes_back = True
                self._corrects = token.value != "said"
                self._denial = None
            case "free_from":
                self._begins = token
            case "call_me" if token.value == "asked" and "that" not in token.prefix:
                self._denial = None
            case "refusal":
                self._clause.refuses = True
                self._denial = token if token.value == "no_call" else self._denial
            case "not":
                self._deny(token, spoken)
            case _:
                return False
        return True

    def _deny(self, token: Token, spoken: list[Token]) -> None:
        last = spoken[-1] is token
        if last and token.value == "not":
            # "No, at four"; "at three - no, at four".
            self._corrects = self._clause.takes_back = True
            return
        self._denial, self._denied_from = token, len(self._clause.told)
        rest = spoken[spoken.index(token) + 1 :]
        if self._clause.told and all(each.kind in _DROPPED or each.kind in (OTHER, "of") for each in rest):
            # "Tomorrow I cannot."
            self._clause.told = [replace(told, denied=True) for told in self._clause.told]

    def _tell(self, item: Item, first: Token, last: Token) -> None:
        text = self._without_conjunction(first, self._slice(first, last))
        denied = self._denial is not None
        if denied and self._denies_the_last(item):
            self._clause.told[-1] = replace(self._clause.told[-1], denied=True)
            self._denial, denied = None, False
        if (
            denied
            and any(told.denied and told.item.kind == item.kind for told in self._clause.told[self._denied_from :])
            and not (item.joined or self._alternative)
        ):
            # "Not at three at four."
            self._denial, denied = None, False
        if self._denial is not None and denied and (turned := _turned(item)):
            item, denied = turned, False
            text, self._denial = self._slice(self._denial, last), None
        if self._begins is not None and self._begins.kind == "free_from":
            if item.kind == HOURS and not item.bound:
                item, text = replace(item, bound="from"), self._slice(self._begins, last)
        elif self._begins is not None:
            text = self._slice(self._begins, last)
        self._clause.told.append(Told(item, text, denied, self._alternative, self._corrects))
        if denied and item.kind == SOON:
            # "Not now tomorrow."
            self._denial = None
        self._begins, self._alternative = None, False

    def _denies_the_last(self, item: Item) -> bool:
        """ "Tomorrow I cannot, perhaps on Sunday", where the recognizer wrote no comma."""
        if self._denial is None or self._denial.value not in ("cannot", "busy") or item.joined:
            return False
        last = self._clause.told[-1] if len(self._clause.told) == self._denied_from and self._clause.told else None
        return last is not None and not last.denied and last.item.kind in (item.kind, SOON)

    def _without_conjunction(self, first: Token, text: str) -> str:
        """ "That tomorrow" is "tomorrow", and so is "and tomorrow" where nothing was said before it."""
        for role in ("and", "that"):
            if role in first.prefix and self._words.prefixes.get(text[0]) == role:
                text = text[1:] if role == "that" or not self._clause.told else text
        return text

    def _whenever(self, spoken: list[Token], tokens: list[Token], place: int) -> int:
        """ "Whenever suits you", to the end of the clause; the place after it, 0 if it is none."""
        token = tokens[place]
        following = spoken.index(token) + 1
        if token.kind != "whenever" or following >= len(spoken):
            return 0
        then = spoken[following]
        that = self._that()
        if "that" not in then.prefix and not (then.kind == OTHER and then.value.startswith(that)):
            return len(tokens) if "asks" in token.also else 0
        self._tell(Item(ANY, place, len(tokens), value="any"), token, _last_of(spoken))
        return len(tokens)

    def _that(self) -> str:
        return next(letter for letter, role in self._words.prefixes.items() if role == "that")

    def _event(self, spoken: list[Token], tokens: list[Token], place: int) -> int:
        """ "After work", "when the children are asleep": words without a moment. Asked only."""
        token = tokens[place]
        limit = token.kind == "bound" and token.value in ("after", "before", "until")
        event = token.kind == "event" or (token.kind == OTHER and token.value.startswith(self._words.glued))
        if not self._asked or self._denial or not (event or limit) or _frees_at_an_hour(tokens, place):
            return 0
        following = spoken.index(token) + 1
        if limit and (following == len(spoken) or spoken[following].kind not in _OF_AN_EVENT):
            return 0
        self._tell(Item(EVENT, place, len(tokens)), token, _last_of(spoken))
        return len(tokens)

    def _slice(self, first: Token, last: Token) -> str:
        return self._text[first.start : last.end].strip()


def _frees_at_an_hour(tokens: Sequence[Token], place: int) -> bool:
    """ "When I finish work at five" tells the hour."""
    free = next((at for at in range(place, len(tokens)) if tokens[at].kind == "free_from"), len(tokens))
    return any("at" in tokens[at].prefix and clock_at(tokens, at) for at in range(free + 1, len(tokens)))


def _last_of(spoken: Sequence[Token]) -> Token:
    """The last word of a clause that is no courtesy."""
    return next(token for token in reversed(spoken) if token.kind not in ("courtesy", "greeting"))


def _next_wish(tokens: Sequence[Token], place: int, *meanings: str) -> int:
    """Where the next wish for a call stands, or the end of the clause."""
    wishes = meanings or ("asked",)
    places = range(place, len(tokens))
    return next((at for at in places if tokens[at].kind == "call_me" and tokens[at].value in wishes), len(tokens))


def _wish_before(tokens: Sequence[Token], place: int) -> bool:
    return any(token.kind == "call_me" for token in tokens[:place])


def _turned(item: Item) -> Item | None:
    """What a denied limit says: "not after eight" is "until eight". None where it only rules something out."""
    if item.kind == HOURS and item.bound in _FLIPPED and item.to is None:
        return replace(item, bound=_FLIPPED[item.bound])
    if item.kind == DAY and item.bound == "until" and item.days is not None:
        first = item.days.last + timedelta(days=1)
        return replace(item, bound="from", days=Days(first, first))
    return None
