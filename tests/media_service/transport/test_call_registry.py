import asyncio
from dataclasses import dataclass, field

from evals.virtual_clock import run
from media_service.transport.call_registry import CallRegistry


@dataclass(eq=False)
class Call:
    leg: int = 1
    told: list[str] = field(default_factory=list)

    def supersede(self) -> None:
        self.told.append("supersede")

    def drain(self) -> None:
        self.told.append("drain")


def test_sockets_count_before_they_say_which_call_they_are() -> None:
    registry = CallRegistry(max_calls=2)
    with registry.socket():
        assert registry.has_room
        with registry.socket():
            assert registry.calls == 2
            assert not registry.has_room
        assert registry.has_room
    assert registry.calls == 0


def test_a_later_leg_takes_over_and_an_earlier_or_equal_one_is_refused() -> None:
    registry = CallRegistry(10)
    first, again, second = Call(1), Call(1), Call(2)

    assert registry.admit("CA1", first)
    assert not registry.admit("CA1", again)
    assert registry.admit("CA1", second)
    assert first.told == ["supersede"]
    assert not registry.admit("CA1", Call(1))
    assert registry.admit("CA2", Call(1))


def test_a_leg_that_was_taken_over_does_not_sign_off_the_one_after_it() -> None:
    registry = CallRegistry(10)
    first, second = Call(1), Call(2)
    registry.admit("CA1", first)
    registry.admit("CA1", second)
    registry.leave("CA1", first)

    assert not registry.admit("CA1", Call(2))
    registry.leave("CA1", second)
    assert registry.admit("CA1", Call(1))


def test_draining_ends_the_calls_there_are_and_waits_for_them() -> None:
    async def scenario() -> None:
        registry, call = CallRegistry(10), Call()
        with registry.socket():
            registry.admit("CA1", call)
            drained = asyncio.create_task(registry.drain(within_s=5.0))
            await asyncio.sleep(1.0)
            assert call.told == ["drain"]
            assert registry.draining
            assert not registry.has_room
            assert not drained.done()
        assert await drained

    run(scenario())


def test_a_call_that_slips_in_during_the_drain_is_ended_as_well() -> None:
    async def scenario() -> None:
        registry, call = CallRegistry(10), Call()
        assert await registry.drain(within_s=1.0)
        assert registry.admit("CA1", call)
        assert call.told == ["drain"]

    run(scenario())


def test_a_call_that_does_not_end_holds_the_drain_no_longer_than_allowed() -> None:
    async def scenario() -> None:
        registry = CallRegistry(10)
        with registry.socket():
            began = asyncio.get_running_loop().time()
            assert not await registry.drain(within_s=8.0)
            assert 7.9 < asyncio.get_running_loop().time() - began < 8.1

    run(scenario())
