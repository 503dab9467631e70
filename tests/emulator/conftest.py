"""One pair of emulators for the whole test run, and a project of its own for every test.

Data of different projects never meet, so the tests need no cleaning up.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from local import emulators
from local.emulators import Emulators


@pytest.fixture(scope="session")
def emulator_pair() -> Iterator[Emulators]:
    with emulators.running() as pair:
        yield pair


@pytest.fixture
def firestore_project(emulator_pair: Emulators, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh project id; Firestore's client libraries reach the emulator and use this project by default."""
    return _new_project(monkeypatch, "FIRESTORE_EMULATOR_HOST", emulator_pair.firestore_host)


@pytest.fixture
def pubsub_project(emulator_pair: Emulators, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh project id; Pub/Sub's client libraries reach the emulator.

    With `firestore_project` in the same test, the project set last is the default one: pass the ids explicitly.
    """
    return _new_project(monkeypatch, "PUBSUB_EMULATOR_HOST", emulator_pair.pubsub_host)


def _new_project(monkeypatch: pytest.MonkeyPatch, variable: str, host: str) -> str:
    project = f"test-{uuid.uuid4().hex[:12]}"
    monkeypatch.setenv(variable, host)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
    return project
