"""Decide when the caller's turn is over: from the silence, from the words, and from whether they can be all.

Silence is measured in audio received, not on a clock: a network that stalls for a second is not a pause. No turn is
closed on words that are not all there: interims lag behind the voice, so a result that ends before the voice did
is waited for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, assert_never

from understanding.turn_end import TurnEnd, TurnReading

_UNREAD: Final = TurnReading(TurnEnd.COMPLETE, "words and silence", answers=False)


def unread(text: str) -> TurnReading:
    """Of a speaker whose words nobody reads: strong ones end at the hangover, others at the time-out."""
    return _UNREAD


@dataclass(frozen=True, slots=True)
class EndpointingSettings:
    hangover_s: float = 0.220
    """Silence still counted as speech. A whole answer in strong words ends here."""

    timeout_s: float = 0.450
    """Silence after which an ordinary sentence is closed with the words there are. `Pace` moves it."""

    uncertain_s: float = 1.1
    """Silence after words that could be all, and rather go on. People who hesitate pause for 0.8 s."""

    open_s: float = 2.0
    """Silence that is waited out after words that cannot be all: "I would like to", half a number. Groups of a dictated
    number come up to 1.5 s apart. Then a soft "yes?" is said, once."""

    after_prompt_s: float = 2.5
    """How long after that "yes?" something may still follow, before the words there are must do."""

    behind_s: float = 0.2
    """By so much the newest result may end before the voice and still have its last word: recognizers show a word
    before it is quite over."""

    catch_up_s: float = 0.35
    """How much longer than `timeout_s` a result is waited for, at most, that leaves out more than `behind_s`: interims
    were seen up to 0.5 s behind the voice."""

    after_lag_s: float = 0.2
    """The next interim would have come by then, after the time by which they lag in this call."""

    settles_s: float = 0.25
    """How long words have to stand before they are believed of which the recognizer does not say that they are stable:
    the newest word often reads otherwise at first."""

    whole_settles_s: float = 0.1
    """The same of what makes a whole answer or a whole sentence: a word that reads otherwise seldom does."""

    far_behind_s: float = 0.5
    """A result that leaves out more than this has a guess at the beginning of what was said, no more."""

    last_resort_s: float = 2.4
    """Silence after which even such words are taken: nothing is silent for three seconds. Finals were seen 2 s late."""

    stable: float = 0.7
    """The recognizer's own stability from which an interim is believed at once. Those that give none give 0."""

    strong_chars: int = 15
    """An interim of this many characters is strong, and so is one that ends in punctuation."""

    dismiss_s: float = 3.0
    """Silence after which speech without any words is taken for noise."""

    dismiss_cough_s: float = 1.0
    """The same for what is no voice by itself."""

    surely_speech_s: float = 1.0
    """This much speech, and as much silence after it, is speech although no words came, as long as the stream has
    never returned a result: a connection can stand and pass nothing."""

    surely_word_s: float = 0.2
    """A voice that lasted so long said something, if it is surely a voice."""

    settle_s: float = 0.7
    """How long a closed utterance waits for its final result before it is published as it is. Below a second,
    with the publish: a caller's words must be safe within a second of being closed. Finals come 0.9 s after the voice
    in the median and were seen after 2 s; one that comes later and says otherwise makes a revision."""

    voice_before_s: float = 5.0
    """Words that no speech announced are still somebody's if there was speech so shortly before: a final may come
    seconds late. Later than that the recognizer has made them up."""

    onset_frames: int = 3
    """Voiced frames among the last five that begin an utterance: a click on the line is shorter."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The newest audio is silence, and the utterance has words."""

    silence_s: float
    text: str
    uncovered_s: float | None
    """Seconds of speech that come after the end of the newest result; None if no more words are expected: all of `text`
    is final, and all speech has been answered."""
    patience_s: float
    """How long this caller's ordinary sentences are waited for."""
    lag_s: float = 0.5
    """By how much interims lag in this call."""
    words_age_s: float = math.inf
    """How long the words have stood as they are; infinity where they will stay so."""
    was_prompted: bool = False
    """In this pause the caller was asked to go on."""


def is_strong(text: str, settings: EndpointingSettings) -> bool:
    return len(text) >= settings.strong_chars or text.endswith((".", ",", "?", "!"))


def why_over(pause: Pause, reading: TurnReading, settings: EndpointingSettings) -> str:
    """Why the utterance is closed now, for the log; "" if it is not."""
    needed_s, why = _needed_s(pause, reading, settings), reading.why
    missing_s = 0.0 if pause.uncovered_s is None else pause.uncovered_s
    if missing_s > settings.far_behind_s:
        needed_s, why = max(needed_s, settings.last_resort_s), f"{why}, most of it unrecognized"
    elif missing_s > settings.behind_s:
        caught_up_s = min(pause.lag_s + settings.after_lag_s, settings.timeout_s + settings.catch_up_s)
        needed_s, why = max(needed_s, caught_up_s), f"{why}, its end unrecognized"
    if pause.silence_s < needed_s - 1e-9:
        return ""
    stands_s = settings.settles_s if reading.end is not TurnEnd.COMPLETE else settings.whole_settles_s
    if pause.words_age_s < stands_s - 1e-9 and pause.silence_s < settings.timeout_s + settings.catch_up_s:
        return ""
    return f"closed: {why}, {round(pause.silence_s * 1000)} ms"


def is_hanging(pause: Pause, reading: TurnReading, settings: EndpointingSettings) -> bool:
    """Whether the caller has broken off, and long enough ago to be asked to go on."""
    if reading.end is TurnEnd.OPEN or reading.end is TurnEnd.DICTATING:
        return pause.silence_s >= settings.open_s - 1e-9
    return False


def _needed_s(pause: Pause, reading: TurnReading, settings: EndpointingSettings) -> float:
    """The silence after which these words are taken for all."""
    match reading.end:
        case TurnEnd.COMPLETE:
            is_sure = reading.answers or pause.uncovered_s is None or is_strong(pause.text, settings)
            return settings.hangover_s if is_sure else settings.timeout_s
        case TurnEnd.ORDINARY:
            return pause.patience_s
        case TurnEnd.UNCERTAIN:
            return max(pause.patience_s, settings.uncertain_s)
        case TurnEnd.DICTATING | TurnEnd.OPEN:
            return settings.open_s + (settings.after_prompt_s if pause.was_prompted else 0.0)
        case _:
            assert_never(reading.end)


def is_noise(silence_s: float, text: str, settings: EndpointingSettings, *, is_voice: bool = True) -> bool:
    """Whether speech without words has been followed by so much silence that it was none."""
    return not text and silence_s >= (settings.dismiss_s if is_voice else settings.dismiss_cough_s)
