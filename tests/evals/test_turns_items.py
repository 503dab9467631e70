"""Sets of turns: what a file may hold, and what is made of one that has nothing but the schema's fields."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.turns.items import ANSWER, CONTINUE, GO_ON, YIELD, BadSet, Turn, own_turns, turns_of

FAMILIES = {
    "plain",
    "hesitating",
    "dictating",
    "one word",
    "yes-but",
    "self-correction",
    "back-channel",
    "interruption",
    "noise",
    "side talk",
    "echo",
    "phantom results",
    "never-final",
    "late final",
    "over the greeting",
    "over the goodbye",
}
ROW: dict[str, Any] = {
    "id": "1",
    "language": "he",
    "messages": [
        {"role": "user", "content": "שלום"},
        {"role": "assistant", "content": "איך קוראים לכם?"},
    ],
    "words": [
        {"word": "קוראים", "start": 0.1, "end": 0.5},
        {"word": "לי", "start": 0.5, "end": 0.7},
        {"word": "דנה", "start": 1.5, "end": 1.9},
    ],
    "silence_spans": [{"start": 0.7, "end": 1.5}, {"start": 1.9, "end": 3.9}],
}


def read(tmp_path: Path, *rows: Any, name: str = "set.json") -> list[Turn]:
    path = tmp_path / name
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return turns_of(path)


def test_a_file_with_the_fields_of_the_schema_alone_is_a_set(tmp_path: Path) -> None:
    (turn,) = read(tmp_path, ROW)

    assert (turn.question, turn.opener, turn.text) == ("איך קוראים לכם?", "שלום", "קוראים לי דנה")
    assert (turn.start_s, turn.end_s, turn.pauses) == (0.1, 1.9, [(0.7, 1.5)])
    assert (turn.expect, turn.during_s, turn.family) == (ANSWER, None, "set")


def test_a_file_may_have_an_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(json.dumps({**ROW, "id": str(number)}) for number in range(3)), encoding="utf-8")

    assert [turn.id for turn in turns_of(path)] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("family", "expect", "is_over_the_assistant"),
    [
        ("back-channel", CONTINUE, True),
        ("interruption", YIELD, True),
        ("over the greeting", ANSWER, True),
        ("yes-but", GO_ON, False),
        ("plain", ANSWER, False),
    ],
)
def test_what_is_expected_follows_from_the_family_where_nothing_else_says_it(
    tmp_path: Path, family: str, expect: str, is_over_the_assistant: bool
) -> None:
    (turn,) = read(tmp_path, {**ROW, "family": family})

    assert turn.expect == expect
    assert (turn.during_s is not None) is is_over_the_assistant


def test_a_turn_that_says_when_it_begins_says_the_rest_as_well(tmp_path: Path) -> None:
    """The same word that is a back-channel elsewhere answers a question here."""
    (turn,) = read(tmp_path, {**ROW, "family": "back-channel", "during": -0.3})

    assert (turn.expect, turn.during_s) == (ANSWER, -0.3)


def test_words_that_overlap_a_little_follow_each_other(tmp_path: Path) -> None:
    words = [{"word": "א", "start": 0, "end": 0.55}, {"word": "ב", "start": 0.5, "end": 1}]
    (turn,) = read(tmp_path, {**ROW, "words": words})

    assert [(word.start_s, word.end_s) for word in turn.words] == [(0.0, 0.5), (0.5, 1.0)]


def test_words_that_the_final_changes_are_known_as_it_has_them(tmp_path: Path) -> None:
    (turn,) = read(tmp_path, {**ROW, "recognizer": {"changed": {"דנה": "דינה"}}})

    assert turn.final_text == "קוראים לי דינה"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"words": None}, "NoneType"),
        ({"words": []}, "no words"),
        ({"words": [{"word": "א", "start": 1.0, "end": 0.5}]}, "ends before"),
        (
            {"words": [{"word": "א", "start": 1, "end": 2}, {"word": "ב", "start": 0.5, "end": 3}]},
            "before the one before",
        ),
        ({"words": [{"start": 0, "end": 1}]}, "text is missing"),
        ({"expect": "everything"}, "expect"),
        ({"echo": {"dbfs": -30}}, "delay is missing"),
    ],
)
def test_what_is_wrong_with_a_turn_is_told_with_its_name(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSet, match=rf"set.json, turn 1 \(1\).*{why}"):
        read(tmp_path, {**ROW, **change})


def test_a_file_that_is_no_json_is_told(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text("[{", encoding="utf-8")

    with pytest.raises(BadSet, match="not JSON"):
        turns_of(path)


def test_the_project_s_own_set_has_all_families_and_more_than_five_hundred_turns() -> None:
    turns = own_turns()

    assert {turn.family for turn in turns} == FAMILIES
    assert len(turns) >= 500
    assert len({turn.id for turn in turns}) == len(turns)
