"""Decide when a vendor that keeps failing is left alone, and when it is asked again.

Shared by the calls of an instance, so that a fault that will not go away is found out once and not by every caller.
Pure: `now` is passed in. Knows nothing of what is asked of the vendor.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from media_service.errors import VendorError, VendorExhausted, VendorRefused


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    failures: int = 3
    """So many within `within_s` trip it."""

    within_s: float = 10.0

    counts: tuple[type[VendorError], ...] = (VendorRefused, VendorExhausted)
    """Failures that count while it is not tripped: those that do not go away by asking again."""

    first_pause_s: float = 5.0
    """From tripping to the first trial; doubles with each trial that fails."""

    longest_pause_s: float = 60.0

    jitter: float = 0.2
    """Share of a pause by which it is longer or shorter, so that instances do not ask in step."""

    proven_s: float = 3.0
    """A trial that lives this long has succeeded, also without a result: a refused one ends with its first audio."""

    after_exhausted_s: float = 1.0
    """A used-up quota is asked for at most this often, also while it is not tripped."""


@dataclass(eq=False, slots=True)
class Permit:
    """Leave to ask the vendor once."""

    began_at: float
    """When it was given; from `accepted` on, when the vendor accepted."""
    accepted: bool = False
    has_worked: bool = False


class Breaker:
    """For each permit: `accepted` if the vendor accepted, `worked` at its first result, then `failed` or `ended`."""

    def __init__(self, settings: BreakerSettings, draw: Callable[[], float]) -> None:
        """`draw` returns a number from 0 to 1, at random."""
        self._settings = settings
        self._draw = draw
        self._failed_at: deque[float] = deque(maxlen=settings.failures)
        self._not_before = -math.inf
        self._failed_trials = 0
        self._trial: Permit | None = None
        self._is_tripped = False

    @property
    def is_tripped(self) -> bool:
        """Whether the vendor is left alone, but for trials."""
        return self._is_tripped

    def ask(self, now: float) -> Permit | None:
        """Leave to ask, or None. While it is tripped there is one trial at a time, and its outcome decides."""
        if self._trial is not None and self._is_proven(self._trial, now):
            self._reset()
        if now < self._not_before or self._trial is not None:
            return None
        permit = Permit(now)
        if self._is_tripped:
            self._trial = permit
        return permit

    def accepted(self, permit: Permit, now: float) -> None:
        permit.began_at, permit.accepted = now, True

    def worked(self, permit: Permit) -> None:
        """A result came. What was admitted before it tripped proves nothing: others may be refused all the same."""
        permit.has_worked = True
        if permit is self._trial:
            self._reset()

    def failed(self, permit: Permit, error: VendorError, now: float) -> None:
        if permit is self._trial and self._is_proven(permit, now):
            self._reset()
        if permit is self._trial:
            self._failed_trials += 1
            self._pause(now)
        elif not self._is_tripped and self._counts(permit, error, now):
            self._failed_at.append(now)
            if isinstance(error, VendorExhausted):
                self._not_before = now + self._settings.after_exhausted_s
            if now - self._failed_at[0] <= self._settings.within_s and len(self._failed_at) == self._settings.failures:
                self._is_tripped = True
                self._failed_trials = 0
                self._pause(now)

    def ended(self, permit: Permit, now: float) -> None:
        """It was not wanted any more, or came to a good end."""
        if permit is not self._trial:
            return
        if self._is_proven(permit, now):
            self._reset()
        else:
            self._pause(now)  # it tells nothing: the caller may have hung up

    def _counts(self, permit: Permit, error: VendorError, now: float) -> bool:
        if isinstance(error, self._settings.counts):
            return True
        # A refusal may come in disguise (gRPC makes INTERNAL of one that arrives while audio is being written), so
        # after a plain one every other early end is taken for the same.
        follows_one = bool(self._failed_at) and now - self._failed_at[-1] <= self._settings.within_s
        return follows_one and not permit.has_worked and not self._is_proven(permit, now)

    def _is_proven(self, permit: Permit, now: float) -> bool:
        return permit.accepted and now - permit.began_at >= self._settings.proven_s

    def _pause(self, now: float) -> None:
        settings = self._settings
        # 2**16 is past any pause; the exponent is bounded because a float is.
        pause_s = min(settings.longest_pause_s, settings.first_pause_s * 2.0 ** min(self._failed_trials, 16))
        self._trial = None
        self._not_before = now + pause_s * (1 + settings.jitter * (2 * self._draw() - 1))

    def _reset(self) -> None:
        self._is_tripped, self._trial = False, None
        self._failed_at.clear()
        self._not_before = -math.inf
