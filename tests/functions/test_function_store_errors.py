"""Every way in which Firestore fails is one error to the functions, without a word of its text."""

import time
from typing import Any

import pytest
from google.api_core import exceptions
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError

from functions.incoming_call import store as incoming_call
from functions.incoming_call.decisions import Decision, Documents
from functions.stream_status import store as stream_status

AGAIN = [
    exceptions.Aborted,
    exceptions.AlreadyExists,
    exceptions.Conflict,
    exceptions.DeadlineExceeded,
    exceptions.FailedPrecondition,
    exceptions.InternalServerError,
    exceptions.NotFound,
    exceptions.ResourceExhausted,
    exceptions.ServiceUnavailable,
]
FINAL = [
    exceptions.Cancelled,
    exceptions.Forbidden,
    exceptions.InvalidArgument,
    exceptions.PermissionDenied,
    exceptions.Unauthenticated,
    exceptions.Unknown,
    DefaultCredentialsError,
    RefreshError,
    TransportError,
    ConnectionRefusedError,
]


class FailingClient:
    """Counts how often it was asked for."""

    def __init__(self, error: type[Exception]) -> None:
        self._error = error
        self.times = 0

    def __call__(self, **_: object) -> Any:
        self.times += 1
        raise self._error("documents/leads/972501234567")


def never(_: Documents) -> Decision:
    raise AssertionError("nothing was read, so nothing can be decided")


def attempt(module: Any, client: FailingClient, give_up_after_s: float) -> str:
    records = module.FirestoreRecords("test", client)
    with pytest.raises(module.RecordsUnavailable) as failure:
        records.change("CA1", "972501234567", never, time.monotonic() + give_up_after_s)
    assert failure.value.__suppress_context__, "a traceback would show what it hides"
    return str(failure.value)


@pytest.mark.parametrize("module", [incoming_call, stream_status])
@pytest.mark.parametrize("error", [*AGAIN, *FINAL])
def test_a_failure_is_told_by_its_kind_alone(module: Any, error: type[Exception]) -> None:
    assert attempt(module, FailingClient(error), give_up_after_s=0) == error.__name__


@pytest.mark.parametrize("module", [incoming_call, stream_status])
@pytest.mark.parametrize("error", AGAIN)
def test_what_may_pass_is_tried_again(module: Any, error: type[Exception]) -> None:
    client = FailingClient(error)
    attempt(module, client, give_up_after_s=0.1)
    assert client.times > 1


@pytest.mark.parametrize("module", [incoming_call, stream_status])
@pytest.mark.parametrize("error", FINAL)
def test_what_will_not_pass_is_not_tried_again(module: Any, error: type[Exception]) -> None:
    client = FailingClient(error)
    attempt(module, client, give_up_after_s=60)
    assert client.times == 1


@pytest.mark.parametrize("module", [incoming_call, stream_status])
def test_warming_up_fails_the_same_way(module: Any) -> None:
    with pytest.raises(module.RecordsUnavailable, match="ServiceUnavailable"):
        module.FirestoreRecords("test", FailingClient(exceptions.ServiceUnavailable)).warm()
