import pytest

from calls.lead_fields import BY_NAME
from understanding import language
from understanding.language import load


def test_every_field_has_its_words() -> None:
    assert set(load().fields) == set(BY_NAME)
    for words in load().fields.values():
        assert words.question and words.asked_by and words.label and words.description


def test_phrases_are_kept_in_the_form_they_are_compared_in() -> None:
    hebrew = load()
    phrases = [*hebrew.names.announcing.leads, *hebrew.small_talk.farewells, *hebrew.yes_no.yes, *hebrew.needs.openings]
    assert all(word and word.isalnum() for phrase in phrases for word in phrase)
    assert set(hebrew.numbers.digits.values()) == set("0123456789")


def test_words_without_a_field_are_not_read_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a field without words: neither half of a declaration is forgotten."""
    monkeypatch.setattr(language, "BY_NAME", {**BY_NAME, "budget": None})
    with pytest.raises(ValueError, match="budget"):
        load()
