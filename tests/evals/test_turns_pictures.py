"""The picture of a call."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from evals.turns.call import play
from evals.turns.handset import Heard
from evals.turns.items import Turn
from evals.turns.pictures import picture, write_picture
from evals.turns.recognizer import Lags
from evals.turns.simulation import Conditions
from evals.turns.trace import Closed, Trace
from evals.turns.writing import timed

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def trace() -> Trace:
    turn = Turn("kind-001", "kind", "מה הכתובת?", "שלום", tuple(timed("1", "רחוב הרצל [0.8] בחולון")))
    return play(turn, Conditions(Lags(0.1, 0.35)))


def texts(drawn: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(drawn).iter(f"{SVG}text")]  # noqa: S314 (ours)


def boxes(drawn: str, kind: str) -> list[ElementTree.Element]:
    return [each for each in ElementTree.fromstring(drawn).iter(f"{SVG}rect") if each.get("class") == kind]  # noqa: S314


def test_both_sides_of_a_call_stand_in_its_picture(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "call.svg"
    write_picture(path, trace, ["cut <in>"])
    drawn = path.read_text(encoding="utf-8")

    assert len(boxes(drawn, "word")) == 3
    assert boxes(drawn, "question")
    assert boxes(drawn, "reply")
    assert {"kind-001 (answer)", "cut <in>", "בחולון"} <= set(texts(drawn))


def test_what_happens_later_stands_further_to_the_right(trace: Trace) -> None:
    at = [float(box.get("x", "0")) for box in boxes(picture(trace, []), "word")]

    assert at == sorted(at)
    assert at[2] - at[0] > 100


def test_a_decision_stands_there_with_its_reason(trace: Trace) -> None:
    trace.closed.append(Closed(trace.over_at + 0.2, "בחולון", "complete answer"))

    assert "בחולון (complete answer)" in texts(picture(trace, []))


def test_what_was_held_and_resumed_can_be_seen(trace: Trace) -> None:
    (first, *_) = trace.of_question
    trace.heard.append(Heard(first.clip, 0.0, first.end + 0.9, first.end + 1.5))

    assert len(boxes(picture(trace, []), "held")) == 1
