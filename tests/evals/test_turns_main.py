"""The command, from a set to its table, figures and pictures."""

import json
import logging
from pathlib import Path

import pytest

from evals.turns.__main__ import main
from evals.turns.items import OWN_SETS

ONE_LAG = ["--lag", "0.1", "--final", "0.35", "--jobs", "1"]


def test_a_set_of_one_s_own_is_played_and_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads((OWN_SETS / "one_word.json").read_text(encoding="utf-8"))[:2]
    path, out, pictures = tmp_path / "mine.json", tmp_path / "out.json", tmp_path / "pictures"
    path.write_text(json.dumps(rows), encoding="utf-8")

    arguments = [str(path), *ONE_LAG, "--no-timer", "--json", str(out), "--pictures", str(pictures)]
    assert main(arguments) == 0

    (run,) = json.loads(out.read_text(encoding="utf-8"))
    assert run["all"]["turns"] == 2
    assert [turn["id"] for turn in run["turns"]] == ["one-word-001", "one-word-002"]
    assert sorted(picture.name for picture in pictures.rglob("*.svg")) == ["one-word-001.svg", "one-word-002.svg"]
    assert "interims 0.1 s behind, finals after 0.35 s" in capsys.readouterr().out


def test_the_timer_alone_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ONE_LAG, "--only", "plain-001", "--timer", "1.5"]) == 0

    assert "the timer alone, 1.5 s" in capsys.readouterr().out


def test_the_log_is_quiet_while_calls_are_played_and_as_it_was_after_that(caplog: pytest.LogCaptureFixture) -> None:
    assert main([*ONE_LAG, "--only", "plain-001", "--no-timer"]) == 0
    assert caplog.records == []

    logging.getLogger("media_service").error("heard again")
    assert [record.message for record in caplog.records] == ["heard again"]


def test_a_set_that_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.json"
    path.write_text("[1]", encoding="utf-8")

    assert main([str(path)]) == 1
    assert "not an object" in capsys.readouterr().err
