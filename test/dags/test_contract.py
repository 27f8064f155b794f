"""What the stack tells, the DAG reads, the job understands and the bucket holds: the same names on every side."""

import datetime as dt
from dataclasses import fields
from pathlib import Path

import arguments as job_arguments
import pytest
from airflow.exceptions import AirflowFailException

from sales_platform.daily_sales.dataproc_job import dataproc_job
from sales_platform.settings import CloudSettings, MissingSetting
from sales_platform.shared.run_parameters import Days, job_options

ROOT = Path(__file__).resolve().parents[2]
DAY = Days(dt.date(2026, 3, 3), dt.date(2026, 3, 4), scheduled=True)
READ_AT_PARSE = {"FIRST_DAY", "RUN_HOUR", "RESTORE_DRILL_SCHEDULE", "DEADLINE_HOURS", "OFFICE_HOURS"}


@pytest.fixture
def settings(dev_settings, monkeypatch):
    for name, value in dev_settings.items():
        monkeypatch.setenv(name, value)
    return CloudSettings.read()


def test_the_stack_sets_what_the_dag_reads_and_nothing_else(dev_settings):
    read = {field.name.upper() for field in fields(CloudSettings)} | READ_AT_PARSE
    assert read == set(dev_settings)
    # The names that are fixed for everybody.
    assert {
        "PYSPARK_PROJECT_ID",
        "REGION",
        "DATAPROC_CLUSTER",
        "DATA_BUCKET",
        "CLOUDSQL_INSTANCE",
        "CLOUDSQL_IP",
        "DATABASE_NAME",
        "DATABASE_USER",
        "SQL_PASSWORD_SECRET",
        "BIGQUERY_DATASET",
        "SALES_DATA_PATH",
        "PRODUCTS_DATA_PATH",
        "STORES_DATA_PATH",
        "PYSPARK_JOB_PATH",
        "BIGQUERY_JAR_PATH",
        "POSTGRES_JAR_PATH",
        "ENVIRONMENT",
    } <= read


def test_every_value_is_known_at_synth(dev_settings):
    assert [name for name, value in dev_settings.items() if "${" in value or not value] == []


def test_a_missing_setting_is_named(dev_settings, monkeypatch):
    for name, value in dev_settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATAPROC_CLUSTER")
    monkeypatch.setenv("REGION", "")
    with pytest.raises(MissingSetting, match=r"^REGION, DATAPROC_CLUSTER: not set"):
        CloudSettings.read()
    assert issubclass(MissingSetting, AirflowFailException)  # no retry sets a variable


def test_the_job_understands_what_the_dag_sends(settings):
    job = dataproc_job(settings, DAY, "scheduled__2026-03-03", 1)
    parsed = job_arguments.parse(job["pyspark_job"]["args"])
    assert parsed.lake == f"gs://{settings.data_bucket}/production_data"
    assert (parsed.interval.start, parsed.interval.end) == (dt.date(2026, 3, 3), dt.date(2026, 3, 4))
    assert parsed.run_id == "scheduled__2026-03-03"
    assert parsed.warehouse is None
    assert parsed.cloud == job_arguments.Cloud(
        project_id=settings.pyspark_project_id,
        region=settings.region,
        data_bucket=settings.data_bucket,
        staging_bucket=settings.staging_bucket,
        cloudsql_ip=settings.cloudsql_ip,
        database_name=settings.database_name,
        database_user=settings.database_user,
        sql_password_secret=settings.sql_password_secret,
        bigquery_dataset=settings.bigquery_dataset,
        environment="dev",
    )


def test_every_option_that_the_job_wants_of_the_cloud_is_sent(settings):
    sent = dataproc_job(settings, DAY, "r", 1)["pyspark_job"]["args"][::2]
    assert set(job_arguments.CLOUD_OPTIONS) <= set(sent)


def test_a_persons_share_of_bad_lines_reaches_the_job(settings):
    options = job_options({"params": {"max_bad_ratio": 0.2}})
    ratios = [
        job_arguments.parse(dataproc_job(settings, DAY, "r", 1, given)["pyspark_job"]["args"]).max_bad_ratio
        for given in ([], options)
    ]
    assert ratios == [0.05, 0.2]


def test_what_the_job_needs_lies_where_the_dag_points(settings, dev_stack):
    job = dataproc_job(settings, DAY, "r", 1)["pyspark_job"]
    shipped = {item["name"] for item in dev_stack["resource"]["google_storage_bucket_object"].values()}
    uris = [job["main_python_file_uri"], *job["python_file_uris"], *job["file_uris"], *job["jar_file_uris"]]
    prefix = f"gs://{settings.data_bucket}/"
    assert [uri for uri in uris if uri.removeprefix(prefix) not in shipped] == []
    # Every module and every schema; Spark puts them side by side, so no two may share a name.
    names = [Path(uri).name for uri in uris]
    assert len(names) == len(set(names))
    here = {path.name for path in (ROOT / "pyspark-jobs").rglob("*") if path.suffix in (".py", ".json")}
    assert here <= set(names)
    assert [name for name in names if name.startswith("postgresql-")] != []


def test_the_whole_dag_is_shipped(dev_stack):
    shipped = {item["name"] for item in dev_stack["resource"]["google_storage_bucket_object"].values()}
    here = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "dags").rglob("*")
        if path.suffix == ".py" or path.name == ".airflowignore"
    }
    # The driver to PostgreSQL, see sales_platform/google/postgres_login.py.
    assert {name for name in shipped if name.startswith("dags/")} == here | {"dags/sales_platform/dependencies.zip"}


def test_the_images_connector_is_not_sent_again(settings):
    job = dataproc_job(settings, DAY, "r", 1)["pyspark_job"]
    assert job["jar_file_uris"] == [settings.postgres_jar_path]


def test_each_attempt_is_a_job_of_its_own(settings):
    ids = [dataproc_job(settings, DAY, "manual__2026-03-03T00-00-00.5", n)["reference"]["job_id"] for n in (1, 2)]
    assert ids == ["sales-manual__2026-03-03T00-00-00-5-1", "sales-manual__2026-03-03T00-00-00-5-2"]
