from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_service.core.speaking.speakable import EndMarkerFilter, SpokenReply, SpokenText, speakable, without_invisible

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


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    bounds = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    return [text[a:b] for a, b in pairwise(bounds)]


def heard(reply: SpokenReply, *pieces: str) -> str:
    return "".join(map(reply.feed, pieces)) + reply.finish()


CUTS = st.lists(st.integers(0, 60), max_size=8)


@given(st.text(alphabet="אב []ס", max_size=12), CUTS)
def test_the_marker_never_gets_through_however_it_is_cut(before: str, cuts: list[int]) -> None:
    """A caller never hears the sign by which the model ends the call."""
    ending = EndMarkerFilter(MARKER)

    spoken = "".join(map(ending.feed, pieces_of(before.rstrip("[") + MARKER + "עוד", cuts)))

    assert ending.found
    assert spoken == before.rstrip("[") + "עוד"


@given(st.lists(st.text(alphabet="אב [ס", max_size=4)))
def test_without_a_marker_only_its_beginning_at_the_very_end_is_held_back(parts: list[str]) -> None:
    ending = EndMarkerFilter(MARKER)
    spoken = "".join(map(ending.feed, parts))
    held = "".join(parts).removeprefix(spoken)
    assert "".join(parts) == spoken + held
    assert held.strip("[ ") in {"", "ס"}
    ending.finish()
    assert not ending.found


@pytest.mark.parametrize(
    "marker",
    [
        "[סוף]",
        "(סוף)",
        "{end}",
        "**[END]**",
        "［END］",
        "［ＥＮＤ］",
        "[ סוף ]",
        "[ ס ו ף ]",
        "[סוֹף]",
        "[סו\u05b9ף\u200f]",
        "[סופ]",
        "[[סוף]]",
        "([סוף])",
        "<סוף>",
        "</end>",
        "【סוף】",
        "[סוף.]",
        "[*סוף*]",
    ],
)
@pytest.mark.parametrize(
    "text", ["{} תודה ולהתראות.", "תודה {} ולהתראות.", "תודה ולהתראות. {}", "\n{}\nתודה ולהתראות."]
)
def test_an_end_is_an_end_wherever_it_is_and_whatever_it_is_dressed_in(marker: str, text: str) -> None:
    written = text.replace("{}", marker)
    for size in (1, 2, 3, len(written)):
        reply = SpokenReply(MARKER)
        spoken = heard(reply, *(written[at : at + size] for at in range(0, len(written), size)))
        assert reply.ends_call
        assert spoken.split() == text.replace("{}", "").split()


def test_a_marker_that_nobody_closes_is_one_at_the_end_of_the_answer() -> None:
    reply = SpokenReply(MARKER)
    assert heard(reply, "להתראות. ", "[סו", "ף") == "להתראות. "
    assert reply.ends_call


@pytest.mark.parametrize(
    "text",
    [
        "עד סוף השבוע, בסוף היום.",
        "נתראה (סוף השבוע).",
        "המשרד [סניף תל אביב] סגור.",
        "אפשר (עד שמונה",
        "הסוף) טוב",
        "אנדה (endless) לוי",
    ],
)
def test_brackets_and_ends_that_are_words_are_spoken(text: str) -> None:
    reply = SpokenReply(MARKER)
    assert heard(reply, *text) == text
    assert not reply.ends_call


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("The user wants a quote. I should ask for the name. איך קוראים לכם?", "איך קוראים לכם?"),
        ("assistant: שלום לכם", "שלום לכם"),
        ("**Assistant:** שלום לכם", "שלום לכם"),
        ("<think>ask for the name</think>\nשלום", "שלום"),
        ("```json\nשלום לכם\n```", "שלום לכם "),
        ('```json\n{"reply": "שלום לכם"}\n```', '"שלום לכם" '),
        ("OK!\n\nשלום", "שלום"),
        ("WhatsApp מתאים לכם?", "WhatsApp מתאים לכם?"),
        ("10:30 מתאים לכם?", "10:30 מתאים לכם?"),
        ("050-1234567 נכון?", "050-1234567 נכון?"),
        ('"שלום", אמרתי. OK?', '"שלום", אמרתי. OK?'),
        ("The user is silent. I wait.", ""),
        ("12 34.", ""),
        ("[END]", ""),
    ],
)
def test_what_comes_before_the_first_hebrew_sentence_is_not_spoken(written: str, spoken: str) -> None:
    for size in (1, 4, len(written)):
        reply = SpokenReply(MARKER)
        assert heard(reply, *(written[at : at + size] for at in range(0, len(written), size))) == spoken
        assert reply.has_begun == bool(spoken)
        assert not reply.ends_call


RAW = st.text(alphabet="אסוף endEND.:[](){}<>*`_-1) \n\t\u200f\u05b9😀", max_size=50)


@given(RAW, CUTS)
def test_however_a_text_is_cut_the_same_is_spoken(text: str, cuts: list[int]) -> None:
    whole = SpokenText()
    spoken = SpokenText()
    assert "".join(map(spoken.feed, pieces_of(text, cuts))) + spoken.finish() == whole.feed(text) + whole.finish()
    assert whole.feed("") + whole.finish() == ""


@given(RAW)
def test_a_text_in_pieces_is_spoken_as_a_whole_one(text: str) -> None:
    spoken = SpokenText()
    assert "".join(map(spoken.feed, text)) + spoken.finish() == speakable(text)


@given(RAW, CUTS)
def test_however_an_answer_is_cut_it_is_the_same_answer(text: str, cuts: list[int]) -> None:
    whole, reply = SpokenReply(MARKER), SpokenReply(MARKER)
    assert heard(reply, *pieces_of(text, cuts)) == heard(whole, text)
    assert (reply.ends_call, reply.has_begun) == (whole.ends_call, whole.has_begun)
