"""An index on disk: for each pin an empty wheel that asks for what the real one asks for, and a newer release of it.

What the real ones ask for is read from the environment that runs the tests, which is made of the same pins.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.version import Version

PIN = re.compile(
    r"^(?P<name>[a-z0-9.-]+)(?P<extras>\[[a-z0-9,-]+\])?==(?P<version>[^ ]+)(?P<marker> ; .*)? \\$", re.MULTILINE
)
_ASKED = ("Requires-Python", "Requires-Dist", "Provides-Extra")


@dataclass(frozen=True, slots=True)
class Index:
    folder: Path
    sha256: Mapping[tuple[str, str], str]

    def pinned(self, requirements: str) -> str:
        """The same file, with the hashes of this index."""
        return "".join(
            f"{found['name']}{found['extras'] or ''}=={found['version']}{found['marker'] or ''}"
            f" --hash=sha256:{self.sha256[found['name'], found['version']]}\n"
            for found in PIN.finditer(requirements)
        )

    def environ(self, home: Path) -> dict[str, str]:
        """In which pip knows this index only."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.folder),
        }


def build_index(folder: Path, *requirements: str) -> Index:
    """Of everything that these files pin. The pinned pip is the real one, since it is to install the others."""
    folder.mkdir()
    sha256 = {}
    for text in requirements:
        for found in PIN.finditer(text):
            name, version = found["name"], found["version"]
            real = distribution(name)
            if name == "pip" and real.version == version:
                wheel = _packed_again(folder, real)
            else:
                wheel = _empty_wheel(folder, real, name, version)
                _empty_wheel(folder, real, name, _newer(version))
            sha256[name, version] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return Index(folder, sha256)


def _newer(version: str) -> str:
    return ".".join(str(part) for part in (*Version(version).release, 1))


def _empty_wheel(folder: Path, real: Distribution, name: str, version: str) -> Path:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"{field}: {value}" for field in _ASKED for value in real.metadata.get_all(field) or ()]
    return _wheel(folder, name, version, {"METADATA": "\n".join(lines) + "\n"}, {})


def _packed_again(folder: Path, real: Distribution) -> Path:
    inside = [file for file in real.files or () if file.parts[0] == "pip" and file.suffix != ".pyc"]
    code = {str(file): Path(str(file.locate())).read_bytes() for file in inside}
    metadata = {"METADATA": real.read_text("METADATA") or ""}
    return _wheel(folder, "pip", real.version, metadata, code)


def _wheel(folder: Path, name: str, version: str, metadata: dict[str, str], code: dict[str, bytes]) -> Path:
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    metadata |= {"WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", "RECORD": ""}
    with zipfile.ZipFile(path, "w") as wheel:
        for file, content in code.items():
            wheel.writestr(file, content)
        for file, text in metadata.items():
            wheel.writestr(f"{stem}.dist-info/{file}", text)
    return path
