"""Known failures of the daily DAG, each mended once a day; the second time people are notified."""

from __future__ import annotations

import datetime as dt
import json
import logging

import pytest
from airflow.exceptions import AirflowException, AirflowFailException, TaskDeferred
from google.api_core.exceptions import GoogleAPICallError
from google_server import Google
from test_dataproc_job import FIRST, RUN, SECOND, context, deferred, end, operator, running

from sales_platform.daily_sales import dataproc_operator
from sales_platform.services import remedies
from sales_platform.services.cluster import Cluster
from sales_platform.services.tasks import ServiceTasks, StartServices
from sales_platform.settings import CloudSettings

QUOTA = "Insufficient 'CPUS' quota. Requested 12.0, available 8.0."
"""As Dataproc's troubleshooting page has it."""
HALF_AN_HOUR = dt.timedelta(minutes=30)

DESCRIPTION = {
    "clusterName": "sales-dev-spark",
    "labels": {"component": "spark", "goog-dataproc-cluster-uuid": "1-2"},
    "config": {
        "configBucket": "sales-analytics-dev-staging",
        "gceClusterConfig": {
            "serviceAccount": "sales-dev-processing@x.iam.gserviceaccount.com",
            "internalIpOnly": True,
        },
        "masterConfig": {"numInstances": 1, "machineTypeUri": "n2-standard-4", "instanceNames": ["sales-dev-spark-m"]},
        "workerConfig": {"numInstances": 2, "instanceNames": ["sales-dev-spark-w-0", "sales-dev-spark-w-1"]},
        "secondaryWorkerConfig": {"preemptibility": "SPOT", "managedGroupConfig": {"instanceGroupManagerName": "x"}},
        "softwareConfig": {
            "imageVersion": "2.3.34-debian12",
            "properties": {
                "spark:spark.task.maxFailures": "10",
                "hdfs:dfs.namenode.servicerpc-address": "sales-dev-spark-m:8051",
            },
        },
    },
}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A late summary is waited for for a second here."""
    monkeypatch.setattr(dataproc_operator, "LATE_SECONDS", 1)


def services() -> ServiceTasks:
    """The tasks of an environment whose database always runs."""
    return ServiceTasks(CloudSettings.read(), standing=False, hours=None)


def seen(google: Google) -> None:
    """The cluster has been started by a run before."""
    google.cluster = {"status": {"state": "RUNNING"}} | json.loads(json.dumps(DESCRIPTION))
    Cluster(CloudSettings.read()).start()


def start() -> StartServices:
    """The task that starts the services."""
    return StartServices(task_id="start_services", start=services().start_services)


@pytest.mark.parametrize("state", ["ERROR", "GONE"])
def test_a_broken_cluster_is_made_again_as_it_was(google: Google, state: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen(google)
    google.cluster_ways = [state]
    start().execute(context())
    assert google.cluster_state == "RUNNING"
    assert google.changes == (["create"] if state == "GONE" else ["delete", "create"])
    made = {name: value for name, value in google.cluster.items() if name not in ("status", "projectId")}
    # Airflow's hook marks what it makes.
    assert made["labels"].pop("airflow-version").startswith("v2-")
    # SPOT, as this transport writes it.
    assert made["config"]["secondaryWorkerConfig"].pop("preemptibility") == 3
    # The names of the old machines are gone, and nothing else.
    expected = json.loads(json.dumps(DESCRIPTION))
    del expected["labels"]["goog-dataproc-cluster-uuid"]
    for group in ("masterConfig", "workerConfig"):
        del expected["config"][group]["instanceNames"]
    expected["config"]["secondaryWorkerConfig"] = {}
    del expected["config"]["softwareConfig"]["properties"]["hdfs:dfs.namenode.servicerpc-address"]
    assert made == expected
    event = json.loads(next(r.getMessage() for r in caplog.records if '"event":"remedy"' in r.getMessage()))
    assert (event["remedy"], event["run_id"]) == ("recreate_cluster", RUN)
    assert remedies.used_by(RUN) == [f"recreate_cluster: {event['reason']}"]
    assert remedies.used_by("another") == []


def test_a_cluster_that_breaks_twice_a_day_is_left_to_people(google: Google) -> None:
    seen(google)
    google.cluster_ways = ["ERROR"]
    start().execute(context())
    google.changes.clear()
    google.cluster_ways = ["ERROR"]
    with pytest.raises(AirflowFailException, match=r"state ERROR.*the remedy recreate_cluster was tried today already"):
        start().execute(context(2))
    assert google.changes == []


def test_the_next_day_has_its_own_remedy(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remedies, "_today", lambda: "2026-03-04")
    remedies.use(remedies.Remedy.RECREATE_CLUSTER, RUN, "lost")
    monkeypatch.setattr(remedies, "_today", lambda: "2026-03-05")
    remedies.use(remedies.Remedy.RECREATE_CLUSTER, RUN, "lost")
    with pytest.raises(AirflowFailException, match="lost"):
        remedies.use(remedies.Remedy.RECREATE_CLUSTER, RUN, "lost")


def test_a_cluster_that_no_run_has_seen_is_left_to_people(google: Google) -> None:
    google.cluster_ways = ["GONE"]
    with pytest.raises(AirflowFailException, match="deploy the environment again"):
        start().execute(context())


def test_missing_capacity_is_waited_for_once(google: Google) -> None:
    google.cluster["status"]["state"] = "STOPPED"
    google.no_capacity = QUOTA
    with pytest.raises(TaskDeferred) as waits:
        start().execute(context())
    left = waits.value.trigger.moment - dt.datetime.now(dt.UTC)
    assert HALF_AN_HOUR - dt.timedelta(minutes=1) < left <= HALF_AN_HOUR
    google.no_capacity = None
    getattr(start(), waits.value.method_name)(context(), event=None)
    assert google.changes == ["start"]
    google.cluster["status"]["state"] = "STOPPED"
    google.no_capacity = QUOTA
    with pytest.raises(AirflowFailException, match=r"Insufficient 'CPUS' quota.*wait_for_capacity was tried today"):
        start().execute(context(2))


def test_a_cluster_in_error_for_want_of_machines_waits_before_it_is_made_again(google: Google) -> None:
    seen(google)
    detail = "The zone 'projects/p/zones/z' does not have enough resources available to fulfill the request."
    google.cluster["status"] = {"state": "ERROR", "detail": detail}
    with pytest.raises(TaskDeferred):
        start().execute(context())
    assert google.changes == []
    start().execute(context())
    assert google.changes == ["delete", "create"]


def test_other_refusals_are_no_want_of_capacity(google: Google) -> None:
    google.cluster["status"]["state"] = "STOPPED"
    google.no_capacity = "Required 'compute.subnetworks.use' permission"
    with pytest.raises(GoogleAPICallError, match=r"subnetworks\.use"):
        start().execute(context())


STUCK = ("__fail__", {"error": "Trigger/execution timeout"})
"""How Airflow resumes a task that waited longer than it may."""


def test_a_stuck_job_is_cancelled_and_tried_again(google: Google) -> None:
    running(google, FIRST, RUN)
    with pytest.raises(AirflowException, match=f"the job {FIRST} ran longer than 3:00:00: cancelled") as stuck:
        operator().resume_execution(*STUCK, context())
    # Airflow's retry, which first waits for the end of the cancelled job.
    assert not isinstance(stuck.value, AirflowFailException)
    assert google.changes == [f"cancel {FIRST}"]
    end(google, FIRST, None, "CANCELLED")
    assert deferred(operator(), 2).trigger.job_id == SECOND
    google.jobs[SECOND]["status"]["state"] = "RUNNING"
    running(google, SECOND, RUN)
    with pytest.raises(AirflowFailException, match="cancel_stuck_job was tried today already"):
        operator().resume_execution(*STUCK, context(2))
    assert google.changes == [f"cancel {FIRST}", f"cancel {SECOND}"]


def test_a_wait_for_another_runs_job_cancels_nothing(google: Google) -> None:
    running(google, "rebuild", "rebuild-1")
    with pytest.raises(AirflowException, match="timeout"):
        operator().resume_execution(*STUCK, context())
    assert google.changes == []


def test_a_quota_of_bigquery_is_waited_for(google: Google) -> None:
    running(google, FIRST, RUN)
    error = "error: Forbidden: 403 Quota exceeded: Your project exceeded quota for free query bytes scanned."
    end(google, FIRST, "failed", "ERROR", error)
    task = operator()
    with pytest.raises(TaskDeferred) as waits:
        task.execute_complete(context(), event={"job_id": FIRST})
    with pytest.raises(TaskDeferred) as again:
        getattr(task, waits.value.method_name)(context(), event=None)
    assert again.value.trigger.job_id == SECOND


LOST = "Container released on a *lost* node"
"""YARN's diagnostics."""


