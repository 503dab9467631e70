"""The core is laid out so that a newcomer finds things: a test file for each module, small classes.

Which wing may import which is a contract in pyproject.toml, held by `make check`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE, TESTS = ROOT / "media_service/core", ROOT / "tests/core"
MODULES = sorted(path.relative_to(CORE) for path in CORE.rglob("*.py") if path.name != "__init__.py")
MOST_ATTRIBUTES = 12


def tree_of(module: Path) -> ast.Module:
    return ast.parse((CORE / module).read_text("utf-8"))


def has_rules(module: Path) -> bool:
    """Events, actions, settings and texts are only data: there is nothing of theirs to test."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree_of(module)))


@pytest.mark.parametrize("module", [module for module in MODULES if has_rules(module)], ids=str)
def test_every_module_with_rules_has_a_test_file_at_the_same_place(module: Path) -> None:
    test = TESTS / module.parent / f"test_{module.name}"
    assert test.is_file()
    name = ".".join(("media_service.core", *module.with_suffix("").parts))
    package, _, last = name.rpartition(".")
    text = test.read_text("utf-8")
    assert f"from {name} import" in text or f"from {package} import {last}" in text, "it is about something else"


def test_every_test_file_of_a_wing_is_about_one_of_its_modules() -> None:
    """Properties that only many events together show may have a file beside it, with a longer name."""
    for test in TESTS.glob("*/test_*.py"):
        names = {module.stem for module in MODULES if module.parent.name == test.parent.name}
        assert any(f"{test.stem}_".startswith(f"test_{name}_") for name in names), test


def classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    for module in MODULES:
        yield from ((module, node) for node in ast.walk(tree_of(module)) if isinstance(node, ast.ClassDef))


def is_frozen(node: ast.ClassDef) -> bool:
    """A record has as many fields as it has; what matters is how much can change behind one's back."""
    arguments = [word for call in node.decorator_list if isinstance(call, ast.Call) for word in call.keywords]
    return any(word.arg == "frozen" and ast.literal_eval(word.value) for word in arguments)


def attributes(node: ast.ClassDef) -> set[str]:
    """What it sets on itself, anywhere, and what its callers can set on it."""
    of_self = {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute)
        and isinstance(each.ctx, ast.Store)
        and isinstance(each.value, ast.Name)
        and each.value.id == "self"
    }
    declared = {
        each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    return of_self | declared


def test_no_class_keeps_more_than_a_dozen_things_in_mind() -> None:
    """Past a dozen attributes, look for two rules."""
    sizes = {f"{module}: {node.name}": len(attributes(node)) for module, node in classes() if not is_frozen(node)}
    assert {name: size for name, size in sizes.items() if size > MOST_ATTRIBUTES} == {}
