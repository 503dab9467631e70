from datetime import datetime

import pytest

from tests.understanding.hebrew import HEBREW
from understanding.moments import ISRAEL
from understanding.time_clauses import Clause, Told, clauses_of

NOW = datetime(2026, 1, 14, 10, tzinfo=ISRAEL)


def _clauses(text: str, *, asked: bool = True) -> list[Clause]:
    return list(clauses_of(text, NOW, HEBREW.times, asked=asked))


def _told(text: str, *, asked: bool = True) -> list[Told]:
    return [told for clause in _clauses(text, asked=asked) for told in clause.told]


@pytest.mark.parametrize(
    ("said", "kept", "denied"),
    [
        ("לא היום מחר", ["מחר"], ["היום"]),
        ("לא בשלוש בארבע", ["בארבע"], ["בשלוש"]),
        ("מחר אני לא יכול", [], ["מחר"]),
        ("היום אי אפשר, מחר", ["מחר"], ["היום"]),
        ("לא היום ולא מחר", [], ["היום", "ולא מחר"]),
        ("אני לא יכול לדבר עכשיו תחזרו מחר", ["מחר"], ["עכשיו"]),
        ("אם לא אכפת לכם מחר", ["מחר"], []),
    ],
)
def test_what_is_ruled_out_is_told_from_what_is_wished(said: str, kept: list[str], denied: list[str]) -> None:
    told = _told(said)
    assert [each.text for each in told if not each.denied] == kept
    assert [each.text.split()[-1] for each in told if each.denied] == [text.split()[-1] for text in denied]


@pytest.mark.parametrize(
    ("said", "text", "bound"),
    [
        ("לא לפני עשר", "לא לפני עשר", "from"),
        ("לא אחרי שמונה", "לא אחרי שמונה", "until"),
        ("אני בעבודה עד ארבע", "בעבודה עד ארבע", "from"),
        ("אני מסיים לעבוד בחמש", "מסיים לעבוד בחמש", "from"),
    ],
)
def test_a_denied_limit_is_turned_round(said: str, text: str, bound: str) -> None:
    (told,) = _told(said)
    assert (told.text, told.item.bound, told.denied) == (text, bound, False)


def test_a_lone_no_takes_back_what_was_said_before() -> None:
    clauses = _clauses("בשלוש, לא, בארבע")
    assert [clause.takes_back for clause in clauses] == [False, True, False]


@pytest.mark.parametrize(
    "said", ["מתי אתם פתוחים מחר", "אתם עובדים ביום שישי?", "באיזו שעה אתם סוגרים היום", "מה השעה עכשיו"]
)
def test_a_question_tells_no_time(said: str) -> None:
    assert _told(said) == []


def test_a_question_of_its_own_leaves_the_next_sentence() -> None:
    assert [told.text for told in _told("מתי אתם פתוחים? אפשר מחר בעשר?")] == ["מחר", "בעשר"]


@pytest.mark.parametrize("said", ["אין צורך", "אני אתקשר מחר", "אל תחזרו אליי"])
def test_a_refusal_is_seen(said: str) -> None:
    assert any(clause.refuses for clause in _clauses(said))
    assert _told(said) == []


def test_unasked_only_the_clause_with_the_wish_and_those_after_it_count() -> None:
    assert [told.text for told in _told("טכנאי להיום, תחזרו אליי מחר, בעשר", asked=False)] == ["מחר", "בעשר"]
    assert [told.text for told in _told("טכנאי להיום ותחזרו אליי מחר", asked=False)] == ["מחר"]


def test_yesterday_and_its_hour_are_over() -> None:
    assert [told.text for told in _told("מאתמול בערב אין מים תחזרו היום")] == ["היום"]
