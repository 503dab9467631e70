"""Whose fault a failed request to a Google API is, for every way in which the client libraries tell it."""

from __future__ import annotations

import asyncio
from typing import Final

import google.auth.exceptions
import grpc
from google.api_core import exceptions as api_exceptions

from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable

_LONGEST_DETAIL: Final = 300

# By status, never by text: the texts differ between versions and change without notice. 400 is two things.
# OUT_OF_RANGE is about the stream (its longest duration, no audio, audio too fast): a new one works.
# INVALID_ARGUMENT is about what we ask for.
OUTCOME_OF_STATUS: Final[dict[grpc.StatusCode, type[VendorError]]] = {
    grpc.StatusCode.CANCELLED: VendorUnavailable,
    grpc.StatusCode.UNKNOWN: VendorUnavailable,
    grpc.StatusCode.INVALID_ARGUMENT: VendorRefused,
    grpc.StatusCode.DEADLINE_EXCEEDED: VendorUnavailable,
    grpc.StatusCode.NOT_FOUND: VendorRefused,
    grpc.StatusCode.ALREADY_EXISTS: VendorRefused,
    grpc.StatusCode.PERMISSION_DENIED: VendorRefused,
    grpc.StatusCode.RESOURCE_EXHAUSTED: VendorExhausted,
    grpc.StatusCode.FAILED_PRECONDITION: VendorRefused,
    grpc.StatusCode.ABORTED: VendorUnavailable,
    grpc.StatusCode.OUT_OF_RANGE: VendorUnavailable,
    grpc.StatusCode.UNIMPLEMENTED: VendorRefused,
    grpc.StatusCode.INTERNAL: VendorUnavailable,
    grpc.StatusCode.UNAVAILABLE: VendorUnavailable,
    grpc.StatusCode.DATA_LOSS: VendorUnavailable,
    grpc.StatusCode.UNAUTHENTICATED: VendorRefused,
}

_CONFIGURATION: Final = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)

GOOGLE_FAILURES: Final = (
    grpc.RpcError,
    api_exceptions.GoogleAPIError,
    google.auth.exceptions.GoogleAuthError,
    # What grpc.aio raises for a channel that was closed, and for writing to a request that has ended.
    grpc.aio.UsageError,
    asyncio.InvalidStateError,
    TimeoutError,
)
"""What a request to Google may raise, besides `CancelledError`."""


def status_of(error: BaseException) -> grpc.StatusCode | None:
    """The gRPC status an exception stands for; None if it has none."""
    if isinstance(error, grpc.RpcError):
        code = getattr(error, "code", None)
        return code() if callable(code) else None
    if isinstance(error, api_exceptions.GoogleAPICallError):
        return error.grpc_status_code
    return None


def is_about_the_configuration(error: BaseException) -> bool:
    """Whether asking for something else (another model) may be answered where this was refused."""
    return status_of(error) in _CONFIGURATION


def may_hide_a_refusal(error: BaseException) -> bool:
    """Whether this is what a refusal looks like that arrived while something was being written (grpc#36066): the
    server's own word for it is lost, so one alone proves nothing."""
    return status_of(error) is grpc.StatusCode.INTERNAL


def credentials_are_refused(error: BaseException) -> bool:
    """Whether there are no credentials or Google does not take them, as opposed to not being reached."""
    return (
        isinstance(error, google.auth.exceptions.GoogleAuthError)
        and not isinstance(error, google.auth.exceptions.TransportError)
        and not error.retryable
    )


def vendor_error(error: BaseException, doing: str) -> VendorError:
    """The error of ours for one of `GOOGLE_FAILURES`. Raise it `from` the original."""
    status = status_of(error)
    if status is not None:
        details = getattr(error, "details", None)
        text = str(details()) if callable(details) else str(getattr(error, "message", ""))
        return OUTCOME_OF_STATUS[status](f"{doing}: {status.name} {text[:_LONGEST_DETAIL]}")
    if credentials_are_refused(error):
        return VendorRefused(f"{doing}: {type(error).__name__} {str(error)[:_LONGEST_DETAIL]}")
    return VendorUnavailable(f"{doing}: {type(error).__name__} {str(error)[:_LONGEST_DETAIL]}")
