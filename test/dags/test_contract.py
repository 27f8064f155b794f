"""What the stack sets, the DAG reads, the job understands and the bucket holds: the same names on every side."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from composer import composer_variables

from sales_job.base import arguments as job_arguments
from sales_job.forecast.bigquery import TABLES as FORECAST_TABLES
from sales_platform.daily_sales.cloud import MATERIALIZED_VIEW
from sales_platform.daily_sales.dataproc_job import dataproc_job
from sales_platform.settings import CloudSettings, ParseSettings
from sales_platform.shared.run_parameters import Days, job_options

ROOT = Path(__file__).resolve().parents[2]
DAY = Days(dt.date(2026, 3, 3), dt.date(2026, 3, 4), scheduled=True)
READ = {field.name.upper() for kind in (CloudSettings, ParseSettings) for field in fields(kind)}
OPTIONAL = {
    name.upper()
    for kind in (CloudSettings, ParseSettings)
    for name, hint in get_type_hints(kind).items()
    if type(None) in get_args(hint)
}
FIXED = {
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
}
"""Names that are an interface to others."""


def shipped(stack: dict[str, Any]) -> set[str]:
    """Names of the objects that a stack uploads."""
    return {item["name"] for item in stack["resource"]["google_storage_bucket_object"].values()}


def test_the_stacks_set_what_the_dags_read_and_nothing_else(stacks: dict[str, dict[str, Any]]) -> None:
    given = [set(composer_variables(stack)) for stack in stacks.values()]
    for names in given:
        assert names <= READ
        assert READ - names <= OPTIONAL
    # A setting that no environment has would be dead; test/infra/platform synthesizes a cluster that stands.
    assert set().union(*given) == READ - {"CLUSTER_STANDING", "HOLD_UNUSUAL_DAYS"}
    assert FIXED <= READ - OPTIONAL


def test_every_value_is_known_at_synth(stacks: dict[str, dict[str, Any]]) -> None:
    unknown = [
        (name, variable)
        for name, stack in stacks.items()
        for variable, value in composer_variables(stack).items()
        if "${" in value or not value
    ]
    assert unknown == []


def test_every_environments_settings_are_understood(
    stacks: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, stack in stacks.items():
        with monkeypatch.context() as environment:
            for variable, value in composer_variables(stack).items():
                environment.setenv(variable, value)
            assert CloudSettings.read().environment == name
            ParseSettings.read()


def test_the_operator_may_delete_the_instances_of_drills_alone(
    dev_stack: dict[str, Any], cloud_settings: CloudSettings
) -> None:
    """The role that deletes instances has a condition on the name: the prefix of the drill's copies."""
    prefix = cloud_settings.restore_drill_instance_prefix
    conditions = [
        member["condition"]["expression"]
        for member in dev_stack["resource"]["google_project_iam_member"].values()
        if "condition" in member and "/instances/" in member["condition"]["expression"]
    ]
    assert conditions != []
    assert [text for text in conditions if f"/instances/{prefix}" not in text] == []
    assert not cloud_settings.cloudsql_instance.startswith(prefix)


def test_the_job_understands_what_the_dag_sends(cloud_settings: CloudSettings) -> None:
    job = dataproc_job(cloud_settings, DAY, "scheduled__2026-03-03", 1)
    parsed = job_arguments.parse(job["pyspark_job"]["args"])
    assert parsed.lake == f"gs://{cloud_settings.data_bucket}/production_data"
    assert parsed.interval is not None
    assert (parsed.interval.start, parsed.interval.end) == (dt.date(2026, 3, 3), dt.date(2026, 3, 4))
    assert parsed.run_id == "scheduled__2026-03-03"
    assert parsed.warehouse is None
    assert parsed.cloud == job_arguments.Cloud(
        project_id=cloud_settings.pyspark_project_id,
        region=cloud_settings.region,
        data_bucket=cloud_settings.data_bucket,
        staging_bucket=cloud_settings.staging_bucket,
        cloudsql_ip=cloud_settings.cloudsql_ip,
        database_name=cloud_settings.database_name,
        database_user=cloud_settings.database_user,
        sql_password_secret=cloud_settings.sql_password_secret,
        customer_key_secret=cloud_settings.customer_key_secret,
        bigquery_dataset=cloud_settings.bigquery_dataset,
        environment="dev",
        primary_workers=cloud_settings.primary_workers,
        cluster_usd_per_hour=cloud_settings.cluster_usd_per_hour,
        spot_worker_usd_per_hour=cloud_settings.spot_worker_usd_per_hour,
        query_usd_per_tib=cloud_settings.query_usd_per_tib,
    )


def test_a_job_submitted_by_hand_takes_the_customer_key_of_the_stack(cloud_settings: CloudSettings) -> None:
    sent = dataproc_job(cloud_settings, DAY, "r", 1)["pyspark_job"]["args"]
    at = sent.index("--customer-key-secret")
    parsed = job_arguments.parse([*sent[:at], *sent[at + 2 :]])
    assert parsed.cloud is not None
    # The same key, or the same people would be other customers.
    assert parsed.cloud.customer_key_secret == cloud_settings.customer_key_secret == "sales-customer-key"


