"""Arrivals in a lake on this machine: by folders, or by the names of a descriptor; and their copies."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from sales_platform.daily_sales.job_outcome import JobRefused
from sales_platform.daily_sales.local import LocalBackend
from sales_platform.settings import LocalSettings

DAY = dt.date(2026, 3, 3)
DESCRIPTOR = {"resources": [{"name": "sales", "path": "exports/*.csv", "arrival": "till_{dd}.{MM}.{yyyy}.csv"}]}


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    return LocalBackend(LocalSettings("", str(tmp_path / "warehouse"), "", str(tmp_path / "lake")))


def write(backend: LocalBackend, *names: str, content: str = "x") -> None:
    for name in names:
        path = Path(backend.lake, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_a_day_is_a_folder(backend: LocalBackend) -> None:
    write(
        backend, "sales_data/dt=2026-03-03/a.csv", "sales_data/dt=2026-03-03/.b.csv", "sales_data/dt=2026-03-04/c.csv"
    )
    write(backend, "sales_data/d.csv")
    assert [file.path for file in backend.files(DAY)] == ["sales_data/dt=2026-03-03/a.csv"]
    with pytest.raises(JobRefused, match=r"^reference_data/products\.csv is missing from "):
        backend.check_reference_data()


def test_a_descriptor_names_the_files_of_a_day(backend: LocalBackend) -> None:
    write(backend, "exports/till_03.03.2026.csv", "exports/till_04.03.2026.csv", "exports/.till_03.03.2026.csv")
    write(backend, "sales_data/dt=2026-03-03/a.csv")
    write(backend, "datapackage.json", content=json.dumps(DESCRIPTOR))
    (file,) = backend.files(DAY)
    assert file.path == "exports/till_03.03.2026.csv"
    backend.check_reference_data()
    name = f"archives/monthly/2026-03/dt=2026-03-03/{file.path}"
    backend.copy(DAY, file, name)
    assert dict(backend.archived(DAY)) == {name: file.digest}


def test_a_file_that_changed_since_is_not_copied(backend: LocalBackend) -> None:
    """The copy would hide that the run has read other content."""
    write(backend, "sales_data/dt=2026-03-03/a.csv")
    (file,) = backend.files(DAY)
    write(backend, "sales_data/dt=2026-03-03/a.csv", content="xy")
    backend.copy(DAY, file, "archives/monthly/2026-03/dt=2026-03-03/a.csv")
    assert dict(backend.archived(DAY)) == {}
