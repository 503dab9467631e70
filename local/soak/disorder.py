"""Faults of the speech stand-in, one every few seconds, the same ones for the same seed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

_STATUSES: Final = ("UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL")
_BREAKS: Final = ("UNAVAILABLE", "ABORTED", "INTERNAL", "OUT_OF_RANGE", "DEADLINE_EXCEEDED")


@dataclass(frozen=True, slots=True)
class Disorder:
    """What to order from the control port, and how to take it back."""

    name: str
    order: Mapping[str, Any]
    lasts_s: float = 0.0
    take_back: Mapping[str, Any] = field(default_factory=dict)


def _refused(rng: random.Random) -> Disorder:
    """Open streams break, and the next ones that are started are refused."""
    status = rng.choice(_STATUSES)
    broken = {"status": "UNAVAILABLE", "count": rng.randint(1, 3)}
    refusal = {"status": status, "message": "Ordered.", "count": rng.randint(1, 4)}
    return Disorder(f"refuse {status}", {"cut_open": broken, "refuse": refusal})


def _broken(rng: random.Random) -> Disorder:
    return Disorder("break", {"cut_open": {"status": rng.choice(_BREAKS), "count": rng.randint(1, 5)}})


def _broken_soon(rng: random.Random) -> Disorder:
    """The replacements break as well, a moment after they were opened."""
    cut = {"after_s": round(rng.uniform(0.05, 4.0), 2), "status": rng.choice(_BREAKS), "count": rng.randint(1, 4)}
    return Disorder("break the next", {"cut_open": {"status": "ABORTED", "count": 2}, "cut": cut})


def _reset(_: random.Random) -> Disorder:
    return Disorder("reset", {"cut_open": {"status": "RESET", "count": 1}})


def _stalled(rng: random.Random) -> Disorder:
    return Disorder("stall", {"stall_open": {"count": rng.randint(1, 4)}})


def _late_finals(rng: random.Random) -> Disorder:
    delay_s = round(rng.uniform(0.5, 2.5), 2)
    order = {"delay_finals_s": delay_s, "cut_open": {"status": "ABORTED", "count": 3}}
    return Disorder("late finals", order, 3.0, {"delay_finals_s": 0})


def _repeated_finals(_: random.Random) -> Disorder:
    return Disorder("repeated finals", {"repeat_finals": 1}, 4.0, {"repeat_finals": 0})


def _slow_accept(rng: random.Random) -> Disorder:
    order = {"accept_delay_s": round(rng.uniform(0.5, 2.0), 2), "cut_open": {"status": "RESET", "count": 1}}
    return Disorder("slow accept", order, 3.0, {"accept_delay_s": 0})


_KINDS: Final[tuple[Callable[[random.Random], Disorder], ...]] = (
    _refused, _broken, _broken_soon, _reset, _stalled, _late_finals, _repeated_finals, _slow_accept,
)  # fmt: skip


def drawn(rng: random.Random) -> Disorder:
    return rng.choice(_KINDS)(rng)


class Disorders:
    """Orders one fault after another of the stand-in whose control port is at `control` (`host:port`)."""

    def __init__(self, control: str, rng: random.Random, between_s: tuple[float, float]) -> None:
        self._control = control
        self._rng = rng
        self._between_s = between_s
        self.ordered: Counter[str] = Counter()

    async def run(self, note: Callable[[str], None]) -> None:
        """Until cancelled."""
        clock = asyncio.get_running_loop().time
        began = clock()
        while True:
            await asyncio.sleep(self._rng.uniform(*self._between_s))
            fault = drawn(self._rng)
            self.ordered[fault.name] += 1
            note(f"{clock() - began:7.1f}  {fault.name:<24} {dict(fault.order)}")
            await order(self._control, fault.order)
            if fault.take_back:
                await asyncio.sleep(fault.lasts_s)
                await order(self._control, fault.take_back)


async def order(control: str, faults: Mapping[str, Any]) -> None:
    async with aiohttp.request("POST", f"http://{control}/faults", json=dict(faults)) as answer:
        if answer.status != 200:
            raise ValueError(await answer.text())


async def reset(control: str) -> None:
    """Counts to zero, no faults."""
    async with aiohttp.request("POST", f"http://{control}/reset") as answer:
        answer.raise_for_status()


async def state(control: str) -> dict[str, Any]:
    """The stand-in's counts."""
    async with aiohttp.request("GET", f"http://{control}/state") as answer:
        found: dict[str, Any] = await answer.json()
        return found
