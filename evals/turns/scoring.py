"""What a call shows of the assistant's manners: where it cut in, how long it let wait, whether it stopped, resumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from evals.turns.assistant import clip_of
from evals.turns.handset import Heard
from evals.turns.items import ANSWER, CONTINUE, GO_ON, IGNORE, YIELD
from evals.turns.trace import Request, Trace

LONG_SILENCE_S: Final = 3.0
_COUNTED_PAUSE_S: Final = 0.3
_LATE_NOTICE_S: Final = 0.25
"""A decision so shortly after a pause was made on the pause: nobody could know yet that the caller went on."""
_KEPT: Final = 0.97
"""Share of the question's words that has to be heard."""
_NUDGES: Final = frozenset({"כן", "מממ", "אהה", "אתם עדיין על הקו"})
"""Said to somebody who hesitates, or says nothing for long: an encouragement, and no reply."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause within a turn, and what the assistant made of it."""

    length_s: float
    decided: bool
    """The turn was taken to be over, or a reply was asked for."""
    audible: bool
    """The caller heard a reply before the turn was over."""


@dataclass(slots=True)
class Score:
    id: str
    family: str
    expect: str
    said: str
    pauses: list[Pause] = field(default_factory=list)
    cut_decided: bool = False
    """Anywhere in the turn, in mid-word too."""
    cut_audible: bool = False
    decision_s: float | None = None
    """After the end of the turn; None where it was cut off, or nothing was decided."""
    reply_s: float | None = None
    yielded: bool | None = None
    yield_s: float | None = None
    """From the first sound of the caller to silence at their ear."""
    kept: bool | None = None
    """What the assistant was saying was heard to its end."""
    gaps_s: list[float] = field(default_factory=list)
    """How long each holding of playback lasted that was resumed."""
    commented: bool = False
    requests: int = 0
    answers: int = 1
    """How many replies the caller has to get: two, where something is said again after the first."""
    early: int = 0
    """Requests before the caller had said a word: something else was taken for a turn."""
    half: int = 0
    """Requests that lack words which had been said by then."""
    doubled: bool = False
    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    """Words in the transcript that the caller never said."""
    words: int = 0
    silence_s: float = 0.0
    """The longest that the caller waited for a sound of the assistant."""
    streams: int = 1
    late_s: float = 0.0
    """How far the simulation itself fell behind real time, at worst."""
    misses: list[str] = field(default_factory=list)


def score(trace: Trace) -> Score:
    turn = trace.turn
    out = Score(turn.id, turn.family, turn.expect, turn.text, streams=len(trace.streams), late_s=trace.late_s)
    if trace.trouble:
        out.misses.append(trace.trouble)
        return out
    requests = [each for each in trace.requests if each.at >= trace.turn_at]
    out.requests = len(requests)
    out.answers = 1 + (trace.again_at is not None)
    if turn.expect in (CONTINUE, YIELD):
        _score_playback(trace, out)
    if turn.expect in (ANSWER, YIELD, GO_ON):
        _score_cut_offs(trace, out)
        _score_answer(trace, requests, out)
    if turn.expect == GO_ON:
        _score_going_on(trace, out)
    if turn.protected:
        _score_protected(trace, out)
    if turn.expect in (CONTINUE, IGNORE):
        _score_nothing_answered(trace, out)
    _score_words(trace, out)
    return out


def _score_cut_offs(trace: Trace, out: Score) -> None:
    begun, over = trace.words_at, trace.over_at
    times = [*(closed.at for closed in trace.closed), *(request.at for request in trace.requests)]
    decided = sorted(at for at in times if begun <= at < over)
    audible = [start for start, _ in trace.spans(_interjections(trace)) if begun < start < over]
    out.cut_decided, out.cut_audible = bool(decided), bool(audible)
    pauses = [(trace.turn_at + start, trace.turn_at + end) for start, end in trace.turn.pauses]
    for place, (start, end) in enumerate(pauses):
        until = pauses[place + 1][0] if place + 1 < len(pauses) else over
        out.pauses.append(
            Pause(
                round(end - start, 3),
                any(start <= at < end + _LATE_NOTICE_S for at in decided),
                any(start <= at < until for at in audible),
            )
        )
    if trace.turn.expect == GO_ON:
        return
    if audible:
        out.misses.append(f"talked into the turn {over - audible[0]:.2f} s before its end")
    elif decided:
        out.misses.append(f"took the turn to be over {over - decided[0]:.2f} s before its end")


def _score_answer(trace: Trace, requests: Sequence[Request], out: Score) -> None:
    over = trace.over_at
    after = [closed.at for closed in trace.closed if closed.at >= over]
    # A filler is none: what it introduces may never come.
    replies = trace.spans([piece for piece in trace.heard if trace.reply_of(piece) is not None])
    heard = [start for start, _ in replies if start >= over]
    if after and not out.cut_decided:
        out.decision_s = after[0] - over
    if heard:
        out.reply_s = heard[0] - over
    out.early = sum(each.at < trace.words_at for each in requests)
    out.half = sum(bool(_lacking(trace, each)) for each in requests)
    first = {trace.reply_of(piece): piece.start for piece in reversed(trace.of_others)}
    begun_after = [number for number, start in first.items() if number is not None and start >= over]
    out.doubled = len(begun_after) > out.answers
    if trace.again_at is not None and not any(start > trace.again_at for start in first.values()):
        out.misses.append("what was said after the reply was never answered")
    out.silence_s = _longest_silence(trace, heard[0] if heard else trace.ended_at)
    if not heard and not any(end > over for _, end in replies):
        out.misses.append("never answered")
    # What somebody near the caller says may be taken for a turn: nobody can know.
    if out.early and not any(sound.text for sound in trace.turn.sounds):
        out.misses.append("asked for a reply before the caller had said a word")
    if out.half:
        lacking = next(each for each in requests if _lacking(trace, each))
        out.misses.append(f"asked for a reply to {lacking.caller_said!r}")
    if out.doubled:
        out.misses.append("answered twice")
    if out.silence_s > LONG_SILENCE_S:
        out.misses.append(f"silent for {out.silence_s:.1f} s")


