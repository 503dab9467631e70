"""Read environment variables into typed values, and report every problem in one message.

An empty variable counts as unset: Terraform and shells pass unset values as empty strings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class BadEnvironment(Exception):
    """The environment cannot be used; the message lists every problem."""


class EnvReader:
    """Reads variables one by one, remembers what was wrong, and `finish()` raises it all at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self._environ.get(name, "").strip() or default

    def text_or_empty(self, name: str, default: str) -> str:
        """Like `text`, but a variable set to the empty string stays empty (used to switch something off)."""
        return self._environ[name].strip() if name in self._environ else default

    def parts(self, name: str) -> tuple[str, ...]:
        """What stands between commas."""
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def required(self, name: str, why: str) -> str:
        value = self.text(name)
        if not value:
            self.problem(f"{name} is not set: {why}")
        return value

    def choice(self, name: str, default: str, allowed: Collection[str]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self.problem(f"{name}={value!r}: use one of {', '.join(sorted(allowed))}")
            return default
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        return int(self._number(name, default, low, high, whole=True))

    def number(self, name: str, default: float, low: float, high: float) -> float:
        return self._number(name, default, low, high, whole=False)

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value and value not in _TRUE | _FALSE:
            self.problem(f"{name}={value!r}: use true or false")
        return value in _TRUE if value in _TRUE | _FALSE else default

    def switched_on(self, name: str) -> bool:
        """A switch that only an unmistakable no turns off; unset or unreadable is on."""
        return self.text(name).lower() not in {"false", "0", "no"}

    def problem(self, text: str) -> None:
        if text not in self._problems:  # a variable may be read for more than one setting
            self._problems.append(text)

    def finish(self) -> None:
        """Raises `BadEnvironment` naming every problem met so far."""
        if self._problems:
            raise BadEnvironment("cannot start:\n" + "\n".join(f"  - {line}" for line in self._problems))

    def _number(self, name: str, default: float, low: float, high: float, *, whole: bool) -> float:
        given = self.text(name)
        if not given:
            return default
        try:
            value = int(given) if whole else float(given)
        except ValueError:
            self.problem(f"{name}={given!r} is not a {'whole ' if whole else ''}number")
            return default
        if not low <= value <= high:
            self.problem(f"{name}={given} is outside {low:g} to {high:g}")
            return default
        return value
