"""Each run has a build folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from local.build_folder import claimed, in_use

CLAIMS = """
import sys, time
from pathlib import Path
from local.build_folder import claimed
with claimed(Path(sys.argv[1])) as folder:
    print(folder, flush=True)
    time.sleep(60)
"""


def test_the_second_run_gets_a_folder_beside_the_first(tmp_path: Path) -> None:
    """Seen: it took the first one's local.json, and truncated its logs."""
    with claimed(tmp_path / "local") as first, claimed(tmp_path / "local") as second:
        assert (first.name, second.name) == ("local", "local-2")
        with claimed(tmp_path / "local") as third:
            assert third.name == "local-3"


def test_a_folder_is_free_again_after_its_run(tmp_path: Path) -> None:
    with claimed(tmp_path / "local") as first:
        (first / "kept.log").write_text("from before")
    with claimed(tmp_path / "local") as again:
        assert again == first
        assert (again / "kept.log").read_text() == "from before"


def test_those_in_use_are_told_the_newest_last(tmp_path: Path) -> None:
    wanted = tmp_path / "local"
    (tmp_path / "local-old").mkdir()
    assert in_use(wanted) == []
    with claimed(wanted) as first:
        with claimed(wanted) as second:
            os.utime(first / "in-use.lock", (1, 1))
            assert in_use(wanted) == [first, second]
            os.utime(second / "in-use.lock", (0, 0))
            assert in_use(wanted) == [second, first]
        assert in_use(wanted) == [first]
    assert in_use(wanted) == []


def test_a_run_that_was_killed_has_its_folder_no_longer(tmp_path: Path) -> None:
    wanted = tmp_path / "local"
    with subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-c", CLAIMS, str(wanted)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().decode().strip() == str(wanted)
        assert in_use(wanted) == [wanted]
        other.kill()
    assert in_use(wanted) == []
    with claimed(wanted) as again:
        assert again == wanted
