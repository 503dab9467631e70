"""What can be said of the artefacts without starting them in environments of their own; `make artefacts` does that."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.artefacts.__main__ import Measured, broken_promises, media_service, table
from infra.artefacts.artefact import Started
from infra.artefacts.confinement import Confinement, confinement
from infra.artefacts.terraform_limits import NotFound, memory_bytes
from infra.bundle_functions import ROOT, bundle_all

DOCKERFILE = (ROOT / "Dockerfile").read_text()
TERRAFORM = ROOT / "infra/terraform"

# A start pays for every module, and a caller waits for it.
NOT_NEEDED = {
    "incoming_call": ("google.genai", "google.cloud.logging", "google.cloud.pubsub", "aiohttp", "numpy", "pydantic"),
    "stream_status": ("google.genai", "google.cloud.logging", "google.cloud.pubsub", "aiohttp", "numpy", "pydantic"),
    "summarize": ("google.cloud.logging", "google.cloud.pubsub", "google.cloud.speech", "numpy"),
}
ENVIRON = {
    "INCOMING_CALL_URL": "https://in.example",
    "STREAM_STATUS_URL": "https://st.example",
    "PUBLIC_HOST": "media.example",
    "TWILIO_AUTH_TOKEN": "token",
    "STREAM_TOKEN_SECRET": "secret",
    "GOOGLE_CLOUD_PROJECT": "test",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles")
    bundle_all(ROOT, out)
    return out


@pytest.mark.parametrize("name", NOT_NEEDED)
def test_a_function_imports_nothing_it_does_not_need(bundles: Path, name: str) -> None:
    program = (
        "import sys, functions_framework\n"
        f"functions_framework.create_app({name!r}, 'main.py', 'http')\n"
        "print(*sys.modules)"
    )
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", program],
        cwd=bundles / name,
        env={"PATH": os.environ["PATH"], **ENVIRON},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = ended.stdout.split()
    assert "main" in loaded
    assert [module for module in loaded if module.startswith(NOT_NEEDED[name])] == []


def test_the_image_runs_what_is_proved(tmp_path: Path) -> None:
    proved = media_service(tmp_path)
    (command,) = re.findall(r'^CMD \["(.*)"\]$', DOCKERFILE, re.MULTILINE)
    copied = re.findall(r"^COPY (\w+) (\w+)$", DOCKERFILE, re.MULTILINE)

    assert command.split('", "') == [proved.program, *proved.arguments]
    assert copied == [(name, name) for name in ("calls", "understanding", "media_service")]


def test_the_image_is_built_in_stages_on_a_pinned_python_and_runs_as_nobody_in_particular() -> None:
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${PYTHON}", "${PYTHON}"]
    (user,) = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert int(user) >= 1000
    assert DOCKERFILE.index("USER") < DOCKERFILE.index("CMD")


def test_functions_and_service_run_on_the_same_python() -> None:
    image = re.search(r"^ARG PYTHON=python:(\d+)\.(\d+)\.\d+-slim", DOCKERFILE, re.MULTILINE)
    runtime = re.search(r'default\s+= "python(\d)(\d+)"', (TERRAFORM / "modules/function/variables.tf").read_text())

    assert image
    assert runtime
    assert image.groups() == runtime.groups()


def test_only_what_the_image_copies_is_sent_to_build_it() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert [line for line in lines if not line.startswith("#")] == [
        *("*", "!calls", "!understanding", "!media_service", "!requirements-pip.txt", "**/__pycache__", "**/*.pyc"),
    ]


@pytest.mark.parametrize("deployable", ["media-service", "incoming-call", "stream-status", "summarize"])
def test_the_memory_of_each_deployable_is_found_in_terraform(deployable: str) -> None:
    assert memory_bytes(TERRAFORM, deployable) >= 256 * 2**20


def test_memory_that_terraform_no_longer_names_is_not_guessed() -> None:
    with pytest.raises(NotFound, match=r"functions\.tf"):
        memory_bytes(TERRAFORM, "no-such-function")


def measured(what: str, first_answer_s: float, peak_mib: int) -> Measured:
    slow, quick = (
        Started(first_answer_s + more, peak_mib * 2**20, Confinement(None, unprivileged=True, read_only=True), 0)
        for more in (0.5, 0.0)
    )
    return Measured(what, 512 * 2**20, 0.3, [slow, quick])


def test_a_slow_function_and_a_large_one_are_told() -> None:
    slow, large = measured("incoming-call", 1.1, 100), measured("summarize", 0.5, 300)

    assert broken_promises([slow, large, measured("stream-status", 0.9, 200)]) == [
        "incoming-call: first answer after 1.10 s, more than 1.0 s",
        "summarize: 300 MiB of 512",
    ]


def test_a_service_that_is_started_before_it_is_needed_may_take_longer() -> None:
    assert broken_promises([measured("media-service, ready for calls", 3.0, 100)]) == []


def test_the_best_start_and_the_most_memory_are_shown() -> None:
    assert table([measured("incoming-call", 0.4, 100)]).splitlines()[-1] == (
        "| incoming-call | 0.30 s | 0.40 s | 100 MiB | 512 MiB |"
    )


def test_a_confined_program_has_no_rights_and_can_write_nowhere(tmp_path: Path) -> None:
    """Where we may confine it; elsewhere it must not be claimed that we did."""
    tmp_path.chmod(0o777)
    with confinement("test", 256 * 2**20) as confined:
        command = confined.command("/bin/sh", "-c", "id -u; touch here 2>/dev/null && echo written")
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    started, *told = ended.stdout.splitlines()

    assert started.startswith("started ")
    assert told == (["65534"] if confined.read_only else [str(os.getuid()), "written"])
