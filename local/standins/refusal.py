"""Requests that a service does not go on with, as gRPC statuses: by its own rules, or because it was told to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import grpc


class Refused(Exception):
    """Ends the request with this status."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> Refused:
    return Refused(grpc.StatusCode.INVALID_ARGUMENT, message)


async def end_with(refused: Refused, context: grpc.aio.ServicerContext[Any, Any]) -> None:
    await context.abort(refused.code, refused.message)


@dataclass(slots=True)
class Refusal:
    """An order to refuse requests at their start."""

    status: str = "UNAVAILABLE"
    message: str = "The service is currently unavailable."
    count: int | None = None
    """How many requests; null means all until told otherwise."""

    def __post_init__(self) -> None:
        status_code(self.status)

    def strike(self) -> None:
        """Raise `Refused` if it is this request's turn."""
        if take(self):
            raise Refused(status_code(self.status), self.message)


class Counted(Protocol):
    """A fault that strikes a number of requests, or all."""

    count: int | None


def take(fault: Counted) -> bool:
    """Whether the fault strikes this request; counts it."""
    if fault.count == 0:
        return False
    if fault.count is not None:
        fault.count -= 1
    return True


def status_code(name: str) -> grpc.StatusCode:
    """Raises `ValueError` if gRPC has no status of this name."""
    if name not in grpc.StatusCode.__members__:
        raise ValueError(f"no gRPC status {name!r}")
    return grpc.StatusCode[name]
