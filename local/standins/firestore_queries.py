"""Choose documents as a structured query asks for. What our code never asks is refused, not guessed at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import grpc
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.field_path import FieldPath

from local.standins.firestore_values import FirestoreError, SortKey, name_key

_Document: Final[Any] = types.Document.pb()
_Value: Final[Any] = types.Value.pb()
_FieldFilter: Final[Any] = types.StructuredQuery.FieldFilter.Operator
_UnaryFilter: Final[Any] = types.StructuredQuery.UnaryFilter.Operator
_COMPARE: Final[dict[int, Callable[[SortKey, SortKey], bool]]] = {
    _FieldFilter.EQUAL: lambda found, given: found == given,
    _FieldFilter.LESS_THAN: lambda found, given: found < given,
    _FieldFilter.LESS_THAN_OR_EQUAL: lambda found, given: found <= given,
    _FieldFilter.GREATER_THAN: lambda found, given: found > given,
    _FieldFilter.GREATER_THAN_OR_EQUAL: lambda found, given: found >= given,
}
_INEQUALITIES: Final = frozenset(_COMPARE) - {_FieldFilter.EQUAL} | {_FieldFilter.NOT_EQUAL}
_NAME: Final = "__name__"


def _unsupported(what: str) -> FirestoreError:
    return FirestoreError(grpc.StatusCode.UNIMPLEMENTED, f"the Firestore stand-in does not do {what}")


def chooser(parent: str, query: Any) -> Callable[[Iterable[Any]], list[Any]]:
    """What picks the documents of `query` below `parent`, in its order. Raises for what the stand-in cannot do."""
    if len(query.from_) != 1:
        raise _unsupported("queries over more or less than one collection")
    matches = _filter(query.where) if query.HasField("where") else lambda _: True
    source = query.from_[0]
    orders = [
        (order.field.field_path, order.direction == types.StructuredQuery.Direction.DESCENDING)
        for order in query.order_by
    ]
    inequality = _inequality_field(query.where) if not orders else ""
    if inequality:
        orders.append((inequality, False))

    def is_before(document: Any, cursor: Any) -> bool:
        """A cursor is a place just before or just after the documents with its values."""
        places = [*orders, (_NAME, bool(orders) and orders[-1][1])]
        for (path, descending), given in zip(places, cursor.values, strict=False):
            found, wanted = SortKey(field_of(document, path)), SortKey(given)
            if found != wanted:
                return (found > wanted) if descending else (found < wanted)
        return not cursor.before

    def choose(documents: Iterable[Any]) -> list[Any]:
        chosen = [
            each
            for each in documents
            if _is_in(each.name, parent, source)
            and matches(each)
            and all(field_of(each, path) is not None for path, _ in orders)
        ]
        # The name decides between equals, in the direction of the last order given.
        chosen.sort(key=lambda each: name_key(each.name), reverse=bool(orders) and orders[-1][1])
        for path, descending in reversed(orders):
            chosen.sort(key=lambda each, path=path: SortKey(field_of(each, path)), reverse=descending)  # type: ignore[misc]
        if query.HasField("start_at"):
            chosen = [each for each in chosen if not is_before(each, query.start_at)]
        if query.HasField("end_at"):
            chosen = [each for each in chosen if is_before(each, query.end_at)]
        last = query.offset + query.limit.value if query.HasField("limit") else None
        return chosen[query.offset : last]

    return choose


def selected(document: Any, query: Any) -> Any:
    """The document with the fields that the query asks for."""
    if not query.HasField("select"):
        return document
    part = _Document(name=document.name, create_time=document.create_time, update_time=document.update_time)
    for wanted in query.select.fields:
        parts = FieldPath.from_api_repr(wanted.field_path).parts
        if len(parts) > 1:
            raise _unsupported("selecting nested fields")
        if parts[0] in document.fields:
            part.fields[parts[0]].CopyFrom(document.fields[parts[0]])
    return part


def _is_in(name: str, parent: str, source: Any) -> bool:
    collection, _, _ = name.rpartition("/")
    if source.all_descendants:
        is_asked_for = not source.collection_id or collection.endswith("/" + source.collection_id)
        return is_asked_for and collection.startswith(parent + "/")
    return collection == f"{parent}/{source.collection_id}"


def field_of(document: Any, path: str) -> Any | None:
    if path == _NAME:
        return _Value(reference_value=document.name)
    fields = document.fields
    *parents, last = FieldPath.from_api_repr(path).parts
    for part in parents:
        if part not in fields:
            return None
        fields = fields[part].map_value.fields
    return fields.get(last)


def _inequality_field(where: Any) -> str:
    """The field that a query without an order is ordered by: that of its first inequality, if it has one."""
    for each in where.composite_filter.filters:
        if found := _inequality_field(each):
            return found
    if where.field_filter.op in _INEQUALITIES:
        return str(where.field_filter.field.field_path)
    return str(where.unary_filter.field.field_path) if where.unary_filter.op == _UnaryFilter.IS_NOT_NULL else ""


def _filter(where: Any) -> Callable[[Any], bool]:
    match where.WhichOneof("filter_type"):
        case "composite_filter":
            parts = [_filter(each) for each in where.composite_filter.filters]
            if where.composite_filter.op == types.StructuredQuery.CompositeFilter.Operator.OR:
                return lambda document: any(part(document) for part in parts)
            return lambda document: all(part(document) for part in parts)
        case "field_filter":
            return _field_filter(where.field_filter)
        case "unary_filter":
            return _unary_filter(where.unary_filter)
        case other:
            raise _unsupported(f"filters of type {other}")


def _field_filter(where: Any) -> Callable[[Any], bool]:
    path, given, operator = where.field.field_path, SortKey(where.value), where.op

    def found_in(document: Any) -> SortKey | None:
        value = field_of(document, path)
        return None if value is None else SortKey(value)

    if operator in _COMPARE:
        compare = _COMPARE[operator]

        def compares(document: Any) -> bool:
            found = found_in(document)
            return found is not None and found.kind == given.kind and compare(found, given)

        return compares
    if operator == _FieldFilter.NOT_EQUAL:
        return lambda document: (found := found_in(document)) is not None and found.kind != 0 and found != given
    if operator == _FieldFilter.IN:
        among = {SortKey(each) for each in where.value.array_value.values}
        return lambda document: found_in(document) in among
    if operator == _FieldFilter.ARRAY_CONTAINS:
        return lambda document: (
            (value := field_of(document, path)) is not None
            and any(SortKey(each) == given for each in value.array_value.values)
        )
    raise _unsupported(f"the operator {_FieldFilter(operator).name}")


def _unary_filter(where: Any) -> Callable[[Any], bool]:
    path = where.field.field_path
    wanted = {_UnaryFilter.IS_NULL: True, _UnaryFilter.IS_NOT_NULL: False}.get(where.op)
    if wanted is None:
        raise _unsupported(f"the operator {_UnaryFilter(where.op).name}")
    return lambda document: (
        (value := field_of(document, path)) is not None and ((value.WhichOneof("value_type") == "null_value") is wanted)
    )


def sums(documents: Iterable[Any], aggregations: Iterable[Any]) -> dict[str, Any]:
    """By alias. What is no number counts as nothing; a sum with a fraction in it has one."""
    wanted = list(aggregations)
    if any(each.WhichOneof("operator") != "sum" for each in wanted):
        raise _unsupported("aggregations other than sums")
    kept = list(documents)
    found = {}
    for each in wanted:
        values = [value for document in kept if (value := field_of(document, each.sum.field.field_path)) is not None]
        whole = sum(value.integer_value for value in values if value.WhichOneof("value_type") == "integer_value")
        parts = [value.double_value for value in values if value.WhichOneof("value_type") == "double_value"]
        found[each.alias] = _Value(double_value=whole + sum(parts)) if parts else _Value(integer_value=whole)
    return found
