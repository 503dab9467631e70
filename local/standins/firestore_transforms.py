"""Field transforms: values that Firestore itself works out while it writes."""

from __future__ import annotations

from typing import Any, Final

from google.cloud.firestore_v1 import types

from local.standins.firestore_values import SortKey, invalid

_Value: Final[Any] = types.Value.pb()
_NUMBERS: Final = frozenset({"integer_value", "double_value"})
_LARGEST: Final = 2**63 - 1


def transformed(transform: Any, before: Any | None, at: int) -> tuple[Any, Any]:
    """The field's new value, and what the write's result reports of it. `at` is in microseconds since 1970."""
    value = _Value()
    kind = transform.WhichOneof("transform_type")
    match kind:
        case "set_to_server_value":
            # Whole milliseconds, as Firestore gives out.
            value.timestamp_value.seconds, rest = divmod(at, 1_000_000)
            value.timestamp_value.nanos = rest // 1_000 * 1_000_000
        case "increment":
            _add(value, before, transform.increment)
        case "maximum" | "minimum":
            operand = getattr(transform, kind)
            value.CopyFrom(_extreme(before, operand, largest=kind == "maximum"))
        case "append_missing_elements" | "remove_all_from_array":
            _change_array(value, before, getattr(transform, kind).values, append=kind == "append_missing_elements")
            return value, _Value(null_value=0)
        case _:
            raise invalid("A field transform of an unknown kind.")
    return value, value


def _is_number(value: Any | None) -> bool:
    return value is not None and value.WhichOneof("value_type") in _NUMBERS


def _number(value: Any) -> int | float:
    found: int | float = getattr(value, value.WhichOneof("value_type"))
    return found


def _add(value: Any, before: Any | None, operand: Any) -> None:
    total = _number(operand) + (_number(before) if _is_number(before) else 0)
    if isinstance(total, float):
        value.double_value = total
    else:
        value.integer_value = max(-_LARGEST - 1, min(_LARGEST, total))


def _extreme(before: Any | None, operand: Any, *, largest: bool) -> Any:
    if not _is_number(before):
        return operand
    return (max if largest else min)(before, operand, key=_number)


def _change_array(value: Any, before: Any | None, elements: Any, *, append: bool) -> None:
    kept = list(before.array_value.values) if before is not None else []
    if append:
        for element in elements:
            if all(SortKey(element) != SortKey(each) for each in kept):
                kept.append(element)
    else:
        gone = {SortKey(element) for element in elements}
        kept = [each for each in kept if SortKey(each) not in gone]
    value.array_value.SetInParent()
    value.array_value.values.extend(kept)
