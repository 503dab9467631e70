"""The documents of the Firestore stand-in: reads, atomic commits, transactions. In memory and without any I/O.

A transaction remembers what it read and at which version, and its commit is ABORTED if any of that changed in
between. (Google's emulator makes the second one wait for a lock instead; the client libraries hide the difference.)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.field_path import FieldPath

from local.standins.firestore_transforms import transformed
from local.standins.firestore_values import FirestoreError, check_document, check_document_name, invalid

_Document: Final[Any] = types.Document.pb()
_WriteResult: Final[Any] = types.WriteResult.pb()
_Value: Final[Any] = types.Value.pb()


@dataclass(slots=True)
class _Transaction:
    read: dict[str, int] = field(default_factory=dict)
    """Version of each document read; 0 if it was not there."""
    queries: list[tuple[Callable[[Iterable[Any]], list[Any]], list[tuple[str, int]]]] = field(default_factory=list)


class Store:
    """All databases of all projects. `now` gives microseconds since 1970."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._last = 0
        self._documents: dict[str, Any] = {}
        self._transactions: dict[bytes, _Transaction] = {}
        self._numbers = itertools.count(1)

    def tick(self) -> int:
        """The time now, in microseconds; never the same twice, so it serves as a version."""
        self._last = max(self._last + 1, self._now())
        return self._last

    def begin(self) -> bytes:
        number = b"%016d" % next(self._numbers)
        self._transactions[number] = _Transaction()
        return number

    def rollback(self, transaction: bytes) -> None:
        """Ending one that has ended is no error."""
        self._transactions.pop(transaction, None)

    def get(self, name: str, transaction: bytes = b"") -> Any | None:
        check_document_name(name)
        found = self._documents.get(name)
        if transaction:
            self._open(transaction).read.setdefault(name, _version(found))
        return found

    def query(self, choose: Callable[[Iterable[Any]], list[Any]], transaction: bytes = b"") -> list[Any]:
        """What `choose` picks of all documents."""
        chosen = choose(self._documents.values())
        if transaction:
            self._open(transaction).queries.append((choose, _versions(chosen)))
        return chosen

    def names(self) -> Iterable[str]:
        return self._documents.keys()

    def commit(self, writes: Iterable[Any], transaction: bytes = b"") -> tuple[list[Any], int]:
        """All writes or none. Returns a result for each, and the time of the commit."""
        if transaction:
            self._check_unchanged(self._open(transaction))
            del self._transactions[transaction]
        at = self.tick()
        changed: dict[str, Any | None] = {}
        results = []
        for write in writes:
            name = write.update.name or write.delete or write.transform.document
            check_document_name(name)
            before = changed[name] if name in changed else self._documents.get(name)
            _check_precondition(write, name, before)
            changed[name], result = _apply(write, name, before, at)
            results.append(result)
        for name, document in changed.items():
            if document is None:
                self._documents.pop(name, None)
            else:
                self._documents[name] = document
        return results, at

    def _open(self, transaction: bytes) -> _Transaction:
        try:
            return self._transactions[transaction]
        except KeyError:
            raise invalid("Transaction is invalid or closed.") from None

    def _check_unchanged(self, transaction: _Transaction) -> None:
        same = all(_version(self._documents.get(name)) == version for name, version in transaction.read.items())
        if not same or any(
            _versions(choose(self._documents.values())) != versions for choose, versions in transaction.queries
        ):
            raise FirestoreError(grpc.StatusCode.ABORTED, "Too much contention on these documents. Please try again.")


def _version(document: Any | None) -> int:
    return 0 if document is None else _micros(document.update_time)


def _versions(documents: Iterable[Any]) -> list[tuple[str, int]]:
    return [(document.name, _version(document)) for document in documents]


def _micros(at: Any) -> int:
    return int(at.seconds * 1_000_000 + at.nanos // 1_000)


def set_micros(at: Any, micros: int) -> None:
    at.seconds, rest = divmod(micros, 1_000_000)
    at.nanos = rest * 1_000


def _check_precondition(write: Any, name: str, before: Any | None) -> None:
    match write.current_document.WhichOneof("condition_type"):
        case "exists" if write.current_document.exists and before is None:
            raise FirestoreError(grpc.StatusCode.NOT_FOUND, f"no entity to update: {name}")
        case "exists" if not write.current_document.exists and before is not None:
            raise FirestoreError(grpc.StatusCode.ALREADY_EXISTS, f"entity already exists: {name}")
        case "update_time":
            if before is None:
                raise FirestoreError(grpc.StatusCode.NOT_FOUND, f"no entity to update: {name}")
            stored, required = _version(before), _micros(write.current_document.update_time)
            if stored != required:
                raise FirestoreError(
                    grpc.StatusCode.FAILED_PRECONDITION,
                    f"the stored version ({stored}) does not match the required base version ({required})",
                )


def _apply(write: Any, name: str, before: Any | None, at: int) -> tuple[Any | None, Any]:
    result = _WriteResult()
    set_micros(result.update_time, at)
    operation = write.WhichOneof("operation")
    if operation == "delete":
        return None, result
    if operation not in {"update", "transform"}:
        raise invalid("A write without an operation.")
    fields = _Value()
    fields.map_value.SetInParent()
    if operation == "transform" or write.HasField("update_mask"):
        if before is not None:
            _copy(before.fields, fields.map_value.fields)
        for path in write.update_mask.field_paths:
            parts = FieldPath.from_api_repr(path).parts
            _put(fields, parts, _find(write.update.fields, parts))
    else:
        _copy(write.update.fields, fields.map_value.fields)
    for transform in (*write.update_transforms, *write.transform.field_transforms):
        parts = FieldPath.from_api_repr(transform.field_path).parts
        value, reported = transformed(transform, _find(fields.map_value.fields, parts), at)
        _put(fields, parts, value)
        result.transform_results.append(reported)
    return _document(name, fields.map_value.fields, before, at), result


def _document(name: str, fields: Mapping[str, Any], before: Any | None, at: int) -> Any:
    check_document(name, fields)
    document = _Document(name=name)
    _copy(fields, document.fields)
    set_micros(document.update_time, at)
    set_micros(document.create_time, at if before is None else _micros(before.create_time))
    return document


def _copy(source: Mapping[str, Any], target: Any) -> None:
    for name, value in source.items():
        target[name].CopyFrom(value)


def _find(fields: Mapping[str, Any], parts: tuple[str, ...]) -> Any | None:
    *parents, last = parts
    for part in parents:
        if part not in fields or fields[part].WhichOneof("value_type") != "map_value":
            return None
        fields = fields[part].map_value.fields
    return fields.get(last)


def _put(root: Any, parts: tuple[str, ...], value: Any | None) -> None:
    """Put a value below a map value, making maps on the way; None takes away what is there."""
    *parents, last = parts
    here = root
    for part in parents:
        if value is None and part not in here.map_value.fields:
            return
        here = here.map_value.fields[part]
        if here.WhichOneof("value_type") != "map_value":
            if value is None:
                return
            here.map_value.SetInParent()
    if value is not None:
        here.map_value.fields[last].CopyFrom(value)
    elif last in here.map_value.fields:
        del here.map_value.fields[last]
