import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from media_service.core.recognition.wording import Wording
from media_service.core.turns.interims import InterimDebounce
from media_service.core.turns.utterance import InterimShown

PLAIN = Wording(punctuate_interims=True)


def shown(*texts: str) -> list[InterimShown]:
    return [InterimShown("caller", text) for text in texts]


def test_the_first_passes_at_once_and_the_newest_when_its_time_has_come() -> None:
    debounce = InterimDebounce("caller", 0.12, PLAIN)

    assert debounce.offer("שלום", 1.0) == shown("שלום")
    assert debounce.offer("שלום אני", 1.05) == []
    assert debounce.offer("שלום אני דנה", 1.1) == []
    assert debounce.deadline() == 1.12
    assert debounce.due(1.11) == []
    assert debounce.due(1.12) == shown("שלום אני דנה")
    assert debounce.deadline() == math.inf


def test_what_did_not_change_is_not_shown_again() -> None:
    debounce = InterimDebounce("caller", 0.1, PLAIN)
    debounce.offer("שלום", 1.0)

    assert debounce.offer("שלום", 2.0) == []
    assert debounce.offer("", 2.0) == []


def test_an_interim_that_is_taken_back_before_its_time_is_not_shown() -> None:
    debounce = InterimDebounce("caller", 0.1, PLAIN)
    debounce.offer("שלום", 1.0)
    debounce.offer("שלום לך", 1.05)
    debounce.offer("שלום", 1.06)

    assert debounce.due(1.2) == []


def test_the_last_one_before_the_end_of_an_utterance_is_never_lost() -> None:
    debounce = InterimDebounce("caller", 0.1, PLAIN)
    debounce.offer("שלום", 1.0)
    debounce.offer("שלום לך", 1.05)

    assert debounce.flush() == shown("שלום לך")
    assert debounce.flush() == []
    assert debounce.offer("שלום", 1.06) == shown("שלום"), "another utterance may begin with the same word"


@given(st.lists(st.tuples(st.sampled_from("אבג"), st.floats(0.0, 0.3))))
def test_never_more_often_than_the_interval_and_never_the_same_twice(offers: list[tuple[str, float]]) -> None:
    debounce, now, passed = InterimDebounce("caller", 0.12, PLAIN), 0.0, []
    for text, pause_s in offers:
        now += pause_s
        passed += [(item.text, now) for item in debounce.offer(text, now)]

    for (one, at), (other, later) in pairwise(passed):
        assert one != other
        assert later - at >= 0.12 - 1e-9
