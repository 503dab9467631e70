"""The same expectations on Google's emulators, where they are installed, and on our stand-ins for them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from local import emulators
from local.emulators import GOOGLES, STANDINS, Emulators, Installation, find_installation

KINDS = [GOOGLES, STANDINS] if isinstance(find_installation(os.environ), Installation) else [STANDINS]


@pytest.fixture(scope="session", params=KINDS)
def either_pair(request: pytest.FixtureRequest) -> Iterator[Emulators]:
    environ = {**os.environ, "LOCAL_EMULATORS": "standin"} if request.param == STANDINS else dict(os.environ)
    with emulators.running(environ) as pair:
        # Google's that do not start are replaced by stand-ins; here that would hide the failure.
        assert pair.kind == request.param, pair.notice
        yield pair


@pytest.fixture
def project() -> str:
    """One of its own for every test, so that their data never meet."""
    return f"test-{uuid.uuid4().hex[:12]}"
