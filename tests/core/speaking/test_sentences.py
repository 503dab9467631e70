import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_service.core.speaking.sentences import LONGEST, LONGEST_FIRST, SentenceSplitter


def split(*pieces: str) -> list[str]:
    splitter = SentenceSplitter()
    return [sentence for piece in pieces for sentence in splitter.feed(piece)] + splitter.finish()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("שלום. מה שלומך? טוב!", ["שלום.", "מה שלומך?", "טוב!"]),
        ("המחיר 3.5 שקלים. תודה", ["המחיר 3.5 שקלים.", "תודה"]),
        ("ראשון\nשני\n\nשלישי", ["ראשון", "שני", "שלישי"]),
        ('הוא אמר "כן." ואז הלך.', ['הוא אמר "כן."', "ואז הלך."]),
        ("רגע... בודק", ["רגע...", "בודק"]),
        ("", []),
        ("   \n ", []),
    ],
)
def test_sentences_end_where_a_reader_would_pause(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_a_sentence_is_let_go_as_soon_as_the_next_one_begins() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("נעים מאוד.") == []
    assert splitter.feed(" מ") == ["נעים מאוד."]


def test_a_long_first_sentence_starts_at_its_first_comma() -> None:
    """The caller waits for the first one; the others may take their time."""
    long = "אם הבנתי נכון אתם צריכים הצעת מחיר, וגם התקנה של מזגן חדש בסלון של הבית שלכם, נכון?"
    assert len(long) > LONGEST_FIRST
    assert split(long)[0] == "אם הבנתי נכון אתם צריכים הצעת מחיר,"
    assert split("טוב. " + long) == ["טוב.", long]


def test_text_without_any_mark_is_still_cut() -> None:
    text = "מילה " * 300
    assert all(len(sentence) <= LONGEST for sentence in split(text))


@given(st.lists(st.text(alphabet="אבג .,!?\n3", max_size=60)))
def test_no_word_is_lost_split_or_moved_however_the_text_arrives(pieces: list[str]) -> None:
    assert " ".join(split(*pieces)).split() == "".join(pieces).split()
