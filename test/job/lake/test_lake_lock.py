"""The lock of a line store in a bucket: one owner at a time, whoever starts, is killed, or is answered late."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace

import pytest

from sales_job.base.errors import ConfigurationError, JobError
from sales_job.targets.lake_lock import Lock, Owner, acquire, locked, read
from sales_job.warehouse.bigquery_tables import require_own_lake

A = Owner("sales", "us-central1", "job-a", "2026-01-02", "v-a")
B = Owner("sales", "us-central1", "job-b", "rebuild", "v-b")
NAME = "gs://lake/production_data/processed/_lock"


@dataclass
class Bucket:
    """An object as Cloud Storage keeps it, and the states of jobs as Dataproc says them."""

    content: str = ""
    generation: int = 0
    written: int = 0
    states: dict[str, str] = field(default_factory=dict)
    before_each: Callable[[], None] = lambda: None
    lose_answers: int = 0
    name: str = NAME

    def read(self) -> tuple[str, int] | None:
        self.before_each()
        return (self.content, self.generation) if self.generation else None

    def write(self, content: str, generation: int) -> int | None:
        self.before_each()
        if generation != self.generation:
            return None
        self.written += 1
        self.content, self.generation = content, self.written
        if self.lose_answers:
            # The request is repeated, and fails on its own condition.
            self.lose_answers -= 1
            return None
        return self.generation

    def delete(self, generation: int) -> None:
        self.before_each()
        if generation == self.generation:
            self.generation = 0

    def state_of(self, owner: Owner) -> str:
        self.before_each()
        return self.states.get(owner.job_id, "")

    def take(self, owner: Owner) -> Lock:
        return acquire(self, owner, self.state_of, patience=0, pause=lambda _: None)

    @property
    def owner(self) -> Owner | None:
        return Owner(**json.loads(self.content)) if self.generation else None


def test_a_free_lock_is_taken_and_given_back() -> None:
    bucket = Bucket(states={"job-a": "RUNNING"})
    with locked(bucket, A, bucket.state_of, pytest.fail) as lock:
        lock.require_held()
        assert bucket.owner == A
    assert bucket.owner is None


@pytest.mark.parametrize(
    "state", ["PENDING", "SETUP_DONE", "RUNNING", "CANCEL_PENDING", "CANCEL_STARTED", "ATTEMPT_FAILURE"]
)
def test_a_run_whose_job_is_not_over_is_named_and_left_alone(state: str) -> None:
    bucket = Bucket(states={"job-a": state})
    bucket.take(A)
    with pytest.raises(JobError) as error:
        bucket.take(B)
    assert str(error.value) == (
        f"Dataproc job job-a of sales, run 2026-01-02 is writing to this warehouse (lock {NAME}): "
        "wait until it ends, or cancel it"
    )
    assert bucket.owner == A


@pytest.mark.parametrize("state", ["DONE", "ERROR", "CANCELLED", ""])
def test_a_lock_is_taken_over_when_its_job_has_ended(state: str) -> None:
    bucket = Bucket(states={"job-a": state})
    first = bucket.take(A)
    bucket.take(B).require_held()
    assert bucket.owner == B
    with pytest.raises(
        JobError, match="lost its lock to Dataproc job job-b of sales, run rebuild: nothing is published"
    ):
        first.require_held()
    # What it gives back is not its own any more.
    first.release()
    assert bucket.owner == B


def test_a_job_that_ends_a_moment_later_is_waited_for() -> None:
    bucket, pauses = Bucket(states={"job-a": "RUNNING"}), []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        bucket.states["job-a"] = "ERROR"

    bucket.take(A)
    acquire(bucket, B, bucket.state_of, pause=pause)
    assert bucket.owner == B
    assert len(pauses) == 1


def test_a_second_attempt_of_one_job_takes_over_from_the_first() -> None:
    """Dataproc starts a driver again when it has ended: the job is running, its former driver is not."""
    bucket = Bucket(states={"job-a": "RUNNING"})
    bucket.take(A)
    bucket.take(replace(A, version="v-a2"))
    assert bucket.owner == replace(A, version="v-a2")


def test_a_lost_answer_is_no_loss_of_the_lock() -> None:
    bucket = Bucket(states={"job-a": "RUNNING"}, lose_answers=1)
    bucket.take(A).require_held()
    assert bucket.written == 1


def test_an_owner_without_a_job_is_never_taken_for_ended() -> None:
    bucket = Bucket()
    bucket.take(replace(A, job_id=""))
    with pytest.raises(JobError, match=r"whether it still runs is not known: remove the object if not"):
        bucket.take(B)


def test_what_is_no_lock_is_named() -> None:
    bucket = Bucket(content="hello", generation=3)
    with pytest.raises(JobError, match=f"{NAME} is not a lock of this job"):
        bucket.take(A)


@pytest.mark.parametrize("held_before", [False, True])
def test_of_two_runs_one_gets_the_lock_whenever_the_second_starts(held_before: bool) -> None:
    """At every request of A to the bucket or to Dataproc, B starts and takes its whole turn."""
    boundaries = 0
    while True:
        states = {"job-a": "RUNNING", "job-b": "RUNNING", "job-dead": "ERROR"}
        bucket = Bucket(states=states)
        if held_before:
            bucket.take(Owner("sales", "us-central1", "job-dead", "yesterday", "v-0"))
        countdown, second = [boundaries], list[Lock]()

        def b_starts(bucket: Bucket = bucket, countdown: list[int] = countdown, second: list[Lock] = second) -> None:
            countdown[0] -= 1
            if countdown[0] == -1:
                second.append(bucket.take(B))

        bucket.before_each = b_starts
        first = []
        with suppress(JobError):
            first.append(bucket.take(A))
        if countdown[0] >= 0:
            break  # B never started: A had fewer requests
        assert len(first) + len(second) == 1
        holder = (first + second)[0]
        holder.require_held()
        assert bucket.owner == (A if first else B)
        boundaries += 1
    # Read and write; with a lock of before also the look at its job.
    assert boundaries == (3 if held_before else 2)


def test_the_object_says_who_owns_it() -> None:
    bucket = Bucket(states={"job-a": "RUNNING"})
    bucket.take(A)
    assert json.loads(bucket.content) == asdict(A)
    held = read(bucket)
    assert held is not None
    assert held.owner == A


class Dataset:
    """A dataset with labels, as the API shows it."""

    def __init__(self, **labels: str) -> None:
        self._labels = {name.replace("_", "-"): value for name, value in labels.items()}

    def labels(self, _dataset: str) -> dict[str, str]:
        return self._labels


def test_a_dataset_is_filled_from_the_lake_that_its_labels_name() -> None:
    mine = Dataset(lake_bucket="prod-data", lake_folder="production_data", team="x")
    require_own_lake(mine, "sales.warehouse", "gs://prod-data/production_data/")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError) as error:
        require_own_lake(mine, "sales.warehouse", "gs://dev-data/production_data")  # type: ignore[arg-type]
    assert str(error.value) == (
        "--bigquery-dataset sales.warehouse: is filled from the lake gs://prod-data/production_data, "
        "not from gs://dev-data/production_data: name that lake, or the dataset of this one"
    )
    # One that somebody made by hand belongs to nobody.
    require_own_lake(Dataset(), "sales.warehouse", "gs://dev-data/production_data")  # type: ignore[arg-type]
