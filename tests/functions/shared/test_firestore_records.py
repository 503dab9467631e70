"""Every way in which Firestore fails is one error to the functions, without a word of its text."""

import time
from typing import Any

import pytest
from google.api_core import exceptions
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError

from calls.missing_records import Documents
from functions.shared.errors import RecordsUnavailable
from functions.shared.firestore_records import FirestoreRecords

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


def never(_: Documents) -> Any:
    raise AssertionError("nothing was read, so nothing can be decided")


def attempt(client: FailingClient, give_up_after_s: float) -> RecordsUnavailable:
    records = FirestoreRecords("test", make_client=client)
    with pytest.raises(RecordsUnavailable) as failure:
        records.change("CA1", "972501234567", never, time.monotonic() + give_up_after_s)
    assert failure.value.__suppress_context__, "a traceback would show what it hides"
    return failure.value


@pytest.mark.parametrize("error", [*AGAIN, *FINAL])
def test_a_failure_is_told_by_its_kind_alone(error: type[Exception]) -> None:
    assert str(attempt(FailingClient(error), give_up_after_s=0)) == error.__name__


@pytest.mark.parametrize("error", AGAIN)
def test_what_may_pass_is_tried_again(error: type[Exception]) -> None:
    client = FailingClient(error)
    attempt(client, give_up_after_s=0.1)
    assert client.times > 1


@pytest.mark.parametrize("error", FINAL)
def test_what_will_not_pass_is_not_tried_again(error: type[Exception]) -> None:
    client = FailingClient(error)
    attempt(client, give_up_after_s=60)
    assert client.times == 1


def test_warming_up_fails_the_same_way() -> None:
    with pytest.raises(RecordsUnavailable, match="ServiceUnavailable"):
        FirestoreRecords("test", make_client=FailingClient(exceptions.ServiceUnavailable)).warm()


@pytest.mark.parametrize("error", [*AGAIN, *FINAL])
def test_only_what_is_wrong_with_the_content_is_wrong_for_good(error: type[Exception]) -> None:
    """Missing permission, too: somebody will give it."""
    failure = attempt(FailingClient(error), give_up_after_s=0)
    assert failure.permanent is (error is exceptions.InvalidArgument)


def test_each_request_is_bounded_by_what_is_left_of_the_time() -> None:
    bounds: list[float] = []

    def work(_: Any, timeout_s: float) -> None:
        bounds.append(timeout_s)
        time.sleep(0.05)
        raise exceptions.ServiceUnavailable("away")

    records = FirestoreRecords("test", request_timeout_s=0.3, make_client=lambda **_: None)
    with pytest.raises(RecordsUnavailable):
        records.run(work, time.monotonic() + 0.5)
    assert len(bounds) > 1
    assert bounds[0] == 0.3
    assert all(0.1 <= bound <= 0.3 for bound in bounds)
    assert bounds == sorted(bounds, reverse=True)
