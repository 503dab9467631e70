"""Turns as people write them become turns as the evaluation reads them."""

import json
from pathlib import Path

import pytest

from evals.turns.items import OWN_SETS, turns_of
from evals.turns.writing import WRITTEN, as_json, rows_of, timed


def test_a_pause_is_as_long_as_it_is_written() -> None:
    words = timed("1", "קוראים לי [0.8] דנה לוי")

    assert [word.text for word in words] == ["קוראים", "לי", "דנה", "לוי"]
    assert words[2].start_s - words[1].end_s == pytest.approx(0.8)
    assert words[1].start_s == words[0].end_s


def test_a_turn_may_begin_with_a_pause() -> None:
    assert timed("1", "[4.0] כן")[0].start_s == 4.0


def test_digits_that_are_spoken_one_by_one_are_one_word() -> None:
    words = timed("1", "052 [0.5] 341")

    assert [word.text for word in words] == ["052", "341"]
    assert words[0].end_s > 0.6


def test_what_a_group_has_in_common_is_in_each_of_its_turns(tmp_path: Path) -> None:
    path = tmp_path / "kind.toml"
    path.write_text(
        '[[group]]\nquestion = "מה?"\nexpect = "yield"\nturns = ["לא", { said = "כן", during = 2.0, again = "כן" }]\n',
        encoding="utf-8",
    )
    plain, other = rows_of(path)

    assert (plain["id"], plain["family"], plain["expect"]) == ("kind-001", "kind", "yield")
    assert (other["expect"], other["during"], other["again"][0]["word"]) == ("yield", 2.0, "כן")
    assert plain["silence_spans"][-1]["start"] == plain["words"][-1]["end"]


@pytest.mark.parametrize("path", sorted(WRITTEN.glob("*.toml")), ids=lambda path: path.stem)
def test_the_sets_are_made_of_what_is_written(path: Path) -> None:
    """`python -m evals.turns.writing` makes them again."""
    made = OWN_SETS / f"{path.stem}.json"
    rows = list(rows_of(path))

    assert json.loads(made.read_text(encoding="utf-8")) == json.loads(as_json(rows))
    assert len(turns_of(made)) == len(rows)
