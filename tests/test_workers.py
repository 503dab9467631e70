"""Which tests one worker takes, where there are several."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import LONGEST, unit

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("longest", LONGEST)
def test_what_goes_first_is_there(longest: str) -> None:
    assert (ROOT / longest).exists()


def test_files_that_share_a_system_or_emulators_stay_together() -> None:
    assert unit("tests/e2e/test_start.py::test_a") == unit("tests/e2e/test_whole_calls.py::test_b[c::d]")
    assert (
        unit("tests/core/test_call.py::test_a") == unit("tests/core/test_call.py::test_b") == "tests/core/test_call.py"
    )
    assert unit("tests/core/test_leg.py::test_a") != unit("tests/core/test_call.py::test_a")
