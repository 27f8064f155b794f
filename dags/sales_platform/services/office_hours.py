"""The hours in which an environment's database runs, as the stack's schedules start and stop it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from croniter import croniter


@dataclass(frozen=True)
class OfficeHours:
    """Cron expressions of opening and closing, read in the time zone ``zone``."""

    open: str
    close: str
    zone: str

    @classmethod
    def parse(cls, text: str) -> OfficeHours:
        """Reads the setting ``OFFICE_HOURS``: ``<open>;<close>;<zone>``."""
        return cls(*text.split(";"))

    def are_now(self, now: dt.datetime) -> bool:
        """Whether ``now`` is inside office hours."""
        local = now.astimezone(ZoneInfo(self.zone))
        last_open, last_close = (croniter(cron, local).get_prev(dt.datetime) for cron in (self.open, self.close))
        return bool(last_open > last_close)
