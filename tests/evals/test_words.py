"""The scorer: what counts as understood, and what it says of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from calls.events import FieldValue
from evals.words.__main__ import main, report
from evals.words.items import BadSet, Item, items_of, own_items
from evals.words.scoring import Miss, misses
from evals.words.understood import Understood, understand
from media_service.texts import load

TEXTS = load().intake
NUMBER = "+972501234567"
AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def item(expect: dict[str, Any], *texts: str, asked: str = "", **rest: Any) -> Item:
    return Item("1", "kind", texts or ("...",), expect, asked=asked, **rest)


def understood(
    fields: dict[str, FieldValue | str] | None = None,
    before: dict[str, str] | None = None,
    at: datetime | None = None,
    intents: tuple[str, ...] = (),
    asks: str = "",
) -> Understood:
    made = {
        name: found if isinstance(found, FieldValue) else FieldValue(found, 3) for name, found in (fields or {}).items()
    }
    known = {name: FieldValue(value, 1) for name, value in (before or {}).items()}
    return Understood(made, known, (at, None), frozenset(intents), asks)


@pytest.mark.parametrize(
    ("field", "expected", "found", "right"),
    [
        ("phone", "+972521234567", "+972521234567", True),
        ("phone", "052-123-4567", "+972521234567", True),
        ("phone", "+972521234567", "+972521234568", False),
        ("phone", "1-700-500-200", "1700500200", True),
        ("phone", "*2700", "*2700", True),
        ("phone", "*2700", "2700", False),
        ("need", "תיקון מזגן", "אני צריכה תיקון מזגן דחוף", True),
        ("need", "תיקון מזגן", "תיקון מקרר", False),
        ("need", "מזגן, דחוף", "מזגן דחוף", True),
        ("name", "דנה לוי", "דנה  לוי", True),
        ("name", "דנה לוי", "דנה", False),
        ("name", "דנה", "דנה לוי", False),
        ("callback_time", "מחר, בעשר", "מחר בעשר", True),
        ("name", ["דנה", "דנה לוי"], "דנה לוי", True),
        ("name", ["דנה", "דנה לוי"], "לוי", False),
    ],
)
def test_a_value_is_right_as_its_field_is_compared(field: str, expected: object, found: str, right: bool) -> None:
    wrong = misses(item({field: expected}), understood({field: found}))
    assert wrong == ([] if right else [Miss(field, expected, found)])


def test_a_value_that_is_missing_is_wrong() -> None:
    assert misses(item({"name": "דנה"}), understood()) == [Miss("name", "דנה", None)]
    assert misses(item({"name": ["דנה"]}), understood()) != []
    assert misses(item({"name": ["דנה", None]}), understood()) == [], "nothing is one of what is right"
    assert misses(item({"name": ["דנה", None]}), understood({"name": "רון"})) != []


@pytest.mark.parametrize(
    ("found", "before", "right"),
    [
        (None, {}, True),
        ("דנה", {}, False),
        (FieldValue("דנה", 1), {"name": "דנה"}, True),
        (FieldValue("דנה", 1, confirmed=True), {"name": "דנה"}, False),
        (FieldValue("דינה", 3), {"name": "דנה"}, False),
    ],
)
def test_null_is_neither_set_nor_confirmed(found: FieldValue | None, before: dict[str, str], right: bool) -> None:
    fields: dict[str, FieldValue | str] = {} if found is None else {"name": found}
    assert (misses(item({"name": None}), understood(fields, before)) == []) is right


@pytest.mark.parametrize(
    ("expected", "confirmed", "right"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_confirmed_is_about_the_field_that_was_asked(expected: bool, confirmed: bool, right: bool) -> None:
    fields: dict[str, FieldValue | str] = {"phone": FieldValue(NUMBER, 3, confirmed=confirmed), "name": "דנה"}
    assert (misses(item({"confirmed": expected}, asked="phone"), understood(fields)) == []) is right


@pytest.mark.parametrize(
    ("expected", "at", "right"),
    [
        ({"earliest": "2026-01-05T10:00:00+02:00", "latest": "2026-01-05T10:00:00+02:00"}, AT, True),
        ({"earliest": "2026-01-05T10:00:00", "latest": "2026-01-05T11:00:00"}, AT, True),
        ({"earliest": "2026-01-05T10:30:00+02:00", "latest": "2026-01-05T11:00:00+02:00"}, AT, False),
        ({"earliest": "2026-01-05T10:00:00+02:00", "latest": "2026-01-05T11:00:00+02:00"}, None, False),
        (None, None, True),
        (None, AT, False),
    ],
)
def test_a_moment_lies_within_its_bounds(expected: object, at: datetime | None, right: bool) -> None:
    assert (misses(item({"callback_at": expected}), understood(at=at)) == []) is right


@pytest.mark.parametrize(
    ("expected", "intents", "right"),
    [
        ("human", ("human",), True),
        ("human", (), False),
        ("human", ("farewell", "human"), False),
        (None, (), True),
        (None, ("farewell",), False),
    ],
)
def test_an_intent_is_the_only_one(expected: str | None, intents: tuple[str, ...], right: bool) -> None:
    assert (misses(item({"intent": expected}), understood(intents=intents)) == []) is right


def test_the_next_reply_asks_for_another_number_or_does_not() -> None:
    assert misses(item({"reply_asks": "phone_other"}), understood(asks="phone_other")) == []
    assert misses(item({"reply_asks": "phone_other"}), understood(asks="phone")) != []
    assert misses(item({"reply_asks": None}), understood(asks="phone_other")) != []


# What production makes of an item


def test_an_item_is_read_as_a_call_is() -> None:
    made = understand(item({}, "כן", asked="phone", caller_number=NUMBER), TEXTS)
    assert (made.fields["phone"].value, made.fields["phone"].confirmed) == (NUMBER, True)
    refused = understand(item({}, "לא", asked="phone", caller_number=NUMBER), TEXTS)
    assert refused.reply_asks == "phone_other"
    assert "phone" not in refused.fields
    assert understand(item({}, "ביי"), TEXTS).intents == {"farewell"}


def test_a_yes_to_what_is_known_confirms_it() -> None:
    made = understand(item({}, "כן", asked="phone", known={"phone": "+972521234567"}), TEXTS)
    assert made.fields["phone"].confirmed
    assert made.fields["phone"].value == "+972521234567"


def test_utterances_in_a_row_are_one_answer() -> None:
    made = understand(item({}, "אפס חמש שתיים", "אחת שתיים שלוש", "ארבע חמש שש שבע", asked="phone"), TEXTS)
    assert made.fields["phone"].value == "+972521234567"


def test_a_field_named_like_a_kind_is_read_by_it() -> None:
    assert understand(item({}, "039337423", asked="id_number"), TEXTS).fields["id_number"].value == "039337423"


def test_a_field_that_is_told_unasked_is_looked_for_where_it_is_expected() -> None:
    made = understand(item({"id_number": None}, "המזגן לא עובד", asked="need"), TEXTS)
    assert set(made.fields) == {"need"}


# The files and the report


def test_the_projects_own_sets_are_sets() -> None:
    items = own_items()
    assert len(items) >= 300
    assert len({each.id for each in items}) == len(items)
    assert {"fields", "asked", "several", "nothing", "readback"} <= {each.category for each in items}


def _share_right(items: Sequence[Item]) -> float:
    right = [not misses(each, understand(each, TEXTS)) for each in items]
    return sum(right) / len(right)


def test_the_projects_own_sets_are_understood() -> None:
    assert _share_right(own_items()) >= 0.99


@pytest.mark.parametrize(("before", "after"), [("אה, ", ""), ("תראי ", ""), ("", " תודה"), ("טוב אז ", ", תודה רבה")])
def test_hums_and_thanks_around_an_answer_change_nothing(before: str, after: str) -> None:
    """Of every fourth item; but thanks make a farewell of some words."""
    items = [each for each in own_items()[::4] if each.category != "farewells"]
    around = [replace(each, texts=(*each.texts[:-1], f"{before}{each.texts[-1].rstrip('.')}{after}")) for each in items]
    assert _share_right(around) >= 0.99


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("{", "not JSON"),
        ("{}", "not a list"),
        ("[7]", "item 1: not an object"),
        ('[{"id": "a", "expect": {}}]', "item 1 (a): texts is missing"),
        ('[{"id": "a", "text": "שלום"}]', "item 1 (a): expect is missing"),
        ('[{"id": "a", "text": 7, "expect": {}}]', "text is no text"),
        ('[{"id": "a", "text": "שלום", "expect": {}, "now": "tomorrow"}]', "tomorrow"),
    ],
)
def test_a_file_that_is_no_set_says_why(
    tmp_path: Path, written: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "set.json"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(BadSet, match=fault.replace("(", r"\(").replace(")", r"\)")):
        items_of(path)
    assert main([str(path)]) == 1
    assert fault in capsys.readouterr().err


def test_the_report_ends_with_how_many_are_right() -> None:
    right, wrong = item({"name": "דנה"}, "דנה"), item({"name": "דנה"}, "רון", asked="name")
    lines = report([(right, understood(), []), (wrong, understood(), [Miss("name", "דנה", "רון")])])
    assert lines == ["1 [name]: רון: name is 'רון', not 'דנה'", f"{'kind':<24} 1 right, 1 wrong", "1 of 2"]


def test_item_by_item_what_was_understood_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, out = tmp_path / "set.json", tmp_path / "out.json"
    entries = [
        {"id": "a", "category": "c", "text": "קוראים לי דנה", "asked": "name", "expect": {"name": "דנה"}},
        {"id": "b", "category": "c", "texts": ["כן"], "asked": "phone", "expect": {"phone": "+972521234567"}},
    ]
    given.write_text(json.dumps(entries), encoding="utf-8")
    assert main([str(given), "--json", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 of 2"
    first, second = json.loads(out.read_text(encoding="utf-8"))
    assert (first["id"], first["category"], first["right"], first["understood"]["name"]) == ("a", "c", True, "דנה")
    assert (second["right"], second["wrong"]) == (False, ["phone"])
