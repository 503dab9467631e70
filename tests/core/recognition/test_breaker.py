"""A vendor that keeps failing is left alone, and asked again after a while."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media_service.core.recognition.breaker import Breaker, BreakerSettings, Permit
from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable

SETTINGS = BreakerSettings()
REFUSED = VendorRefused("permission denied")
EXHAUSTED = VendorExhausted("quota")
UNAVAILABLE = VendorUnavailable("reset")


def breaker(draw: float = 0.5) -> Breaker:
    """Without jitter, unless `draw` says otherwise."""
    return Breaker(SETTINGS, lambda: draw)


def granted(made: Breaker, now: float) -> Permit:
    permit = made.ask(now)
    assert permit is not None
    return permit


def fail(made: Breaker, error: VendorError, now: float) -> None:
    made.failed(granted(made, now), error, now)


def opened_at(now: float, draw: float = 0.5) -> Breaker:
    made = breaker(draw)
    for _ in range(SETTINGS.failures):
        fail(made, REFUSED, now)
    assert made.is_tripped
    return made


def test_a_few_refusals_within_a_short_time_open_it() -> None:
    made = breaker()
    fail(made, REFUSED, 0.0)
    fail(made, REFUSED, 0.2)
    assert not made.is_tripped
    fail(made, REFUSED, 0.4)
    assert made.is_tripped
    assert made.ask(0.5) is None


def test_refusals_far_apart_do_not() -> None:
    """A call refused now and then is that call's affair."""
    made = breaker()
    for second in range(0, 100, 6):
        fail(made, REFUSED, float(second))
    assert not made.is_tripped


def test_what_may_go_away_at_once_never_opens_it() -> None:
    made = breaker()
    for _ in range(20):
        fail(made, UNAVAILABLE, 1.0)
    assert not made.is_tripped


def test_a_refusal_in_disguise_counts_after_a_plain_one() -> None:
    """gRPC makes INTERNAL of a refusal that arrives while audio is being written."""
    made = breaker()
    fail(made, REFUSED, 0.0)
    fail(made, UNAVAILABLE, 0.2)
    fail(made, UNAVAILABLE, 0.4)
    assert made.is_tripped


def test_streams_that_had_worked_break_without_being_taken_for_refused() -> None:
    made = breaker()
    working = [granted(made, 0.0) for _ in range(3)]
    lasting = [granted(made, 0.0) for _ in range(3)]
    for permit in working:
        made.worked(permit)
    for permit in lasting:
        made.accepted(permit, 0.0)
    fail(made, REFUSED, 5.0)
    for permit in (*working, *lasting):
        made.failed(permit, UNAVAILABLE, 5.1)
    assert not made.is_tripped


def test_a_quota_is_asked_for_once_a_second() -> None:
    """[STT-22]"""
    made = breaker()
    fail(made, EXHAUSTED, 10.0)
    assert made.ask(10.99) is None
    assert not made.is_tripped
    fail(made, EXHAUSTED, 11.0)
    fail(made, EXHAUSTED, 12.0)
    assert made.is_tripped


def test_after_a_pause_one_is_let_through_and_its_result_closes_it() -> None:
    made = opened_at(0.0)
    assert made.ask(4.9) is None
    trial = granted(made, 5.0)
    assert made.ask(5.1) is None
    made.accepted(trial, 5.1)
    made.worked(trial)
    assert not made.is_tripped
    granted(made, 5.2)
    assert made.ask(5.2) is not None


def test_a_trial_that_lives_a_few_seconds_closes_it_without_a_result() -> None:
    """Nobody may be saying anything."""
    made = opened_at(0.0)
    made.accepted(granted(made, 5.0), 5.5)
    assert made.ask(8.4) is None
    assert made.ask(8.5) is not None
    assert not made.is_tripped


def test_one_that_never_opened_proves_nothing_by_waiting() -> None:
    made = opened_at(0.0)
    granted(made, 5.0)
    assert made.ask(500.0) is None


def test_each_trial_that_fails_doubles_the_pause_up_to_a_minute() -> None:
    made = opened_at(0.0)
    now, pauses = 0.0, []
    for _ in range(7):
        began = now
        while made.ask(now) is None:
            now += 0.5
        pauses.append(now - began)
        trial = made._trial
        assert trial is not None
        made.failed(trial, UNAVAILABLE, now)
    assert pauses == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0]


def test_a_caller_who_hangs_up_during_the_trial_neither_closes_it_nor_lengthens_the_pause() -> None:
    made = opened_at(0.0)
    made.ended(granted(made, 5.0), 6.0)
    assert made.is_tripped
    assert made.ask(10.9) is None
    assert made.ask(11.0) is not None


def test_streams_from_before_it_opened_decide_nothing() -> None:
    """With a quota used up, those that have their stream go on well while the next one is refused."""
    made = breaker()
    early = granted(made, 0.0)
    for _ in range(SETTINGS.failures):
        fail(made, REFUSED, 1.0)
    made.worked(early)
    made.failed(early, REFUSED, 2.0)
    made.ended(early, 2.0)
    assert made.is_tripped
    assert made.ask(5.9) is None
    assert made.ask(6.0) is not None


def test_instances_do_not_ask_in_step() -> None:
    assert opened_at(0.0, draw=0.0).ask(4.01) is not None
    assert opened_at(0.0, draw=1.0).ask(5.99) is None


STEP = st.tuples(
    st.sampled_from(["ask", "opened", "worked", "refused", "exhausted", "unavailable", "ended"]),
    st.integers(0, 5),
    st.floats(0.0, 30.0),
)


@given(st.lists(STEP, max_size=80), st.floats(0.0, 1.0))
def test_whatever_happens_there_is_one_trial_at_a_time_a_bounded_pause_and_a_way_back(
    steps: list[tuple[str, int, float]], draw: float
) -> None:
    made, now = Breaker(SETTINGS, lambda: draw), 0.0
    out: list[Permit] = []
    exhausted_at = -10.0
    for what, which, passed in steps:
        now += passed
        if what == "ask":
            permit = made.ask(now)
            if permit is not None:
                assert now - exhausted_at >= SETTINGS.after_exhausted_s
                assert (permit is made._trial) == made.is_tripped
                assert not any(other is made._trial for other in out)
                out.append(permit)
            continue
        if which >= len(out):
            continue
        permit = out[which]
        if what == "opened":
            made.accepted(permit, now)
        elif what == "worked":
            made.worked(permit)
        else:
            out.remove(permit)
            was_tripped = made.is_tripped
            if what == "ended":
                made.ended(permit, now)
            else:
                made.failed(permit, {"refused": REFUSED, "exhausted": EXHAUSTED}.get(what, UNAVAILABLE), now)
                if what == "exhausted" and not was_tripped:
                    exhausted_at = now
    for permit in out:
        made.ended(permit, now)
    longest_s = SETTINGS.longest_pause_s * (1 + SETTINGS.jitter)
    recovered = granted(made, now + longest_s)
    made.accepted(recovered, now + longest_s)
    made.worked(recovered)
    assert not made.is_tripped
    assert made.ask(now + longest_s) is not None