def _longest_silence(trace: Trace, until: float) -> float:
    """Of those in which the caller waits for a reply, from the end of the turn on."""
    longest, since = 0.0, trace.over_at
    for start, end in trace.spans(trace.heard):
        if end > since and start < until:
            longest, since = max(longest, start - since), end
    return max(longest, until - since)


def _score_playback(trace: Trace, out: Score) -> None:
    """Whether what was being said was stopped, held, resumed."""
    spans = trace.spans(trace.of_question)
    onset = trace.turn_at + (trace.turn.start_s if trace.turn.words else 0.0)
    out.gaps_s = [start - end for (_, end), (start, _) in pairwise(spans) if end > trace.turn_at]
    share = _share_heard(trace, trace.question)
    kept = share >= _KEPT
    if trace.turn.expect == CONTINUE:
        out.kept = kept
        if not kept:
            out.misses.append(f"only {share:.0%} of what it was saying was heard")
        return
    speaking = [end for start, end in spans if start <= onset < end]
    if not speaking:
        out.misses.append("was not speaking when it was interrupted")
        return
    resumed = any(start > onset for start, _ in spans)
    out.yielded = not kept and not resumed
    if out.yielded:
        out.yield_s = speaking[0] - onset
    else:
        out.misses.append("did not stop" if kept and not out.gaps_s else "resumed over the caller")


def _score_going_on(trace: Trace, out: Score) -> None:
    """Where the assistant was speaking when the caller went on, it has to stop."""
    if not trace.turn.pauses:
        return
    onset = trace.turn_at + trace.turn.pauses[-1][1]
    speaking = [end for start, end in trace.spans(trace.of_others) if start <= onset < end]
    if speaking:
        out.yielded = speaking[0] < trace.over_at + 0.3
        out.yield_s = speaking[0] - onset if out.yielded else None
        if not out.yielded:
            out.misses.append("went on speaking")


def _score_protected(trace: Trace, out: Score) -> None:
    """Heard in the end, in whatever pieces."""
    share = _share_heard(trace, clip_of(trace.turn.protected).text)
    out.kept = share >= _KEPT
    if not out.kept:
        out.misses.append(f"only {share:.0%} of what has to be heard was heard")


def _score_nothing_answered(trace: Trace, out: Score) -> None:
    said = {piece.clip.text for piece in trace.of_others if piece.clip and piece.start > trace.turn_at}
    out.commented = bool(said - _NUDGES)
    if out.requests:
        out.misses.append("asked for a reply to what was no turn")
    elif out.commented:
        out.misses.append(f"said {' / '.join(sorted(said))!r}")


def _score_words(trace: Trace, out: Score) -> None:
    turn = trace.turn
    published = trace.published[1:] if turn.opener else trace.published
    found = Counter(_bare_words(" ".join(published)))
    if turn.expect in (ANSWER, YIELD, GO_ON):
        again = [word.text for word in turn.again] if trace.again_at is not None else []
        said = Counter(_bare_words(" ".join([turn.final_text, *again])))
        out.words = sum(said.values())
        out.lost = list((said - found).elements())
        if out.lost:
            out.misses.append(f"lost {' '.join(out.lost)!r}")
    # What somebody else said was said, and a result without a voice may be kept for whoever looks into the call.
    others = [*(sound.text for sound in turn.sounds), *(phantom.text for phantom in turn.hearing.phantoms)]
    known = [turn.text, turn.final_text, *(word.text for word in turn.again), *others, *trace.not_answered]
    out.invented = list((found - Counter(_bare_words(" ".join(known)))).elements())
    if out.invented:
        out.misses.append(f"wrote down {' '.join(out.invented)!r}")


def _interjections(trace: Trace) -> list[Heard]:
    """What a caller who has not finished would call talked into."""
    return [piece for piece in trace.of_others if piece.clip is not None and piece.clip.text not in _NUDGES]


def _lacking(trace: Trace, request: Request) -> list[str]:
    """Words that had been said when this was asked for, and that it does not have."""
    turn = trace.turn
    # Of words that come with the final only, nobody can know before it that they are missing.
    told = turn.words[: -turn.hearing.late_words] if turn.hearing.late_words else turn.words
    said = [word.text for word in told if trace.turn_at + word.end_s <= request.at]
    has = Counter(_bare_words(request.caller_said))
    as_final = Counter(_bare_words(" ".join(turn.hearing.changed.get(word, word) for word in said)))
    lacking = Counter(_bare_words(" ".join(said))) - has
    return list((as_final - has).elements()) if lacking else []


def _share_heard(trace: Trace, text: str) -> float:
    """Of these words of the question."""
    wanted = Counter(text.split())
    heard: set[tuple[str, int, str]] = set()
    for piece in trace.of_question:
        if piece.clip is not None:
            heard |= {(piece.clip.text, number, word) for number, word, _ in piece.words}
    found = Counter(word for _, _, word in heard)
    return (wanted & found).total() / max(1, wanted.total())


def _bare_words(text: str) -> list[str]:
    return ["".join(char for char in word if char.isalnum()) for word in text.split() if word.strip(".,?!-")]
