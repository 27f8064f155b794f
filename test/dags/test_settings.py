"""Reading settings: what is missing, malformed or left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.exceptions import AirflowFailException

from sales_platform.settings import CloudSettings, LocalSettings, ParseSettings, SettingsError, parse_settings

ROOT = Path(__file__).resolve().parents[2]


def test_missing_settings_are_named(cloud_settings: CloudSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATAPROC_CLUSTER")
    monkeypatch.setenv("REGION", "")
    with pytest.raises(SettingsError, match=r"^REGION, DATAPROC_CLUSTER: not set"):
        CloudSettings.read()
    assert issubclass(SettingsError, AirflowFailException)  # no retry sets a variable


def test_a_value_of_another_kind_is_named(cloud_settings: CloudSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTATION_DAYS", "monthly")
    with pytest.raises(SettingsError, match=r"^ROTATION_DAYS: invalid literal for int\(\).*'monthly'"):
        CloudSettings.read()


def test_values_have_the_types_of_their_fields(cloud_settings: CloudSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFICATION_EMAILS", "a@example.com,b@example.com")
    monkeypatch.setenv("RESTORE_DRILL_SCHEDULE", "0 6 * * 1")
    monkeypatch.setenv("FIRST_DAY", "2026-02-01")
    assert CloudSettings.read().notification_emails == ("a@example.com", "b@example.com")
    schedule = parse_settings()
    assert (schedule.first_day, schedule.restore_drill_schedule) == (dt.date(2026, 2, 1), "0 6 * * 1")


def test_a_flag_is_true_or_left_out(cloud_settings: CloudSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_settings().cluster_standing is None
    monkeypatch.setenv("CLUSTER_STANDING", "true")
    assert parse_settings().cluster_standing is True
    monkeypatch.setenv("CLUSTER_STANDING", "false")
    with pytest.raises(SettingsError, match=r"^CLUSTER_STANDING: is 'false': leave it out, or set it to 'true'$"):
        parse_settings()


def test_optional_settings_are_left_out(cloud_settings: CloudSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OFFICE_HOURS", "RESTORE_DRILL_SCHEDULE", "NOTIFICATION_EMAILS"):
        monkeypatch.delenv(name, raising=False)
    schedule = ParseSettings.read()
    assert (schedule.office_hours, schedule.restore_drill_schedule) == (None, None)
    assert CloudSettings.read().notification_emails is None


@pytest.mark.parametrize("name", ["FIRST_DAY", "DEADLINE_HOURS", "SQL_PASSWORD_SECRET", "ENVIRONMENT"])
def test_in_the_cloud_a_missing_setting_is_an_import_error_of_every_dag_that_needs_it(
    cloud_settings: CloudSettings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from airflow.models.dagbag import DagBag

    monkeypatch.delenv(name)
    errors = DagBag(str(ROOT / "dags"), include_examples=False).import_errors
    assert len(errors) == 5
    for text in errors.values():
        assert f"SettingsError: {name}: not set in Airflow's environment" in text


def test_on_one_machine_the_schedule_is_fixed_and_only_the_daily_dag_needs_a_lake(
    monkeypatch: pytest.MonkeyPatch, parse_dags: Callable[[], Any], tmp_path: Path
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "local")
    with pytest.raises(SettingsError, match=r"^LOCAL_PROJECT, LOCAL_WAREHOUSE, LOCAL_NODE: not set"):
        parse_settings()
    for name in ("LOCAL_PROJECT", "LOCAL_WAREHOUSE", "LOCAL_NODE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert parse_settings().restore_drill_schedule is None
    assert set(parse_dags().dags) >= {"sales_analytics_etl", "restore_drill"}
    with pytest.raises(SettingsError, match=r"^LOCAL_LAKE: not set"):
        _ = LocalSettings.read().lake
