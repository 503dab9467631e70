"""The day and time of a call as people in Israel write it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

_ISRAEL: Final = ZoneInfo("Asia/Jerusalem")


def day_and_time(at: datetime) -> str:
    local = at.astimezone(_ISRAEL)
    return f"{local.day}.{local.month}.{local.year} {local:%H:%M}"
