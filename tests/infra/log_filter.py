"""Cloud Logging's query language, as far as our metrics use it: comparisons, AND, OR and brackets.

Anything else is an error, so that a filter cannot pass its test by being misread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r'\s*(?:(?P<word>"(?:[^"\\]|\\.)*"|[\w.\-]+)|(?P<sign>=~|!=|>=|<=|=|<|>|\(|\)))')


def matches(query: str, entry: Mapping[str, Any]) -> bool:
    """Whether `entry`, nested as in the API (`jsonPayload`, `resource`), is found by `query`."""
    return _Reader(query, entry).whole()


class _Reader:
    def __init__(self, query: str, entry: Mapping[str, Any]) -> None:
        self._tokens: list[str] = []
        at = 0
        while at < len(query.rstrip()):
            token = _TOKEN.match(query, at)
            if token is None:
                raise ValueError(f"not understood: {query[at:]}")
            self._tokens.append(token["word"] or token["sign"])
            at = token.end()
        self._entry = entry

    def whole(self) -> bool:
        found = self._any()
        if self._tokens:
            raise ValueError(f"left over: {self._tokens}")
        return found

    def _any(self) -> bool:
        found = self._all()
        while self._next_is("OR"):
            found |= self._all()
        return found

    def _all(self) -> bool:
        found = self._one()
        while self._next_is("AND"):
            found &= self._one()
        return found

    def _one(self) -> bool:
        if self._next_is("("):
            found = self._any()
            self._expect(")")
            return found
        name, sign = self._tokens.pop(0), self._tokens.pop(0)
        return any(_compare(self._value(name), sign, wanted) for wanted in self._wanted())

    def _wanted(self) -> list[str]:
        if not self._next_is("("):
            return [self._tokens.pop(0)]
        wanted = [self._tokens.pop(0)]
        while self._next_is("OR"):
            wanted.append(self._tokens.pop(0))
        self._expect(")")
        return wanted

    def _value(self, name: str) -> Any:
        value: Any = self._entry
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _next_is(self, token: str) -> bool:
        if self._tokens[:1] != [token]:
            return False
        self._tokens.pop(0)
        return True

    def _expect(self, token: str) -> None:
        if not self._next_is(token):
            raise ValueError(f"{token} expected before {self._tokens}")


def _compare(value: Any, sign: str, wanted: str) -> bool:
    if value is None:
        return False  # a field that is not there is found by no comparison
    is_text = wanted.startswith('"')
    text = re.sub(r"\\(.)", r"\1", wanted[1:-1]) if is_text else wanted
    if sign == "=~":
        return isinstance(value, str) and re.search(text, value) is not None
    if sign in {"=", "!="}:
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return (shown == text) == (sign == "=")
    number = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return {">=": value >= number, "<=": value <= number, ">": value > number, "<": value < number}[sign]
