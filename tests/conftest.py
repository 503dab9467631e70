"""Settings of the whole suite."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine is doing, and says nothing about the code.
settings.register_profile("maane", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("maane")

# Whoever is started with `nohup` or behind a shell's `&` is not told of a closed terminal or of Ctrl-C, and neither is
# what it starts; tests of what these end need them to be told.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
