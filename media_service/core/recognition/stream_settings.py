"""How long, how much and how often: the numbers by which one recognition stream follows another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamSettings:
    batch_s: float = 0.080
    """Audio per request while listening live."""

    start_attempts: int = 3
    """Failures in a row, without a result between them, before streaming is given up."""

    retry_delay_s: float = 0.200

    open_timeout_s: float = 2.5
    """A stream that does not open within this is a failure."""

    # The recognisers close a stream at 300 s (v2) or 305 s (v1). Looking for a pause from 240 s leaves most of a
    # minute to find one; at 285 s the change is made in mid-sentence, with the sentence replayed.
    look_for_pause_after_s: float = 240.0
    rotate_after_s: float = 285.0

    pause_s: float = 0.6
    """Silence in which a stream may be replaced without anybody noticing."""

    stall_s: float = 2.5
    """Speech sent without any result coming back, after which a stream counts as dead. Below the three seconds for
    which a caller may hear nothing. Doubles with each replacement that did not help: it may be music on hold, for which
    there are no results."""

    stall_attempts: int = 3
    """Replacements for that reason before it counts as a failure."""

    shortest_word_s: float = 0.2
    """Less speech than this without a result is no reason to replace a stream."""

    unanswered_s: float = 0.4
    """Less speech than this without a result may be a cough: another stream hears it too, and no more is made of it."""

    result_lag_s: float = 0.3
    """How old the audio is that an interim tells of, where it does not say so itself."""

    second_opinion_s: float = 1.0
    """How much silence after speech a second stream has to hear before it counts that it has no word for it either."""

    settled_in_s: float = 5.0
    """A stream that held this long was working, also if nobody said a word on it."""

    replay_rate: float = 1.8
    """Audio seconds per second while catching up. Faster than about twice real time is refused as too fast."""

    replay_burst_s: float = 2.0
    """What may be sent at once when a stream opens."""

    largest_send_bytes: int = 6_400
    """12,800 bytes as LINEAR16: below the smallest documented limit (15 KB in the v2 API)."""

    kept_s: float = 120.0
    """The most audio kept for replay. Only a recogniser that says nothing for this long makes it matter."""

    quiet_tail_s: float = 2.0
    """Replayed even when nothing is pending: covers words too quiet for speech activity or not yet recognised."""

    retry_streaming_after_s: float = 20.0
    """How long a call stays with single requests before streaming is tried again."""
