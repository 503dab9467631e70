"""Build what is deployed of each function: its folder's files at the root, `calls/` beside them, and a zip of that.

    python -m infra.bundle_functions --out build/functions

`understanding/` and `functions/shared/` go into the bundles of the functions that import them, at the same path as
here: the same import lines work in both places.

The same sources give the same bytes, wherever and whenever they are built: a zip's hash names a deployment, and an
unchanged function is not deployed again.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

_IN_EVERY_BUNDLE: Final = Path("calls")
_WHERE_IMPORTED: Final = (Path("understanding"), Path("functions/shared"))
_LEFT_OUT = frozenset({"__pycache__", "tests"})
# The earliest time that a zip can tell.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
_REGULAR_FILE_0644 = 0o100644 << 16


class CannotBundle(Exception):
    """The sources do not make a bundle; the message says what is missing."""


def bundle_all(root: Path, out: Path) -> list[Path]:
    """Build every function below `root/functions` and return the zips. What `out` held of a function is replaced."""
    functions = sorted(entry.parent for entry in (root / "functions").glob("*/main.py"))
    if not functions:
        raise CannotBundle(f"no function with a main.py below {root / 'functions'}")
    return [_bundle(function, root, out / function.name) for function in functions]


def _bundle(function: Path, root: Path, folder: Path) -> Path:
    if not (function / "requirements.txt").is_file():
        raise CannotBundle(f"{function.name} has no requirements.txt: run make requirements")
    sources = {path.relative_to(function): path for path in _files(function)}
    packages = [_IN_EVERY_BUNDLE, *_imported(sources.values(), root)]
    sources |= {path.relative_to(root): path for package in packages for path in _files(root / package)}
    if folder.exists():
        shutil.rmtree(folder)
    for name, source in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / name)
    archive = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(sources, key=Path.as_posix):
            entry = zipfile.ZipInfo(name.as_posix(), _TIMESTAMP)
            entry.create_system = 3  # Unix, on every machine
            entry.external_attr = _REGULAR_FILE_0644
            bundle.writestr(entry, sources[name].read_bytes(), zipfile.ZIP_DEFLATED)
    return archive


def _imported(sources: Iterable[Path], root: Path) -> set[Path]:
    """Those of `_WHERE_IMPORTED` that these files need, themselves or through one another."""
    needed: set[Path] = set()
    while modules := {name for path in sources if path.suffix == ".py" for name in _imports(path)}:
        new = {each for each in _WHERE_IMPORTED if any(_is_in(name, each) for name in modules)} - needed
        needed |= new
        sources = [path for each in new for path in _files(root / each)]
    return needed


def _is_in(module: str, package: Path) -> bool:
    return f"{module}.".startswith(".".join(package.parts) + ".")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def _files(folder: Path) -> Iterator[Path]:
    """The files to ship: no caches, tests, compiled or hidden files."""
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") or part in _LEFT_OUT for part in inside.parts)
        if path.is_file() and not hidden and path.suffix != ".pyc":
            yield path


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the deployable folder and zip of every function.")
    parser.add_argument("--out", type=Path, required=True, help="folder that receives <name>/ and <name>.zip")
    arguments = parser.parse_args()
    try:
        archives = bundle_all(ROOT, arguments.out)
    except CannotBundle as problem:
        print(problem, file=sys.stderr)
        return 1
    for archive in archives:
        print(archive)
    return 0


if __name__ == "__main__":
    sys.exit(main())
