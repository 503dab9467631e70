"""Call scripts: what they may say, and that a mistake in one is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.call_script import (
    AwaitHangUp,
    CallScript,
    HangUp,
    Listen,
    Press,
    Say,
    ScriptError,
    Wait,
    load_script,
    parse_script,
)
from local.phrases import phrases
from local.twilio.faults import Fault, FaultKind

CALLS = Path("local/calls")


def test_every_kind_of_step_is_read() -> None:
    script = parse_script(
        {
            "from": "anonymous",
            "pause_s": 1,
            "comfort_noise": True,
            "steps": [
                {"say": "a", "barge_in_after_s": 0.5},
                {"wav": "x.wav", "at_once": True},
                {"wait_s": 2},
                {"listen": True},
                {"dtmf": "1#"},
                {"await_hang_up": 5},
                {"hang_up": True},
            ],
            "faults": [{"kind": "reset", "at_s": 1.5, "leg": 2}],
        },
        Path("folder"),
    )
    assert script == CallScript(
        from_number="anonymous",
        pause_s=1.0,
        comfort_noise=True,
        steps=(
            Say("a", barge_in_after_s=0.5),
            Say("x.wav", wav=Path("folder/x.wav"), at_once=True),
            Wait(2.0),
            Listen(),
            Press("1#"),
            AwaitHangUp(5.0),
            HangUp(),
        ),
        faults=(Fault(FaultKind.RESET, 1.5, 2),),
    )


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"stepz": []}, "stepz"),
        ({"steps": "say"}, "steps"),
        ({"steps": [{"say": "a"}, {"shout": "b"}]}, "steps[1]"),
        ({"steps": [{"say": 1}]}, "steps[0]"),
        ({"steps": [{"say": "a", "loud": True}]}, "loud"),
        ({"steps": [{"wait_s": -1}]}, "steps[0]"),
        ({"steps": [{"wav": 3}]}, "steps[0]"),
        ({"steps": [{"dtmf": "x"}]}, "steps[0]"),
        ({"steps": [{"hang_up": True, "say": "a", "wait_s": 1}]}, "steps[0]"),
        ({"pause_s": "long"}, "pause_s"),
        ({"repeat": True}, "repeat"),
        ({"faults": [{"kind": "nonsense"}]}, "faults[0]"),
    ],
)
def test_a_mistake_is_named(content: dict[str, Any], named: str) -> None:
    with pytest.raises(ScriptError) as error:
        parse_script(content)
    assert named in str(error.value)


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[[steps")
    with pytest.raises(ScriptError, match=r"broken\.toml"):
        load_script(path)


@pytest.mark.parametrize("path", sorted(CALLS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_scripts_that_come_with_it_say_only_what_recognition_here_knows(path: Path) -> None:
    known = {phrase.text for phrase in phrases()}
    script = load_script(path)

    assert script.steps
    said = {step.text for step in script.steps + script.callee if isinstance(step, Say)}
    assert said <= known


def test_the_demonstration_call_talks_over_the_assistant_once() -> None:
    steps = load_script(CALLS / "demo.toml").steps
    assert len([step for step in steps if isinstance(step, Say) and step.barge_in_after_s is not None]) == 1
