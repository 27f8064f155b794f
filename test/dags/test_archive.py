"""Names in the archive."""

from __future__ import annotations

import datetime as dt

from sales_platform.arrivals.archive import archive_name, name_of_change

DAY, FOLDER = dt.date(2026, 3, 3), "archives/monthly/2026-03/dt=2026-03-03"


def test_a_copy_lies_under_its_month_and_day() -> None:
    assert archive_name(DAY, "sales_data/dt=2026-03-03/s.csv.gz") == f"{FOLDER}/s.csv.gz"


def test_a_file_of_another_folder_keeps_its_path() -> None:
    """Two tills may send files of one name."""
    assert archive_name(DAY, "exports/till/sales_2026-03-03.csv") == f"{FOLDER}/exports/till/sales_2026-03-03.csv"


def test_other_content_keeps_both() -> None:
    assert name_of_change("archives/a/s.csv.gz", "0123456789abcdef") == "archives/a/s-0123456789ab.csv.gz"
