"""What people list in the console becomes fields, and nothing usable of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.lead_fields import (
    BY_NAME,
    LEAD_FIELDS,
    MOST_FIELDS,
    Kind,
    LeadField,
    collected,
    is_field_name,
    listed,
    understood,
)


def test_a_list_of_names_is_enough() -> None:
    fields, faults = collected(["name", " need ", "", "budget", "id_number"])
    assert fields == (
        BY_NAME["name"],
        BY_NAME["need"],
        LeadField("budget", Kind.TEXT),
        LeadField("id_number", Kind.ID_NUMBER),
    )
    assert faults == ()


def test_an_entry_says_how_it_is_asked_and_read() -> None:
    fields, faults = collected(
        [
            {"name": "סוג בית", "question": " דירה  או בית? ", "kind": "choice", "choices": ["דירה", "בית", "דירה", 7]},
            {"name": "floor", "kind": "number", "required": False},
            {"name": "name", "question": "מה שמכם המלא?"},
        ]
    )
    assert fields == (
        LeadField("סוג בית", Kind.CHOICE, question="דירה או בית?", choices=("דירה", "בית")),
        LeadField("floor", Kind.NUMBER, required=False),
        LeadField("name", Kind.NAME, column="name", question="מה שמכם המלא?"),
    )
    assert faults == ()


@pytest.mark.parametrize(
    ("entry", "kept", "fault"),
    [
        (7, None, "no usable name"),
        ({"question": "מה הכתובת?"}, None, "no usable name"),
        ({"name": "a.b"}, None, "no usable name"),
        ({"name": "__x__"}, None, "no usable name"),
        ({"name": "size", "kind": "big"}, LeadField("size", Kind.TEXT), "no kind that it can have"),
        ({"name": "phone", "kind": "text"}, BY_NAME["phone"], "no kind that it can have"),
        ({"name": "home", "kind": "choice"}, LeadField("home", Kind.TEXT), "nothing to choose from"),
        ({"name": "home", "question": 7}, LeadField("home", Kind.TEXT), "question is no text"),
        ({"name": "home", "required": "yes"}, LeadField("home", Kind.TEXT), "required is neither true nor false"),
        ("first", None, "named before"),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_and_the_rest_kept(
    entry: object, kept: LeadField | None, fault: str
) -> None:
    fields, faults = collected(["first", entry, "last"])
    assert [field.name for field in fields if field != kept] == ["first", "last"]
    assert kept is None or kept in fields
    assert faults == (f"entry 2: {fault}",)


def test_there_is_an_end_to_what_a_caller_is_asked() -> None:
    fields, faults = collected([f"field_{number}" for number in range(MOST_FIELDS + 1)])
    assert len(fields) == MOST_FIELDS
    assert faults == (f"entry {MOST_FIELDS + 1}: one too many",)


@pytest.mark.parametrize(("entries", "faults"), [(None, ()), ([], ()), ("name", ("no list",)), (7, ("no list",))])
def test_without_a_list_everybody_s_fields_are_asked(entries: object, faults: tuple[str, ...]) -> None:
    assert collected(entries) == ((), faults)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["name", "choice", "number"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "kind", "question", "choices", "required"]), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(st.lists(json_values, max_size=5))
def test_whatever_people_write_there_are_fields_that_can_be_stored(entries: list[object]) -> None:
    fields, _ = collected(entries)
    assert all(is_field_name(field.name) for field in fields)
    assert collected(listed(fields)) == (fields, ())


def test_a_caller_may_tell_everybody_s_fields_whatever_the_business_asks() -> None:
    own = LeadField("floor", Kind.NUMBER)
    name = LeadField("name", Kind.NAME, column="name", question="מה שמכם המלא?")
    assert understood(()) == LEAD_FIELDS
    assert understood((own, name)) == (BY_NAME["need"], name, BY_NAME["phone"], BY_NAME["callback_time"], own)
