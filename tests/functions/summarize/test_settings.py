import pytest

from calls.env import BadEnvironment
from functions.summarize.settings import read


def test_the_project_is_all_that_has_to_be_set() -> None:
    settings = read({"GOOGLE_CLOUD_PROJECT": "p"})
    assert settings.gemini
    assert (settings.gemini.model, settings.gemini.location) == ("gemini-3.5-flash-lite", "global")
    assert (settings.gemini.thinking_level, settings.gemini.timeout_s) == ("minimal", 25)
    assert (settings.retention_days, settings.log_transcripts) == (365, False)


def test_script_means_no_model() -> None:
    assert read({"GOOGLE_CLOUD_PROJECT": "p", "REPLY_ENGINE": "script"}).gemini is None


def test_the_thinking_level_can_be_switched_off() -> None:
    settings = read({"GOOGLE_CLOUD_PROJECT": "p", "GEMINI_THINKING_LEVEL": ""})
    assert settings.gemini
    assert settings.gemini.thinking_level == ""


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(BadEnvironment) as told:
        read({"REPLY_ENGINE": "gemni", "RETENTION_DAYS": "0", "REQUEST_TIMEOUT_SEC": "25s"})
    for name in ("GOOGLE_CLOUD_PROJECT", "REPLY_ENGINE", "RETENTION_DAYS", "REQUEST_TIMEOUT_SEC"):
        assert name in str(told.value)
