"""Whether what was understood is what was to be understood, key by key of an item's `expect`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from calls.lead_fields import BY_NAME, NEED, Kind
from calls.phone_numbers import phone_number
from evals.words.items import NOW, Item
from evals.words.understood import Understood

_SEPARATORS: Final = str.maketrans("", "", " -()/.")
_PHONE_KINDS: Final = frozenset(name for name, field in BY_NAME.items() if field.kind is Kind.PHONE)


@dataclass(frozen=True, slots=True)
class Miss:
    key: str
    expected: Any
    understood: Any


def misses(item: Item, understood: Understood) -> list[Miss]:
    """What is wrong; nothing where everything is right."""
    found = [_miss(key, expected, item, understood) for key, expected in item.expect.items()]
    return [miss for miss in found if miss is not None]


def as_written(understood: Understood) -> dict[str, Any]:
    """What was understood, as JSON values in the form of an item's `expect`."""
    at, until = understood.callback_at
    return {
        **{name: found.value for name, found in understood.fields.items()},
        "confirmed": sorted(name for name, found in understood.fields.items() if found.confirmed),
        "callback_at": {"at": at and at.isoformat(), "until": until and until.isoformat()},
        "intent": sorted(understood.intents),
        "reply_asks": understood.reply_asks,
    }


def _miss(key: str, expected: Any, item: Item, understood: Understood) -> Miss | None:
    match key:
        case "confirmed":
            found: Any = _is_confirmed(item.asked, understood)
            is_right = found is bool(expected)
        case "intent":
            found = sorted(understood.intents)
            is_right = found == ([expected] if expected else [])
        case "reply_asks":
            found = understood.reply_asks
            is_right = found == expected if expected else found != "phone_other"
        case "callback_at":
            found = understood.callback_at[0]
            is_right = _lies_within(found, expected)
        case _:
            value = understood.fields.get(key)
            found = value.value if value else None
            may_be = expected if isinstance(expected, list) else [expected]
            untouched = None in may_be and _is_untouched(key, understood)
            is_right = untouched or any(_is_meant(key, found, each) for each in may_be if each is not None)
    return None if is_right else Miss(key, expected, found)


def _is_confirmed(field: str, understood: Understood) -> bool:
    found = understood.fields.get(field)
    return found is not None and found.confirmed


def _is_untouched(field: str, understood: Understood) -> bool:
    """Neither set nor confirmed by what was said."""
    found, before = understood.fields.get(field), understood.before.get(field)
    return found is None or (before is not None and found.value == before.value and not found.confirmed)


def _is_meant(field: str, found: str | None, expected: Any) -> bool:
    if found is None:
        return False
    if field in _PHONE_KINDS:
        return _dialled(found) == _dialled(str(expected))
    if field == NEED:
        return _plain(str(expected)) in _plain(found)
    return _plain(found) == _plain(str(expected))


def _lies_within(found: datetime | None, expected: Mapping[str, str] | None) -> bool:
    if not expected:
        return found is None
    if found is None:
        return False
    return _moment(expected["earliest"]) <= found <= _moment(expected["latest"])


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=NOW.tzinfo)


def _dialled(number: str) -> str:
    """+E.164, and what has no such form as it is dialled."""
    return phone_number(number) or number.translate(_SEPARATORS)


def _plain(text: str) -> str:
    return " ".join(text.replace(",", " ").split())
