"""Firestore's rules for names and values: what may be stored, how large it is, and what sorts before what.

Works on the API's protobuf messages (`Value`, `Document`), untyped here: their Python classes exist only at run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import total_ordering
from typing import Any, Final

import grpc

_LARGEST_DOCUMENT: Final = 1_048_576
_LARGEST_TEXT: Final = 1_048_487
_LONGEST_ID: Final = 1_500
_DEEPEST: Final = 20
_RESERVED: Final = re.compile(r"__.*__", re.DOTALL)
_NUMERIC_ID: Final = re.compile(r"__id(-?[0-9]+)__")
# Types sort in this order, whatever their values; whole and other numbers are one kind.
_KINDS: Final = {
    "null_value": 0,
    "boolean_value": 1,
    "integer_value": 2,
    "double_value": 2,
    "timestamp_value": 3,
    "string_value": 4,
    "bytes_value": 5,
    "reference_value": 6,
    "geo_point_value": 7,
    "array_value": 8,
    "map_value": 9,
}


class FirestoreError(Exception):
    """What the caller is told: a gRPC status and a text."""

    def __init__(self, status: grpc.StatusCode, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def invalid(text: str) -> FirestoreError:
    return FirestoreError(grpc.StatusCode.INVALID_ARGUMENT, text)


def check_document_name(name: str) -> None:
    """`projects/P/databases/D/documents/collection/id[/collection/id ...]`."""
    segments = name.split("/")
    if len(segments) < 7 or len(segments) % 2 == 0 or segments[4] != "documents":
        raise invalid(f'Document name "{name}" is not a document name.')
    for index, segment in enumerate(segments[5:]):
        what = "Collection" if index % 2 == 0 else "Resource"
        if segment in {"", ".", ".."}:
            raise invalid(f'Document name "{name}" contains a resource id "{segment}".')
        if _RESERVED.fullmatch(segment):
            raise invalid(f'{what} id "{segment}" is invalid because it is reserved.')
        if len(segment.encode()) > _LONGEST_ID:
            raise invalid(f"The key path element name is longer than {_LONGEST_ID} bytes.")


def check_document(name: str, fields: Mapping[str, Any]) -> None:
    """Whether a document with these fields may be stored under this name."""
    size = 32 + 16 + sum(len(segment.encode()) + 1 for segment in name.split("/")[5:])
    for field, value in fields.items():
        _check(field, value, field, depth=1)
        size += len(field.encode()) + 1 + _size(value)
    if size > _LARGEST_DOCUMENT:
        raise invalid(f"maximum entity size is {_LARGEST_DOCUMENT} bytes")


def _check(name: str, value: Any, top: str, depth: int) -> None:
    if not name:
        raise invalid("A field name is empty.")
    if _RESERVED.fullmatch(name):
        raise invalid(f"field name {name} is reserved")
    if depth > _DEEPEST + 1:
        raise invalid(f"Property {top} contains an invalid nested entity.")
    kind = value.WhichOneof("value_type")
    if kind == "map_value":
        for inner, each in value.map_value.fields.items():
            _check(inner, each, top, depth + 1)
    elif kind == "array_value":
        for each in value.array_value.values:
            if each.WhichOneof("value_type") == "array_value":
                raise invalid("Cannot convert an array value in an array value.")
            _check(name, each, top, depth + 1)
    elif kind in {"string_value", "bytes_value"} and _size(value) > _LARGEST_TEXT:
        raise invalid(f'The value of property "{top}" is longer than {_LARGEST_TEXT} bytes.')


def _size(value: Any) -> int:
    kind = value.WhichOneof("value_type")
    match kind:
        case "null_value" | "boolean_value" | None:
            return 1
        case "integer_value" | "double_value" | "timestamp_value":
            return 8
        case "geo_point_value":
            return 16
        case "string_value" | "reference_value":
            return len(getattr(value, kind).encode()) + 1
        case "bytes_value":
            return len(value.bytes_value)
        case "array_value":
            return sum(map(_size, value.array_value.values))
        case _:
            return sum(len(name.encode()) + 1 + _size(each) for name, each in value.map_value.fields.items())


@total_ordering
class SortKey:
    """Compares two values of any types as Firestore's indexes do."""

    def __init__(self, value: Any) -> None:
        self._key = tuple(_sort_key(value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SortKey) and self._key == other._key

    def __lt__(self, other: SortKey) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def kind(self) -> int:
        return int(self._key[0])


def _sort_key(value: Any) -> Iterator[Any]:
    kind = value.WhichOneof("value_type") or "null_value"
    yield _KINDS[kind]
    match kind:
        case "null_value":
            pass
        case "integer_value" | "double_value":
            number = getattr(value, kind)
            # Not-a-number comes before all other numbers, and equals itself.
            yield (0, 0) if number != number else (1, number)  # noqa: PLR0124
        case "timestamp_value":
            yield (value.timestamp_value.seconds, value.timestamp_value.nanos)
        case "string_value":
            yield value.string_value.encode()
        case "reference_value":
            yield name_key(value.reference_value)
        case "geo_point_value":
            yield (value.geo_point_value.latitude, value.geo_point_value.longitude)
        case "array_value":
            yield tuple(SortKey(each) for each in value.array_value.values)
        case "map_value":
            fields = value.map_value.fields
            yield tuple((name.encode(), SortKey(fields[name])) for name in sorted(fields, key=str.encode))
        case _:
            yield getattr(value, kind)


def name_key(name: str) -> tuple[tuple[int, int, bytes], ...]:
    """Documents sort by the segments of their names. Numeric ids, which only cursors have here, come first."""
    return tuple(
        (0, int(numeric[1]), b"") if (numeric := _NUMERIC_ID.fullmatch(segment)) else (1, 0, segment.encode())
        for segment in name.split("/")
    )
