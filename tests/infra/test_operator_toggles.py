"""What operators set with gcloud is what Terraform is told to want, and nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.operator_toggles import CannotTell, live_environments, set_by_operators

STEERABLE = {"media-service": ["ENABLE_STREAMING_STT", "STT_BATCH_MS"], "summarize": ["REPLY_ENGINE"]}
ROOT = Path(__file__).resolve().parents[2]


def service(name, **variables):
    """As `gcloud run services list --format=json` prints it, as far as it matters."""
    env = [{"name": key, "value": value} if value else {"name": key} for key, value in variables.items()]
    secret = {"name": "TWILIO_AUTH_TOKEN", "valueFrom": {"secretKeyRef": {"key": "1", "name": "twilio-auth-token"}}}
    container = {"image": "i", "env": [*env, secret]}
    return {"metadata": {"name": name}, "spec": {"template": {"spec": {"containers": [container]}}}}


def found(*services):
    return set_by_operators(live_environments(services), STEERABLE)


def test_a_variable_that_only_the_live_service_has_is_the_operators():
    assert found(service("media-service", ENABLE_STREAMING_STT="false")) == {
        "media-service": {"ENABLE_STREAMING_STT": "false"}
    }


def test_a_variable_that_stands_as_it_was_committed_is_not():
    """A later commit must be able to change it."""
    assert found(service("media-service", STT_BATCH_MS="60", COMMITTED_ENVIRONMENT='{"STT_BATCH_MS":"60"}')) == {}


def test_a_committed_variable_that_was_changed_is_the_operators():
    assert found(service("media-service", STT_BATCH_MS="100", COMMITTED_ENVIRONMENT='{"STT_BATCH_MS":"60"}')) == {
        "media-service": {"STT_BATCH_MS": "100"}
    }


def test_a_variable_that_was_removed_is_given_back():
    assert found(service("media-service", COMMITTED_ENVIRONMENT='{"STT_BATCH_MS":"60"}')) == {}


def test_an_operator_may_empty_a_variable():
    """STREAM_STATUS_EVENTS= means something else than leaving it out."""
    assert found(service("media-service", ENABLE_STREAMING_STT="")) == {"media-service": {"ENABLE_STREAMING_STT": ""}}


def test_what_the_system_fixes_cannot_be_steered():
    """Neither into another project nor past the signature check, nor may a secret come into a file."""
    assert found(service("media-service", GOOGLE_CLOUD_PROJECT="other", ALLOW_UNSIGNED_TWILIO="true")) == {}


def test_each_deployable_keeps_its_own():
    assert found(
        service("media-service", REPLY_ENGINE="script"),
        service("summarize", REPLY_ENGINE="script"),
        service("somebody-elses", REPLY_ENGINE="script"),
    ) == {"summarize": {"REPLY_ENGINE": "script"}}


def test_before_the_first_deployment_nothing_is_the_operators():
    assert found() == {}


@pytest.mark.parametrize("committed", ["not json", "[1]"])
def test_a_record_that_cannot_be_read_stops_everything(committed):
    """Guessing would either undo an operator or make a commit an operator's for ever."""
    with pytest.raises(CannotTell):
        found(service("media-service", COMMITTED_ENVIRONMENT=committed))


def test_a_service_that_cannot_be_read_stops_everything():
    with pytest.raises(CannotTell):
        live_environments([{"metadata": {"name": "media-service"}}])


def run(tmp_path, gcloud):
    """The program itself, with `gcloud` a script of these lines."""
    executable = tmp_path / "gcloud"
    executable.write_text(f"#!/bin/sh\necho \"$@\" > '{tmp_path}/asked'\n{gcloud}\n", encoding="utf-8")
    executable.chmod(0o755)
    out = tmp_path / "operator.auto.tfvars.json"
    command = [sys.executable, "-m", "infra.operator_toggles", "--project", "p", "--region", "me-west1", "--out", out]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    # Our own program.
    return subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    ), out


def test_the_program_writes_what_terraform_reads_by_itself(tmp_path):
    listed = tmp_path / "listed.json"
    listed.write_text(json.dumps([service("media-service", ENABLE_STREAMING_STT="false", GREETING_TEXT="שלום")]))

    ended, out = run(tmp_path, f"cat '{listed}'")

    assert ended.returncode == 0
    assert json.loads(out.read_text(encoding="utf-8")) == {
        "operator_toggles": {"media-service": {"ENABLE_STREAMING_STT": "false", "GREETING_TEXT": "שלום"}}
    }
    assert "media-service: ENABLE_STREAMING_STT=false is an operator's and stays" in ended.stdout
    assert (tmp_path / "asked").read_text().split() == (
        ["run", "services", "list", "--project", "p", "--region", "me-west1", "--format", "json", "--quiet"]
    )


def test_what_no_operator_sets_any_more_is_taken_out(tmp_path):
    (tmp_path / "operator.auto.tfvars.json").write_text(
        '{"operator_toggles": {"media-service": {"STT_BATCH_MS": "1"}}}'
    )

    _, out = run(tmp_path, "echo '[]'")

    assert json.loads(out.read_text()) == {"operator_toggles": {}}


@pytest.mark.parametrize("gcloud", ["exit 1", "echo nonsense", "echo '{}'"])
def test_a_gcloud_that_fails_stops_the_plan(tmp_path, gcloud):
    """Rather no deployment than one that silently takes back what an operator has set."""
    ended, out = run(tmp_path, gcloud)

    assert ended.returncode == 1
    assert not out.exists()
    assert "Do not apply" in ended.stderr
