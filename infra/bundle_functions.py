"""Build what is deployed of each function: its folder's files at the root, `calls/` beside them, and a zip of that.

    python -m infra.bundle_functions --out build/functions

The same sources give the same bytes, wherever and whenever they are built: a zip's hash names a deployment, and an
unchanged function is not deployed again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

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
    return [_bundle(function, root / "calls", out / function.name) for function in functions]


def _bundle(function: Path, calls: Path, folder: Path) -> Path:
    if not (function / "requirements.txt").is_file():
        raise CannotBundle(f"{function.name} has no requirements.txt: run make requirements")
    sources = {path.relative_to(function): path for path in _files(function)}
    sources |= {Path("calls") / path.relative_to(calls): path for path in _files(calls)}
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