def test_every_option_that_the_job_requires_of_the_cloud_is_sent(cloud_settings: CloudSettings) -> None:
    sent = dataproc_job(cloud_settings, DAY, "r", 1)["pyspark_job"]["args"][::2]
    required = {f"--{field.name.replace('_', '-')}" for field in fields(job_arguments.Cloud)}
    assert required <= set(sent)


def test_a_cluster_without_prices_sends_none(cloud_settings: CloudSettings) -> None:
    unpriced = replace(cloud_settings, cluster_usd_per_hour=None, spot_worker_usd_per_hour=None)
    cloud = job_arguments.parse(dataproc_job(unpriced, DAY, "r", 1)["pyspark_job"]["args"]).cloud
    assert cloud is not None
    assert (cloud.primary_workers, cloud.cluster_usd_per_hour) == (cloud_settings.primary_workers, None)
    assert cloud.query_usd_per_tib == cloud_settings.query_usd_per_tib


def test_an_operators_share_of_bad_lines_reaches_the_job(cloud_settings: CloudSettings) -> None:
    options = job_options({"params": {"max_bad_ratio": 0.2}})
    ratios = [
        job_arguments.parse(dataproc_job(cloud_settings, DAY, "r", 1, given)["pyspark_job"]["args"]).max_bad_ratio
        for given in ([], options)
    ]
    # 5 % is the limit that the environments' own bound is checked against.
    assert ratios == [0.05, 0.2]


def test_what_the_environment_does_with_unusual_days_reaches_the_job(cloud_settings: CloudSettings) -> None:
    assert cloud_settings.hold_unusual_days is None
    held = [
        job_arguments.parse(dataproc_job(cloud_settings, DAY, "r", 1, given)["pyspark_job"]["args"]).hold_unusual_days
        for given in (job_options({"params": {}}), job_options({"params": {}}, hold_unusual_days=True))
    ]
    assert held == [False, True]


def test_what_the_job_needs_is_where_the_dag_points(cloud_settings: CloudSettings, dev_stack: dict[str, Any]) -> None:
    job = dataproc_job(cloud_settings, DAY, "r", 1)["pyspark_job"]
    # What a driver on YARN gets by --files does not reach SparkFiles.
    assert "file_uris" not in job
    uris = [job["main_python_file_uri"], *job["python_file_uris"], *job["jar_file_uris"]]
    prefix = f"gs://{cloud_settings.data_bucket}/"
    assert [uri for uri in uris if uri.removeprefix(prefix) not in shipped(dev_stack)] == []
    # Spark puts them side by side, so no two may share a name.
    names = [Path(uri).name for uri in uris]
    assert len(names) == len(set(names))
    assert [uri.removeprefix(prefix) for uri in cloud_settings.pyspark_py_files] == [
        "pyspark-jobs/database_utils.py",
        "pyspark-jobs/sales_job.zip",
    ]
    assert [name for name in names if name.startswith("postgresql-")] != []


def test_the_dag_may_write_the_view_that_it_refreshes_and_the_tables_of_the_forecast_alone(
    stacks: dict[str, dict[str, Any]],
) -> None:
    for name, stack in stacks.items():
        grants = stack["resource"]["google_bigquery_table_iam_member"].values()
        tables = {
            reference: table["table_id"] for reference, table in stack["resource"]["google_bigquery_table"].items()
        }
        written = {
            tables[grant["table_id"].split(".")[1]]
            for grant in grants
            if "orchestrator" in grant["member"] and grant["role"] != "roles/bigquery.dataViewer"
        }
        assert written == {MATERIALIZED_VIEW, *FORECAST_TABLES}, name


def test_the_archive_holds_every_module_table_and_query_of_the_job(stacks: dict[str, dict[str, Any]]) -> None:
    here = {
        path.relative_to(ROOT / "pyspark-jobs").as_posix()
        for path in (ROOT / "pyspark-jobs/sales_job").rglob("*")
        if path.suffix in (".py", ".json", ".sql")
    }
    with zipfile.ZipFile(ROOT / "dist/sales_job.zip") as archive:
        assert {name for name in archive.namelist() if not name.endswith("/")} == here


def test_the_whole_dag_is_shipped(dev_stack: dict[str, Any]) -> None:
    here = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "dags").rglob("*")
        if path.suffix == ".py" or path.name == ".airflowignore"
    }
    # The driver to PostgreSQL (google/postgres_login.py), the job's catalog of tables (sales_platform/__init__.py), and
    # what daily_sales/report_writer.py fills.
    beside = {f"dags/sales_platform/{name}" for name in ("dependencies.zip", "sales_job.zip", "report_template.html")}
    assert {name for name in shipped(dev_stack) if name.startswith("dags/")} == here | beside


def test_the_connector_of_the_image_is_not_sent_again(cloud_settings: CloudSettings) -> None:
    job = dataproc_job(cloud_settings, DAY, "r", 1)["pyspark_job"]
    assert job["jar_file_uris"] == [cloud_settings.postgres_jar_path]


def test_each_attempt_is_a_job_of_its_own(cloud_settings: CloudSettings) -> None:
    run = "manual__2026-03-03T00-00-00.5"
    ids = [dataproc_job(cloud_settings, DAY, run, n)["reference"]["job_id"] for n in (1, 2)]
    assert ids == ["sales-manual__2026-03-03T00-00-00-5-1", "sales-manual__2026-03-03T00-00-00-5-2"]
