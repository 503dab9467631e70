from hypothesis import given
from hypothesis import strategies as st

from understanding.words import (
    as_text,
    bare,
    bare_words,
    contains,
    is_only,
    is_part,
    quoted_words,
    without_ending,
    without_leading,
)


def test_words_are_compared_without_punctuation_niqqud_and_case() -> None:
    assert bare_words(["דָּנָה,", "Dana!", "—"]) == ["דנה", "dana", ""]
    assert quoted_words('דָּנָה,לוי מצה״ל ומצה"ל') == ["דנה", "לוי", "מצהל", "ומצהל"]
    assert quoted_words('שָׁלוֹם, זה ה-CEO של צה"ל!') == ["שלום", "זה", "ה", "ceo", "של", "צהל"]


def test_a_phrase_is_found_as_whole_words() -> None:
    assert contains(["טוב,", "יום", "טוב!"], [("יום", "טוב")])
    assert not contains(["יומיים", "טובים"], [("יום", "טוב")])
    assert not contains([], [("יום",)])


def test_the_longest_opening_goes_first_and_the_rest_keeps_its_spelling() -> None:
    openings = [("אני",), ("אני", "רוצה"), ("שלום",)]
    assert without_leading(["שלום,", "אני", "רוצה", "מזגן."], openings) == ["מזגן."]
    assert without_ending(["מחר,", "תודה", "רבה"], [("תודה",), ("רבה",)]) == ["מחר,"]
    assert as_text(["מחר,", "בעשר."]) == "מחר, בעשר"


@given(st.lists(st.sampled_from(["כן", "לא,", "...", "דנה"]), max_size=6))
def test_only_the_phrases_means_nothing_else(words: list[str]) -> None:
    assert is_only(words, [("כן",)], [("לא",)]) is ("דנה" not in words)


@given(st.text(max_size=60))
def test_no_text_is_too_odd_to_be_compared(text: str) -> None:
    words = text.split()
    assert len(bare_words(words)) == len(words)
    assert without_leading(words, [("",), ("a",)]) is not None
    quoted_words(text)


@given(st.text(max_size=12))
def test_the_short_way_to_a_bare_word_comes_to_the_same_as_the_long_one(word: str) -> None:
    assert bare(word) == bare(f"{word}.")


def test_a_sound_that_is_drawn_out_is_the_word_itself() -> None:
    assert bare_words(["לאאאא", "נוווו", "מממ", "אממממ", "ביייי", "0000", "לאא"]) == [
        *("לא", "נו", "אממ", "אממ", "ביי", "0000", "לאא")
    ]


def test_a_part_of_a_text_is_some_of_its_words_in_a_row() -> None:
    assert is_part("בעשר", "מחר בעשר, בבוקר") and is_part("מחר בעשר", "מחר בעשר, בבוקר")
    assert not is_part("מחר בבוקר", "מחר בעשר, בבוקר")
    assert not is_part("מחר", "מחר")
