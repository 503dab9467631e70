"""Pin a package that is asked for with an extra twice: with it and plain.

    python -m infra.plain_pins requirements-dev.txt ...

pip up to 23.2 looks each of the two up on its own and, where a hashed file has only one, takes the newest release for
the other and refuses it for want of a hash (pypa/pip#12345). pip-compile writes one or the other. Google's buildpack
installs the functions' files with the pip and the options of its choice.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

_BLOCK: Final = re.compile(r"^(?=[A-Za-z0-9#])", re.MULTILINE)
_WITH_EXTRA: Final = re.compile(r"([A-Za-z0-9._-]+)\[[^]]+\](?===)")


def with_plain_pins(compiled: str) -> str:
    """Given what pip-compile wrote."""
    blocks = []
    for block in _BLOCK.split(compiled):
        if found := _WITH_EXTRA.match(block):
            blocks.append(found[1] + block[found.end() :])
        blocks.append(block)
    return "".join(blocks)


def main() -> int:
    for path in map(Path, sys.argv[1:]):
        path.write_text(with_plain_pins(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
