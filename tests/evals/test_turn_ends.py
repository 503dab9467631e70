import json

import pytest

from evals.turn_ends.__main__ import main, report
from evals.turn_ends.items import OWN_SETS, BadSet, Item, items_of
from understanding.turn_end import TurnEnd, TurnReading


def test_the_project_s_own_sets_can_be_read_and_name_each_point_once() -> None:
    items = [item for path in OWN_SETS.glob("*.json") for item in items_of(path)]
    assert len({item.id for item in items}) == len(items) > 900


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("{}", "not a list"),
        ("[1]", "item 1: not an object"),
        ('[{"id": "a", "text": "כן"}]', "item 1: end is missing"),
        ('[{"id": "a", "text": "כן", "end": "never"}]', "item 1: 'never'"),
    ],
)
def test_a_set_that_cannot_be_read_says_where(tmp_path, content: str, message: str, capsys) -> None:
    path = tmp_path / "set.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadSet, match=message):
        items_of(path)
    assert main([str(path)]) == 1
    assert message in capsys.readouterr().err


def test_what_is_told_otherwise_is_listed_and_counted() -> None:
    told = [
        (Item("a", "אני צריכה", TurnEnd.OPEN), TurnReading(TurnEnd.COMPLETE, "wrong")),
        (Item("b", "כן", TurnEnd.COMPLETE), TurnReading(TurnEnd.COMPLETE, "yes")),
        (Item("c", "כן", TurnEnd.ORDINARY), TurnReading(TurnEnd.OPEN, "late")),
    ]
    lines = report("set", told)
    assert lines[0] == "a: אני צריכה: complete (wrong), not open"
    assert lines[-1] == (
        "1 of 3 as labelled; complete where it waits: 1, where it is ordinary: 0; waits where it could answer: 1"
    )


def test_it_prints_a_table_of_a_set(tmp_path, capsys) -> None:
    path = tmp_path / "mine.json"
    item = {"id": "a", "text": "דירה", "asked": "home", "kind": "choice", "choices": ["דירה"], "end": "complete"}
    path.write_text(json.dumps([item]), encoding="utf-8")
    assert main([str(path), "--json", str(tmp_path / "out.json")]) == 0
    out = capsys.readouterr().out
    assert "mine: " in out
    assert "1 of 1 as labelled" in out
    told = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert told == [{"id": "a", "end": "complete", "why": "one of the choices"}]
