"""The hours in which an environment's database and cluster run, as the stack's schedules have them."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from croniter import croniter

ALWAYS = "always"


@dataclass(frozen=True)
class OfficeHours:
    """Cron expressions of opening and closing, read in ``zone``."""

    open: str
    close: str
    zone: str

    def are_now(self, now: dt.datetime) -> bool:
        """Whether the last thing that happened was opening."""
        local = now.astimezone(ZoneInfo(self.zone))
        last_open, last_close = (croniter(cron, local).get_prev(dt.datetime) for cron in (self.open, self.close))
        return bool(last_open > last_close)


def office_hours() -> OfficeHours | None:
    """Read from ``OFFICE_HOURS``, ``<open>;<close>;<zone>``; None where everything always runs."""
    text = os.environ.get("OFFICE_HOURS", ALWAYS)
    return None if text == ALWAYS else OfficeHours(*text.split(";"))
