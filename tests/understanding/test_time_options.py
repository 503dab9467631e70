from datetime import datetime

import pytest

from tests.understanding.hebrew import HEBREW
from understanding.moments import ISRAEL
from understanding.time_clauses import clauses_of
from understanding.time_options import Options

NOW = datetime(2026, 1, 14, 10, tzinfo=ISRAEL)


def _options(*utterances: str) -> Options:
    options = Options()
    for text in utterances:
        options.begin_utterance()
        for clause in clauses_of(text, NOW, HEBREW.times, asked=True):
            options.add(clause)
    return options


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (["מחר בשלוש, לא, בארבע"], "מחר בארבע"),
        (["מחר, סליחה, מחרתיים"], "מחרתיים"),
        (["בארבע בעצם בחמש"], "בחמש"),
        (["מחר לא היום"], "מחר"),
        (["מחר", "בעשר"], "מחר בעשר"),
        (["מחר בעשר", "לא, ביום ראשון"], "בעשר ביום ראשון"),
        (["מחר בבוקר", "בתשע"], "מחר בבוקר בתשע"),
        (["מחר בבוקר", "בעצם בשלוש"], "מחר בשלוש"),
        (["בעוד שעה", "בעצם מחר"], "מחר"),
        (["מחר בעשר", "רגע"], "מחר בעשר"),
        (["מחר בעשר", "לא בעשר"], "מחר"),
    ],
)
def test_the_later_word_stands(said: list[str], left: str) -> None:
    assert _options(*said).text == left


def test_possibilities_span_from_the_first_to_the_last() -> None:
    at, until = _options("היום בערב או מחר בבוקר").window(NOW)
    assert (at, until) == (datetime(2026, 1, 14, 19, tzinfo=ISRAEL), datetime(2026, 1, 15, 12, tzinfo=ISRAEL))


def test_possibilities_share_the_day_before_and_the_hour_after_them() -> None:
    at, until = _options("מחר בעשר או באחת עשרה").window(NOW)
    assert (at, until) == (datetime(2026, 1, 15, 10, tzinfo=ISRAEL), datetime(2026, 1, 15, 11, tzinfo=ISRAEL))
    at, _ = _options("ראשון או שני בארבע").window(NOW)
    assert at == datetime(2026, 1, 18, 16, tzinfo=ISRAEL)


def test_words_without_a_moment_are_kept_without_one() -> None:
    options = _options("אחרי העבודה")
    assert (options.text, options.window(NOW)) == ("אחרי העבודה", (None, None))
