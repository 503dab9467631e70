"""Decide when an utterance is over: from the silence since the last voiced frame, and from the words so far.

Silence is measured in audio received, not on a clock: a network that stalls for a second is not a pause.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndpointingSettings:
    hangover_s: float = 0.220
    """Silence still counted as speech. With a strong interim, or a final, the utterance ends here."""

    timeout_s: float = 0.450
    """Silence after which the utterance is closed with the words there are."""

    behind_s: float = 0.5
    """An interim that leaves out more than this of the speech, by its own end, is a guess at the beginning of what was
    said: the recognizer is behind."""

    catch_up_s: float = 0.3
    """How much longer than `timeout_s` such a recognizer may take."""

    strong_chars: int = 15
    """An interim of this many characters is strong, and so is one that ends in punctuation."""

    dismiss_s: float = 3.0
    """Silence after which speech without any words is taken for noise."""

    surely_speech_s: float = 1.0
    """This much speech, and as much silence after it, is speech although no words came, as long as the stream has
    never returned a result: a connection can stand and pass nothing."""

    settle_s: float = 0.7
    """How long a closed utterance waits for its final result before it is published as it is. Below a second,
    with the publish: a caller's words must be safe within a second of being closed."""

    voice_before_s: float = 5.0
    """Words that no speech announced are still somebody's if there was speech so shortly before: a final may come
    seconds late. Later than that the recognizer has made them up."""

    onset_frames: int = 3
    """Voiced frames among the last five that begin an utterance: a click on the line is shorter."""


def is_strong(text: str, settings: EndpointingSettings) -> bool:
    return len(text) >= settings.strong_chars or text.endswith((".", ",", "?", "!"))


def is_over(silence_s: float, text: str, unrecognized_s: float | None, settings: EndpointingSettings) -> bool:
    """Whether the utterance is closed now.

    `unrecognized_s`: seconds of its speech that come after the end of the newest result; None if no more words are
    expected: all of `text` is final, and all speech has been answered.
    """
    if not text or silence_s < settings.hangover_s:
        return False
    if unrecognized_s is None:
        return True
    if unrecognized_s > settings.behind_s:
        return silence_s >= settings.timeout_s + settings.catch_up_s
    return silence_s >= settings.timeout_s or is_strong(text, settings)


def is_noise(silence_s: float, text: str, settings: EndpointingSettings) -> bool:
    """Whether speech without words has been followed by so much silence that it was none."""
    return not text and silence_s >= settings.dismiss_s
