"""How long the end of a call waits for the last words."""

from media_service.core import events
from media_service.core.ending import LastWords, ending_of

WORDS = LastWords(wait_s=2.0, after_hang_up_s=8.0)


def over_at(event: events.EndingEvent, now: float) -> float:
    return ending_of(event, now, WORDS).over_at


def test_a_caller_who_hung_up_waits_for_nothing_so_the_recognizer_may_take_its_time() -> None:
    assert over_at(events.CallerHungUp(), 10.0) == 18.0


def test_a_drain_and_a_lost_socket_cannot_wait() -> None:
    assert over_at(events.DrainStarted(), 10.0) == 12.0
    assert over_at(events.SocketLost(), 10.0) == 12.0


def test_a_drain_cuts_the_wait_after_a_hang_up_short_and_changes_nothing_else() -> None:
    hung_up = ending_of(events.CallerHungUp(), 10.0, WORDS)
    drained = ending_of(events.DrainStarted(), 11.0, WORDS)

    both = hung_up.followed_by(drained)

    assert (both.reason, both.at, both.over_at) == ("caller_hangup", 10.0, 13.0)
    assert drained.followed_by(hung_up) == drained


def test_the_socket_that_closes_after_a_hang_up_changes_nothing() -> None:
    hung_up = ending_of(events.CallerHungUp(), 10.0, WORDS)
    closed = ending_of(events.SocketLost(), 10.1, WORDS)

    assert hung_up.followed_by(closed) == hung_up