def test_a_day_that_lost_its_spot_workers_goes_on_without(google: Google) -> None:
    google.cluster["config"] = {"workerConfig": {"numInstances": 2}}
    running(google, FIRST, RUN)
    end(google, FIRST, "failed", "ERROR", f"Exit status: -100. Diagnostics: {LOST}\nerror: Job aborted")
    with pytest.raises(AirflowException, match="Job aborted") as lost:
        operator().execute_complete(context(), event={"job_id": FIRST})
    assert not isinstance(lost.value, AirflowFailException)
    deferred(operator(), 2)
    # Two executors on each of two workers, less the room of YARN's own container.
    assert google.jobs[SECOND]["pysparkJob"]["properties"] == {"spark.dynamicAllocation.maxExecutors": "3"}
    end(google, SECOND, "failed", "ERROR", f"{LOST}\nerror: Job aborted")
    with pytest.raises(AirflowFailException, match=r"Job aborted.*primary_workers_only was tried today already"):
        operator().execute_complete(context(2), event={"job_id": SECOND})


def test_a_job_that_fails_otherwise_uses_no_remedy(google: Google) -> None:
    running(google, FIRST, RUN)
    end(google, FIRST, "failed", "ERROR", "error: revenue_balances does not hold")
    with pytest.raises(AirflowException, match="revenue_balances"):
        operator().execute_complete(context(), event={"job_id": FIRST})
    assert remedies.used_by(RUN) == []
    assert "properties" not in google.jobs[FIRST]["pysparkJob"]
