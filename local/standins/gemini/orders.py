"""How requests are to be answered, as ordered at the control port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from local.standins.control import change

Flaw = Literal["none", "cut", "no_finish", "bad_line", "html", "no_candidates", "hang"]


@dataclass(frozen=True, slots=True)
class Order:
    """The answer to one request."""

    text: str | None = None
    """None: what the stand-in answers by itself."""
    status: int = 200
    message: str = "ordered by the control port"
    finish_reason: str = "STOP"
    """With `SAFETY` and its like there is no text; with `MAX_TOKENS` half of it."""
    flaw: Flaw = "none"
    """`cut` breaks the connection half-way, `no_finish` ends without a finish reason, `bad_line` sends what is no
    JSON, `html` answers 200 with a page, `no_candidates` sends none, `hang` stops after the first piece."""
    first_delay_s: float | None = None
    chunk_delay_s: float | None = None
    """None: the delays the stand-in was started with."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Settings that may be changed at the control port."""

    script: list[Mapping[str, Any]] = field(default_factory=list)
    """Orders for the next requests, one each."""
    always: Order | None = None
    """For requests beyond the script."""
    retired_models: list[str] = field(default_factory=lambda: ["gemini-2.5", "gemini-2.0", "gemini-1."])
    """Models with these beginnings answer 404."""
    refused_thinking: bool = False
    """Answer 400 to requests that set a thinking level."""

    def changed(self, values: Mapping[str, Any]) -> Orders:
        """Raises `ValueError` or `TypeError` for what is no order."""
        orders: Orders = change(self, values, {"always": Order})
        for order in orders.script:
            Order(**order)
        return orders

    def next(self) -> tuple[Order, Orders]:
        """The order for a request, and what is left for those after it."""
        if self.script:
            first, *rest = self.script
            return Order(**first), change(self, {"script": rest}, {})
        return self.always or Order(), self
