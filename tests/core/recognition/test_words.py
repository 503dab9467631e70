"""Interims may be taken before they are final; still every word is given away once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_service.core.recognition.words import RecognizedWords, bare, prefix_length

WORDS = ["שלום", "אני", "דנה", "לוי", "צריכה", "מזגן", "חדש", "לסלון", "בבקשה", "מחר", "בבוקר", "כן"]


def test_a_final_after_its_words_were_taken_adds_nothing() -> None:
    words = RecognizedWords()
    words.interim("קוראים לי דנה")

    assert words.take() == "קוראים לי דנה"
    assert words.final("קוראים לי דנה.") == ("קוראים לי דנה.", "")
    assert words.text == ""
    assert not words.segment_is_open


def test_words_that_only_the_final_has_are_not_lost() -> None:
    words = RecognizedWords()
    words.interim("קוראים לי")
    words.take()

    assert words.final("קוראים לי דנה לוי") == ("קוראים לי", "דנה לוי")
    assert words.take() == "דנה לוי"


@pytest.mark.parametrize(
    ("taken", "final", "rest"),
    [
        ("אני צריך מזגן", "אני צריכה מזגן", ""),
        ("אני צריך את ה", "אני צריכה את המזגן", ""),
        ("שלו", "שלום אני דנה", "אני דנה"),
        ("כן כן", "כן", ""),
        ("שלום, דנה", "שלום דנה לוי", "לוי"),
        ("מחר בוקר", "מחר בבוקר בשמונה", "בשמונה"),
    ],
)
def test_a_corrected_word_does_not_come_twice(taken: str, final: str, rest: str) -> None:
    words = RecognizedWords()
    words.interim(taken)
    words.take()

    assert words.final(final)[1] == rest


def test_two_utterances_of_one_segment_each_keep_their_own_words() -> None:
    """A final that covers both corrects the second with the second's words only."""
    words = RecognizedWords()
    words.interim("שלום אני דנה")
    words.take()
    words.interim("שלום אני דנה צריכה מזגן")

    assert words.take() == "צריכה מזגן"
    assert words.final("שלום אני דנה צריכה מזגן חדש") == ("צריכה מזגן", "חדש")


def test_an_interim_that_falls_back_does_not_free_words_that_were_taken() -> None:
    words = RecognizedWords()
    words.interim("אני צריכה מזגן")
    words.take()
    words.interim("אני צריכה")

    assert words.take() == ""
    assert words.final("אני צריכה מזגן") == ("אני צריכה מזגן", "")


@pytest.mark.parametrize("taken", ["ורצינו לדעת כמה זה עולה ומתי אפשר לקבוע ביקור של טכנאי", "כמה זה עולה ומתי"])
def test_other_words_than_those_taken_are_new(taken: str) -> None:
    """The recognizer did not hear the taken ones again: nothing like them is in what it says now."""
    words = RecognizedWords()
    words.interim(taken)
    words.take()
    said = "אני לא בטוחה אני אחשוב על זה אני מתקשרת לגבי ההזמנה שלי מהשבוע שעבר"

    words.interim(said)
    assert words.text == said
    assert words.final(said) == ("", said)


def test_what_a_final_to_the_end_lacks_of_the_taken_words_will_not_come() -> None:
    words = RecognizedWords()
    words.interim("אני דנה צריכה מזגן")
    words.take()

    assert words.final("אני דנה", covers_taken=True) == ("אני דנה", "")
    assert words.owed == ""
    assert words.final("צריכה מזגן חדש") == ("", "צריכה מזגן חדש")


def test_a_final_for_the_first_half_leaves_the_second_to_the_next_segment() -> None:
    words = RecognizedWords()
    words.interim("אני דנה צריכה מזגן")
    words.take()

    assert words.final("אני דנה") == ("אני דנה", "")
    assert words.owed == "צריכה מזגן"
    assert words.final("צריכה מזגן חדש") == ("צריכה מזגן", "חדש")


def test_words_the_recognizer_took_back_do_not_swallow_the_next_answer() -> None:
    words = RecognizedWords()
    words.interim("כן כן")
    words.take()
    words.final("כן")
    words.final_overdue()
    words.interim("כן")

    assert words.take() == "כן"


def test_a_segment_without_a_final_stands_as_it_was_heard() -> None:
    words = RecognizedWords()
    words.interim("אני דנה")
    words.segment_lost()
    words.interim("לוי")

    assert words.take() == "אני דנה לוי"


def test_a_final_without_text_confirms_the_interim() -> None:
    words = RecognizedWords()
    words.interim("אני דנה")

    assert words.final("") == ("", "אני דנה")
    assert words.decided == "אני דנה"


def test_words_are_compared_without_punctuation_niqqud_and_case() -> None:
    assert bare('"שָׁלוֹם,') == "שלום"
    assert bare("OK!") == "ok"
    assert prefix_length([], WORDS) == 0
    assert prefix_length(["שלום"], []) == 0


@st.composite
def recognitions(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str]]]:
    """Segments as a recognizer gives them: interims that grow, and sometimes fall back, and a final with it all."""
    script: list[str] = []
    steps: list[tuple[str, str]] = []
    for _ in range(draw(st.integers(1, 4))):
        segment = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6, unique=True))
        script += segment
        for length in draw(st.lists(st.integers(1, len(segment)), max_size=6)):
            steps.append(("interim", " ".join(segment[:length])))
            steps += [("take", "")] * draw(st.integers(0, 2))
        steps.append(("final", " ".join(segment)))
        steps += [("take", "")] * draw(st.integers(0, 1))
    return script, steps


@given(recognitions())
def test_every_word_of_the_finals_is_given_away_exactly_once(case: tuple[list[str], list[tuple[str, str]]]) -> None:
    script, steps = case
    words, given_away = RecognizedWords(), []
    for what, text in [*steps, ("take", "")]:
        if what == "interim":
            words.interim(text)
        elif what == "final":
            words.final(text)
        else:
            given_away.append(words.take())

    assert " ".join(given_away).split() == script
