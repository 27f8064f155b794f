"""The lock of a line store in a bucket: one object, which names the run that owns it and its Dataproc job.

The object is written on the condition that it is the one that was read before (its *generation*; 0: no object), which
Cloud Storage checks itself: of two runs one gets the lock. A run that is killed leaves it. The next one takes it over
when the owner's job has ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import NamedTuple, Protocol

from sales_job.base.errors import JobError

PATIENCE_SECONDS = 60
"""How long a lock is waited for: Dataproc learns a moment later that a driver has ended."""

POLL_SECONDS = 5


@dataclass(frozen=True)
class Owner:
    """A run that owns the lock. ``version`` names its attempt; ``job_id`` is its Dataproc job, "" where not known."""

    project_id: str
    region: str
    job_id: str
    run_id: str
    version: str

    def __str__(self) -> str:
        return f"Dataproc job {self.job_id or '(unknown)'} of {self.project_id}, run {self.run_id}"


class Held(NamedTuple):
    """The lock as it was read."""

    owner: Owner
    generation: int


class LockObject(Protocol):
    """The object of a lock."""

    name: str
    """Its URI."""

    def read(self) -> tuple[str, int] | None:
        """Content and generation; None where no object is."""

    def write(self, content: str, generation: int) -> int | None:
        """Writes the object if it still has this generation; returns its new one, None where it has another."""

    def delete(self, generation: int) -> None:
        """Removes the object if it still has this generation."""


JobState = Callable[[Owner], str]
"""The state of an owner's job: a Dataproc state, or "" where no such job is."""

ENDED = {"DONE", "ERROR", "CANCELLED", ""}
"""States of a job that runs no more. A job that is deleted had ended before."""


class Lock:
    """The lock, held by one run."""

    def __init__(self, target: LockObject, owner: Owner, generation: int) -> None:
        self._target, self._owner, self._generation = target, owner, generation

    def require_held(self) -> None:
        """Checks that the lock is still this run's.

        Raises:
            JobError: it is not: somebody removed the object, or took Dataproc's word that this job had ended.
        """
        held = read(self._target)
        if held is None or held.generation != self._generation:
            now = held.owner if held else "nobody"
            raise JobError(f"{self._target.name}: this run lost its lock to {now}: nothing is published, run again")

    def release(self) -> None:
        """Gives the lock back, unless another run has it by now."""
        self._target.delete(self._generation)


def read(target: LockObject) -> Held | None:
    """Who holds the lock.

    Raises:
        JobError: the object is not a lock.
    """
    found = target.read()
    if found is None:
        return None
    try:
        return Held(Owner(**json.loads(found[0])), found[1])
    except (ValueError, TypeError):
        raise JobError(f"{target.name} is not a lock of this job: remove it while no run is under way") from None


def acquire(
    target: LockObject,
    owner: Owner,
    state_of: JobState,
    patience: float = PATIENCE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> Lock:
    """Takes the lock; waits a moment for an owner whose job is about to end.

    Args:
        state_of: looks a job up.
        patience: how long to wait, in seconds.
        pause: waits some seconds.

    Raises:
        JobError: another run holds it.
    """
    waited = 0.0
    while True:
        held = read(target)
        if held is not None and held.owner == owner:
            # The answer to our own request was lost.
            return Lock(target, owner, held.generation)
        if held is not None and not _has_ended(target, held.owner, owner, state_of):
            if waited >= patience:
                raise JobError(
                    f"{held.owner} is writing to this warehouse (lock {target.name}): wait until it ends, or cancel it"
                )
            pause(POLL_SECONDS)
            waited += POLL_SECONDS
            continue
        content = json.dumps(asdict(owner))
        generation = target.write(content, held.generation if held else 0)
        if generation is not None:
            return Lock(target, owner, generation)


def _has_ended(target: LockObject, held: Owner, mine: Owner, state_of: JobState) -> bool:
    if not held.job_id:
        raise JobError(
            f"{held} holds the lock {target.name}, and whether it still runs is not known: remove the object if not"
        )
    # Dataproc starts a driver of one job again only when the one before has ended.
    same_job = (held.project_id, held.region, held.job_id) == (mine.project_id, mine.region, mine.job_id)
    return same_job or state_of(held) in ENDED


@contextmanager
def locked(target: LockObject, owner: Owner, state_of: JobState, warn: Callable[[str], None]) -> Iterator[Lock]:
    """Holds the lock; gives it back at the end, whatever the end."""
    lock = acquire(target, owner, state_of)
    try:
        yield lock
    finally:
        try:
            lock.release()
        except Exception as error:
            # The next run takes it over when this job has ended.
            warn(f"the lock {target.name} is not given back: {error}")
