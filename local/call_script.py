"""Call scripts: who calls and what they do, read from TOML.

A script is a list of steps in the caller's order, and for listen mode a second list for the person who answers. A
step waits for the other side unless it says otherwise; `local/person.py` decides when exactly it is taken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.twilio.faults import Fault, FaultKind


class ScriptError(ValueError):
    """The script cannot be followed; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak once the other side has spoken and fallen silent."""

    text: str = ""
    wav: Path | None = None
    """Played instead of speaking the text."""
    barge_in_after_s: float | None = None
    """Talk over the other side this long after it began; if it falls silent earlier, speak as usual."""
    at_once: bool = False
    """Do not wait for the other side."""
    pause_s: float | None = None
    """Silence of the other side to wait for; None: the script's own."""


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class Listen:
    """Until the other side has spoken and fallen silent."""


@dataclass(frozen=True, slots=True)
class Press:
    digits: str


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


@dataclass(frozen=True, slots=True)
class AwaitHangUp:
    """Leave hanging up to the other side; after `limit_s` hang up after all (None: the call's own limit)."""

    limit_s: float | None = None


Step = Say | Wait | Listen | Press | HangUp | AwaitHangUp


@dataclass(frozen=True, slots=True)
class CallScript:
    steps: tuple[Step, ...]
    from_number: str = "+972501234567"
    """E.164, or what Twilio sends for a withheld number: `anonymous`, `+266696687`."""
    to_number: str = "+97231234567"
    pause_s: float = 0.4
    """How long the other side has to be quiet before the caller takes the turn."""
    patience_s: float = 10.0
    """How long a person waits for the other side to say anything at all before going on."""
    repeat: int = 0
    """How often an utterance that was not answered within `patience_s` is said again."""
    limit_s: float = 120.0
    """The caller hangs up at the latest this long after dialling."""
    comfort_noise: bool = False
    """Faint noise instead of digital silence while nobody speaks."""
    callee: tuple[Step, ...] = ()
    """What the person does whom `<Dial>` reaches."""
    callee_answers_after_s: float = 1.0
    voicemail: str = ""
    """What the caller says when asked to leave a message."""
    faults: tuple[Fault, ...] = ()


def load_script(path: Path) -> CallScript:
    """Raises `OSError` or `ScriptError`. WAV files are looked for beside the script."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as exc:
        raise ScriptError(f"{path.name}: {exc}") from exc
    try:
        return parse_script(content, path.parent)
    except ScriptError as exc:
        raise ScriptError(f"{path.name}: {exc}") from exc


_OPTIONS: dict[str, tuple[str, type]] = {
    "from": ("from_number", str),
    "to": ("to_number", str),
    "pause_s": ("pause_s", float),
    "patience_s": ("patience_s", float),
    "repeat": ("repeat", int),
    "limit_s": ("limit_s", float),
    "comfort_noise": ("comfort_noise", bool),
    "callee_answers_after_s": ("callee_answers_after_s", float),
    "voicemail": ("voicemail", str),
}
_SAY_OPTIONS: dict[str, type] = {"barge_in_after_s": float, "at_once": bool, "pause_s": float}


def parse_script(content: Mapping[str, Any], folder: Path = Path()) -> CallScript:
    """Raises `ScriptError`. `folder` is where relative WAV paths start."""
    unknown = set(content) - set(_OPTIONS) - {"steps", "callee", "faults"}
    if unknown:
        raise ScriptError(f"unknown key {sorted(unknown)[0]!r}")
    options = {field: _typed(content[key], kind, key) for key, (field, kind) in _OPTIONS.items() if key in content}
    return CallScript(
        steps=_steps(content, "steps", folder),
        callee=_steps(content, "callee", folder),
        faults=tuple(_fault(item, f"faults[{n}]") for n, item in enumerate(_tables(content, "faults"))),
        **options,
    )


def _steps(content: Mapping[str, Any], key: str, folder: Path) -> tuple[Step, ...]:
    return tuple(_step(item, f"{key}[{n}]", folder) for n, item in enumerate(_tables(content, key)))


def _tables(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    tables = content.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(item, dict) for item in tables):
        raise ScriptError(f"{key} must be an array of tables")
    return tables


def _step(item: Mapping[str, Any], where: str, folder: Path) -> Step:
    match item:
        case {"say": text, **options}:
            return Say(_typed(text, str, where), **_say_options(options, where, {}))
        case {"wav": path, **options}:
            wav = folder / _typed(path, str, where)
            return Say(**{"text": wav.name, **_say_options(options, where, {"text": str})}, wav=wav)
        case {"wait_s": seconds, **rest} if not rest:
            return Wait(_typed(seconds, float, where))
        case {"listen": True, **rest} if not rest:
            return Listen()
        case {"dtmf": digits, **rest} if not rest:
            return Press(_digits(_typed(digits, str, where), where))
        case {"hang_up": True, **rest} if not rest:
            return HangUp()
        case {"await_hang_up": True, **rest} if not rest:
            return AwaitHangUp()
        case {"await_hang_up": limit, **rest} if not rest:
            return AwaitHangUp(_typed(limit, float, where))
    raise ScriptError(f"{where}: not a step: {', '.join(item) or 'empty'}")


def _say_options(options: Mapping[str, Any], where: str, more: Mapping[str, type]) -> dict[str, Any]:
    allowed = {**_SAY_OPTIONS, **more}
    for key in options:
        if key not in allowed:
            raise ScriptError(f"{where}: unknown option {key!r}")
    return {key: _typed(value, allowed[key], f"{where}.{key}") for key, value in options.items()}


def _digits(digits: str, where: str) -> str:
    if not digits or set(digits) - set("0123456789*#"):
        raise ScriptError(f"{where}: dtmf takes 0-9, * and #")
    return digits


def _fault(item: Mapping[str, Any], where: str) -> Fault:
    known = [kind.value for kind in FaultKind]
    if set(item) - {"kind", "at_s", "leg"} or item.get("kind") not in known:
        raise ScriptError(f"{where}: needs kind (one of {', '.join(known)}) and may have at_s and leg")
    return Fault(
        FaultKind(item["kind"]),
        _typed(item.get("at_s", 0.0), float, f"{where}.at_s"),
        _typed(item.get("leg", 1), int, f"{where}.leg"),
    )


def _typed(value: Any, kind: type, where: str) -> Any:
    """The value as `kind`; whole numbers do for seconds. Numbers must not be negative."""
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise ScriptError(f"{where} must be a {kind.__name__}")
    if isinstance(value, int | float) and value < 0:
        raise ScriptError(f"{where} must not be negative")
    return value
