from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_service.core.speaking.speakable import EndMarkerFilter, speakable, without_invisible

MARKER = "[סוף]"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("שלום, מה שלומך?", "שלום, מה שלומך?"),
        ("**חשוב** מאוד", "חשוב מאוד"),
        ("# כותרת\nטקסט", " כותרת טקסט"),
        ("אפשר:\n- בוקר\n- ערב", "אפשר: בוקר ערב"),
        ("אפשר:\n1. בוקר\n2) ערב", "אפשר: בוקר ערב"),
        ("`קוד` ו_הדגשה_", "קוד והדגשה"),
        ("ראו [האתר](https://example.com/a)", "ראו האתר"),
        ("מעולה 😀👍🏽 נדבר", "מעולה  נדבר"),
        ("\u202eדנה\u202c \u200fלוי\u2069", "דנה לוי"),
        ("25° בצל", "25° בצל"),
        ("שורה\r\n\r\nשורה\tשורה", "שורה שורה שורה"),
        ("קידומת 03-1234567, 5 עד 6", "קידומת 03-1234567, 5 עד 6"),
        ("הכול בסדר — נדבר", "הכול בסדר — נדבר"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("😀", ""),
        ("\ud800", ""),
    ],
)
def test_only_what_can_be_said_is_left(written: str, spoken: str) -> None:
    assert speakable(written) == spoken


@given(st.text())
def test_no_direction_mark_line_break_or_asterisk_gets_through(text: str) -> None:
    heard = speakable(text)
    assert heard == without_invisible(heard)
    assert not set(heard) & set("\r\n\t*`_#")


@given(st.lists(st.text(alphabet="אבגד ,.?!", max_size=6)))
def test_plain_words_survive_however_they_are_cut(parts: list[str]) -> None:
    """Pieces of a reply can be joined as they are."""
    assert "".join(map(speakable, parts)).split() == "".join(parts).split()


@given(st.text(alphabet="אב []ס", max_size=12), st.lists(st.integers(0, 20), max_size=6))
def test_the_marker_never_gets_through_however_it_is_cut(before: str, cuts: list[int]) -> None:
    """A caller never hears the sign by which the model ends the call."""
    text = before + MARKER + "עוד"
    ending = EndMarkerFilter(MARKER)
    bounds = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})

    heard = "".join(ending.feed(text[a:b]) for a, b in pairwise(bounds))

    assert ending.found
    assert heard == before


@given(st.lists(st.text(alphabet="אב [ס", max_size=4)))
def test_without_a_marker_only_its_beginning_at_the_very_end_is_held_back(parts: list[str]) -> None:
    ending = EndMarkerFilter(MARKER)
    heard = "".join(map(ending.feed, parts))
    held = "".join(parts).removeprefix(heard)
    assert not ending.found
    assert "".join(parts) == heard + held
    assert MARKER.startswith(held)
    assert held != MARKER
