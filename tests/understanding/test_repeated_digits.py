import pytest

from understanding.number_words import Group
from understanding.repeated_digits import Reading, Repeat, repeated

TWICE = Repeat(2, pause=False)
AFTER_A_PAUSE = Repeat(2, pause=True)


def said(*items: str | Repeat) -> list[Group | Repeat]:
    """A group that begins with a comma has a pause before it."""
    return [item if isinstance(item, Repeat) else Group(item.lstrip(","), item.startswith(",")) for item in items]


@pytest.mark.parametrize(
    ("items", "groups"),
    [
        (said(TWICE, "7"), ["77"]),
        (said("7", TWICE), ["77"]),
        (said("5", TWICE, ",7"), ["55", "7"]),
        (said("5", AFTER_A_PAUSE, "7"), ["5", "77"]),
        (said("5", TWICE, "7"), ["5", "77"]),
        (said("052", TWICE, "7"), ["052", "77"]),
        (said("7", TWICE, "1234"), ["77", "1234"]),
        (said("1", TWICE, "2", TWICE, "3"), ["1", "22", "33"]),
        (said("1", TWICE, "2", TWICE), ["11", "22"]),
        (said(Repeat(3, pause=False), "7", "8"), ["777", "8"]),
        (said(TWICE, "12"), ["1212"]),
        (said("527", TWICE), ["5277"]),
        (said(TWICE, "712"), ["7712"]),
        (said(TWICE), []),
    ],
)
def test_the_side_on_which_the_doubled_digit_stands(items: list[Group | Repeat], groups: list[str]) -> None:
    assert repeated(items, Reading.NEXT) == groups


def test_where_nothing_tells_the_other_side_is_a_reading_too() -> None:
    between = said("5", TWICE, "7")
    assert repeated(between, Reading.PREVIOUS) == ["55", "7"]
    assert repeated(said(TWICE, "71"), Reading.NEXT_DIGIT) == ["771"]
