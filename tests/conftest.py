"""Settings of the whole suite."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

# How long an example takes depends on what else the machine is doing, and says nothing about the code.
settings.register_profile("maane", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("maane")

# Whoever is started with `nohup` or behind a shell's `&` is not told of a closed terminal or of Ctrl-C, and neither is
# what it starts; tests of what these end need them to be told.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

# Go first, so that no worker is left alone with one at the end; calls also wait more than they compute. The files of a
# folder share what takes long to start, so one worker takes them all.
LONGEST = ("tests/e2e/", "tests/test_requirements_install.py", "tests/emulator/", "tests/contract/")

# A third of the weight that a call's processes have.
_GIVES_WAY = 5


def pytest_configure(config: pytest.Config) -> None:
    """A port is listened on some time after it was chosen, so each worker chooses among its own."""
    if (worker := getattr(config, "workerinput", None)) is not None:
        from local import processes

        place = int(worker["workerid"].removeprefix("gw"))
        processes._handed_out.update(port for port in processes._PORTS if port % worker["workercount"] != place)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {longest: number for number, longest in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(unit(item.nodeid), len(place)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Whoever computes gives way to the other worker's calls: on a core that is not theirs in time they lose words."""
    if hasattr(item.config, "workerinput") and unit(item.nodeid) != LONGEST[0] and os.nice(0) == 0:
        os.nice(_GIVES_WAY)


# Optional: pytest knows it only where pytest-xdist is in use.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """A worker takes whole units, in our order: its own puts those of many tests first, however quick they are."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False
    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = unit
    return scheduling


def unit(nodeid: str) -> str:
    file, _, _ = nodeid.partition("::")
    return next((longest for longest in LONGEST if file.startswith(longest)), file)
