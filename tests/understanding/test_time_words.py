import pytest

from tests.understanding.hebrew import HEBREW
from understanding.time_words import KINDS, may_wish_for_call, plain_text, time_words, tokens_in


def _read(text: str) -> list[tuple[str, str, set[str]]]:
    return [(token.kind, token.value, set(token.prefix)) for token in tokens_in(text, HEBREW.times)]


def test_a_word_is_found_behind_its_prefixes() -> None:
    assert _read("ושבבוקר") == [("part", "morning", {"and", "that", "at"})]
    assert _read("מחר") == [("day", "1", set())]
    assert _read("משלוש") == [("unit", "3", {"from"})]
    assert _read("בשש") == [("unit", "6", {"at"})]


@pytest.mark.parametrize("text", ["ב-10", "ב10", "ב 10", "ב־10"])
def test_a_number_is_found_behind_its_prefix_however_it_is_joined(text: str) -> None:
    assert _read(text) == [("digits", "10", {"at"})]


def test_the_longest_phrase_counts() -> None:
    assert _read("אחרי הצהריים") == [("part", "afternoon", set())]
    assert _read("אחרי שלוש")[0] == ("bound", "after", set())
    assert _read("ערב טוב")[0][0] == "greeting"


def test_spellings_with_one_yod_or_vav_and_with_two_are_one() -> None:
    assert _read("בצהרים") == _read("בצהריים")
    assert _read("שתיים") == _read("שתים")
    assert _read("מחרתים") == _read("מחרתיים")


def test_a_letter_after_day_is_no_prefix_of_a_number() -> None:
    assert _read("יום ב 10") == [("weekday", "monday", set()), ("digits", "10", set())]


def test_today_at_eleven_is_not_monday() -> None:
    assert _read("היום ב-11") == [("day", "0", set()), ("digits", "11", {"at"})]


def test_a_token_stands_where_it_was_said() -> None:
    text = "אה, ב-10 מחר"
    assert [text[token.start : token.end] for token in tokens_in(text, HEBREW.times)] == ["אה", ",", "ב-10", "מחר"]


def test_niqqud_and_marks_of_direction_are_left_out() -> None:
    assert plain_text("\u200fבְּעֶשֶׂר") == "בעשר"


def test_a_table_too_many_or_too_few_is_refused() -> None:
    tables: dict[str, dict[str, list[str]]] = {kind: {} for kind in KINDS}
    with pytest.raises(ValueError, match="seasons"):
        time_words({**tables, "seasons": {}})
    with pytest.raises(ValueError, match="weekday"):
        time_words({kind: {} for kind in KINDS if kind != "weekday"})


@pytest.mark.parametrize("text", ["תתקשרו מחר", "אפשר שתחזרו בעשר", "ושיחזרו אליי", "נדבר בערב"])
def test_a_wish_for_a_call_is_suspected_by_its_first_word(text: str) -> None:
    assert may_wish_for_call(text, HEBREW.times)
    assert not may_wish_for_call("המזגן מטפטף מאתמול בעשר", HEBREW.times)
