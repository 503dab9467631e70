"""Settings of the whole suite."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine is doing, and says nothing about the code.
settings.register_profile("maane", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("maane")

# Under `nohup` a closed terminal is to be outlived, by us and what we start; tests of what it ends need it to be told.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
