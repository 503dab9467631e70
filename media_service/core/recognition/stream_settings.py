"""The numbers by which one recognition stream follows another: how long, how much, how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamSettings:
    # Sending

    batch_s: float = 0.080
    """Audio per request while it comes in live."""

    replay_burst_s: float = 2.0
    """Audio that may be sent at once when a stream opens."""

    replay_rate: float = 1.8
    """Audio seconds per second while catching up. Faster than about twice real time is refused as too fast."""

    largest_send_bytes: int = 6_400
    """12,800 bytes as LINEAR16: below the smallest documented limit (15 KB in the v2 API)."""

    # Opening and retrying

    open_timeout_s: float = 2.5
    """A stream that does not open within this has failed."""

    start_attempts: int = 3
    """Failures in a row, without a result between them, before streaming is given up."""

    retry_delay_s: float = 0.200

    settled_in_s: float = 5.0
    """A stream that lasted this long was working, even if nobody said a word on it."""

    retry_streaming_after_s: float = 20.0
    """How long a call stays with single requests before streaming is tried again."""

    # Renewing

    # The recognizers close a stream at 300 s (v2) or 305 s (v1). Looking for a pause from 240 s leaves most of a
    # minute to find one; at 285 s the change is made in mid-sentence, and the sentence is replayed.
    look_for_pause_after_s: float = 240.0
    rotate_after_s: float = 285.0

    pause_s: float = 0.6
    """Silence in which a stream may be replaced without anybody noticing."""

    # Health

    stall_s: float = 2.5
    """A stream that got speech and has returned no result for this long counts as dead. Below the three seconds for
    which a caller may hear nothing. Doubles with each replacement that did not help: it may be music on hold, for which
    there are no results."""

    without_interims_s: float = 8.0
    """The same while somebody goes on speaking, and no interim has been seen in the call: some models show hardly any,
    and a sentence is over before its only result comes."""

    slowest_final_s: float = 2.8
    """After the speech the only result of such a model is waited for so long. Seen after 2.5 s."""

    stall_attempts: int = 3
    """Streams replaced for that reason before streaming is given up."""

    shortest_word_s: float = 0.2
    """Less speech than this without a result is no reason to replace a stream."""

    unanswered_s: float = 0.4
    """Less speech than this without a result may be a cough: one more stream gets it too, and that is all."""

    second_opinion_s: float = 1.0
    """How much silence after the speech that second stream has to get before its having no words counts."""

    # Replay

    caught_up_s: float = 0.3
    """A stream that has got all but so much of the audio is not catching up any more."""

    result_lag_s: float = 0.3
    """How far an interim is behind the audio sent, where it does not say which audio it covers."""

    kept_s: float = 120.0
    """The most audio kept for replay. Reached only with a recognizer that returns nothing for this long."""

    quiet_tail_s: float = 2.0
    """Replayed even when no words are owed: covers words too quiet for the VAD or not yet recognized."""
