import asyncio
import inspect
from collections.abc import Callable
from functools import partial

import google.auth.exceptions
import grpc
import pytest
from google.api_core import exceptions as api_exceptions

from media_service.adapters.google_errors import (
    GOOGLE_FAILURES,
    OUTCOME_OF_STATUS,
    is_about_the_configuration,
    vendor_error,
)
from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable

CODES = [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]
API_CALL_ERRORS = [
    each
    for _, each in inspect.getmembers(api_exceptions, inspect.isclass)
    if issubclass(each, api_exceptions.GoogleAPICallError) and each.grpc_status_code is not None
]


def rpc_error(code: grpc.StatusCode, details: str = "because") -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details=details)


def test_every_status_of_grpc_is_mapped() -> None:
    assert set(OUTCOME_OF_STATUS) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_status_decides_whose_fault_it_is(code: grpc.StatusCode) -> None:
    failure = vendor_error(rpc_error(code), "listening")
    assert type(failure) is OUTCOME_OF_STATUS[code]
    assert str(failure) == f"listening: {code.name} because"


@pytest.mark.parametrize("kind", API_CALL_ERRORS)
def test_every_exception_of_the_client_library_is_mapped_like_its_status(
    kind: type[api_exceptions.GoogleAPICallError],
) -> None:
    failure = vendor_error(kind("because"), "listening")
    assert type(failure) is OUTCOME_OF_STATUS[kind.grpc_status_code]


@pytest.mark.parametrize(
    ("code", "details", "expected"),
    [
        ("OUT_OF_RANGE", "Exceeded maximum allowed stream duration of 305 seconds.", VendorUnavailable),
        ("OUT_OF_RANGE", "Audio Timeout Error: Long duration elapsed without audio.", VendorUnavailable),
        ("OUT_OF_RANGE", "Audio data is being streamed too fast.", VendorUnavailable),
        ("ABORTED", "Max duration of 5 minutes reached for stream.", VendorUnavailable),
        ("ABORTED", "Stream timed out after receiving no more client requests.", VendorUnavailable),
        ("UNAVAILABLE", "Stream removed (ping timeout)", VendorUnavailable),
        ("INVALID_ARGUMENT", "The requested model is currently not supported for language : iw-IL.", VendorRefused),
        ("PERMISSION_DENIED", "Cloud Speech-to-Text API has not been used", VendorRefused),
        ("RESOURCE_EXHAUSTED", "Quota exceeded", VendorExhausted),
    ],
)
def test_both_meanings_of_400_are_told_apart(code: str, details: str, expected: type[VendorError]) -> None:
    """The end of a stream's time is no reason to give up on the recognizer."""
    assert type(vendor_error(rpc_error(grpc.StatusCode[code], details), "listening")) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (google.auth.exceptions.DefaultCredentialsError, VendorRefused),
        (google.auth.exceptions.RefreshError, VendorRefused),
        (google.auth.exceptions.TransportError, VendorUnavailable),
        (partial(api_exceptions.RetryError, cause=None), VendorUnavailable),
        (grpc.aio.UsageError, VendorUnavailable),
        (asyncio.InvalidStateError, VendorUnavailable),
        (TimeoutError, VendorUnavailable),
    ],
)
def test_what_has_no_status_is_mapped_too(kind: Callable[[str], Exception], expected: type[VendorError]) -> None:
    error = kind("because")
    assert isinstance(error, GOOGLE_FAILURES)
    assert type(vendor_error(error, "listening")) is expected


def test_only_what_another_model_could_change_is_about_the_configuration() -> None:
    about = {code for code in CODES if is_about_the_configuration(rpc_error(code))}
    assert {code.name for code in about} == {"INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "UNIMPLEMENTED"}
    assert not is_about_the_configuration(TimeoutError())


def test_a_message_is_never_longer_than_a_log_line_should_be() -> None:
    assert len(str(vendor_error(rpc_error(grpc.StatusCode.INTERNAL, "x" * 100_000), "listening"))) < 400
