"""Names in the archive."""

from __future__ import annotations

import datetime as dt

from sales_platform.arrivals.archive import archive_name, name_of_change


def test_a_copy_lies_under_its_month_and_day() -> None:
    assert archive_name(dt.date(2026, 3, 3), "s.csv.gz") == "archives/monthly/2026-03/dt=2026-03-03/s.csv.gz"


def test_other_content_keeps_both() -> None:
    assert name_of_change("archives/a/s.csv.gz", "0123456789abcdef") == "archives/a/s-0123456789ab.csv.gz"
