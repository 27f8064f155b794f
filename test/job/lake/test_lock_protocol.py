"""A model of two attempts over one warehouse in the cloud, in every order, killed anywhere: all states are visited.

One day of lines; both attempts take an arrival of it. The steps are those of the job, each a request or a write that
happens as a whole: the lock (``targets/lake_lock.py``), what a killed run left (``pipeline.py: _recover``), the folder
of the day (``line_store.py``) and the publication (``warehouse/bigquery.py``). Beside the attempts act BigQuery, which
runs a publication at a time of its own, also when its driver is gone, and Dataproc, which learns some time later that a
driver is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

FIRST = "v0"
"""The version that is published before."""

(READ_LOCK, LOOK_AT_JOB, WRITE_LOCK, LIST_OPEN, SETTLE, READ_VERSIONS, REMOVE, FORGET, OPEN, WRITE, READ_BACK, GUARD,
 SUBMIT, WAIT, CLOSE, RELEASE, END) = range(17)  # fmt: skip
"""The steps of an attempt, in order."""


@dataclass(frozen=True)
class Attempt:
    """An attempt: its next ``step``, whether its driver lives, and what it knows."""

    name: str
    step: int = READ_LOCK
    alive: bool = True
    job: str = "running"
    """Its job, as Dataproc says: running or ended."""
    crashes: int = 1
    """How often it may still be killed."""
    seen_owner: str = ""
    seen_generation: int = 0
    generation: int = 0
    """Of its own lock."""
    killed: frozenset[str] = frozenset()
    base: str = ""
    """The version that it read as published, and builds on."""

    @property
    def over(self) -> bool:
        return self.step == END or not self.alive


@dataclass(frozen=True)
class Publication:
    """A job of BigQuery: waiting or done."""

    version: str
    base: str
    state: str


@dataclass(frozen=True)
class World:
    """Everything that the attempts share."""

    attempts: tuple[Attempt, ...]
    owner: str = ""
    generation: int = 0
    """Of the lock; 0: no object."""
    written: int = 0
    open: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset({FIRST})
    publications: frozenset[Publication] = frozenset()
    claimed: frozenset[str] = frozenset()
    published: str = FIRST
    history: tuple[str, ...] = (FIRST,)
    wrong: str = ""

    def attempt(self, name: str) -> Attempt:
        return next(one for one in self.attempts if one.name == name)

    def publication(self, version: str) -> Publication | None:
        return next((one for one in self.publications if one.version == version), None)


Flaw = str

FLAWS: dict[Flaw, str] = {
    "does not look at the owner's job": "a lock is taken from an owner that is alive",
    "writes the lock without its condition": "two runs that read the lock at one time both write it",
    "does not settle publications": "a publication whose driver is gone takes place later",
}
"""Mistakes that the model must find, and what each does."""


def moves(world: World, flaw: Flaw) -> Iterator[World]:
    """Every state that may come next."""
    for attempt in world.attempts:
        if attempt.alive and attempt.step != END:
            yield from step(world, attempt, flaw)
        if attempt.alive and attempt.step != END and attempt.crashes:
            yield update(world, replace(attempt, alive=False, crashes=0))
        if attempt.over and attempt.job == "running":
            yield update(world, replace(attempt, job="ended"))
    for job in world.publications:
        if job.state == "waiting":
            yield commit(world, job)


def update(world: World, attempt: Attempt, **changes: object) -> World:
    others = tuple(attempt if one.name == attempt.name else one for one in world.attempts)
    return replace(world, attempts=others, **changes)  # type: ignore[arg-type]


def commit(world: World, job: Publication) -> World:
    """BigQuery runs the publication's transaction: the difference between its base and its version is added."""
    wrong = world.wrong
    if job.base != world.published:
        wrong = f"{job.version} adds its difference to {job.base}, but {world.published} is published"
    elif job.version not in world.folders:
        wrong = f"{job.version} is published, but its lines are gone"
    done = world.publications - {job} | {replace(job, state="done")}
    return replace(world, publications=done, published=job.version, history=(*world.history, job.version), wrong=wrong)


def step(world: World, me: Attempt, flaw: Flaw) -> Iterator[World]:  # noqa: C901, one branch for each step
    """The next step of an attempt; none where it waits."""
    after = replace(me, step=me.step + 1)
    stop = replace(me, step=RELEASE)
    if me.step == READ_LOCK:
        yield update(world, replace(after, seen_owner=world.owner, seen_generation=world.generation))
    elif me.step == LOOK_AT_JOB:
        held = me.seen_generation and flaw != "does not look at the owner's job"
        alive = held and world.attempt(me.seen_owner).job == "running"
        yield update(world, replace(me, step=END) if alive else after)
    elif me.step == WRITE_LOCK:
        if world.generation != me.seen_generation and flaw != "writes the lock without its condition":
            yield update(world, replace(me, step=READ_LOCK))
        else:
            number = world.written + 1
            yield update(world, replace(after, generation=number), owner=me.name, generation=number, written=number)
    elif me.step == LIST_OPEN:
        yield update(world, replace(after, killed=world.open))
    elif me.step == SETTLE:
        yield from settle(world, me, after, flaw)
    elif me.step == READ_VERSIONS:
        yield update(world, replace(after, base=world.published))
    elif me.step == REMOVE:
        kept = {me.base} if me.killed else world.folders
        yield update(world, after, folders=world.folders & kept)
    elif me.step == FORGET:
        yield update(world, after, open=world.open - me.killed)
    elif me.step == OPEN:
        yield update(world, after, open=world.open | {me.name})
    elif me.step == WRITE:
        yield update(world, after, folders=world.folders | {me.name})
    elif me.step == READ_BACK:
        yield update(world, after if me.name in world.folders else stop)
    elif me.step == GUARD:
        yield update(world, after if world.generation == me.generation else stop)
    elif me.step == SUBMIT:
        if me.name in world.claimed:
            yield update(world, stop)
        else:
            yield update(world, after, publications=world.publications | {Publication(me.name, me.base, "waiting")})
    elif me.step == WAIT:
        job = world.publication(me.name)
        if job is not None and job.state == "done":
            yield update(world, after)
    elif me.step == CLOSE:
        yield update(world, after, folders=world.folders - {me.base}, open=world.open - {me.name})
    elif me.step == RELEASE:
        free = {"owner": "", "generation": 0} if world.generation == me.generation else {}
        yield update(world, after, **free)


def settle(world: World, me: Attempt, after: Attempt, flaw: Flaw) -> Iterator[World]:
    if flaw == "does not settle publications":
        yield update(world, after)
        return
    jobs = [world.publication(version) for version in sorted(me.killed)]
    if all(job is None or job.state == "done" for job in jobs):
        unborn = frozenset(version for version in me.killed if world.publication(version) is None)
        yield update(world, after, claimed=world.claimed | unborn)


def fault(world: World) -> str:
    """What must never be."""
    inside = [one.name for one in world.attempts if one.alive and WRITE_LOCK < one.step < RELEASE]
    if len(inside) > 1:
        return "two attempts work at one time"
    if world.published not in world.folders:
        return f"the lines of {world.published}, which is published, are gone"
    if len(set(world.history)) < len(world.history):
        return "a version is published twice"
    return world.wrong


def explore(names: tuple[str, ...], flaw: Flaw = "") -> tuple[set[World], str]:
    """All states that can be reached, and the first fault that was found."""
    start = World(tuple(Attempt(name) for name in names))
    seen, todo = {start}, [start]
    while todo:
        world = todo.pop()
        if wrong := fault(world):
            return seen, wrong
        for following in moves(world, flaw):
            if following not in seen:
                seen.add(following)
                todo.append(following)
    return seen, ""


@pytest.fixture(scope="module")
def states() -> set[World]:
    found, wrong = explore(("a", "b"))
    assert wrong == ""
    return found


def test_no_order_of_two_attempts_loses_or_doubles_anything(states: set[World]) -> None:
    """Every state is checked while they are explored."""
    assert len(states) > 1000
    assert [fault(world) for world in states if fault(world)] == []


def test_the_model_reaches_what_it_is_about(states: set[World]) -> None:
    histories = {world.history[1:] for world in states}
    assert histories == {(), ("a",), ("b",), ("a", "b"), ("b", "a")}
    # A publication takes place when its driver is gone, and the other attempt goes on after it.
    assert any(not world.attempt("a").alive and world.history[1:] == ("a", "b") for world in states)
    # An attempt is turned away by one that lives; a lock outlives its owner.
    assert any(world.attempt("b").step == END and world.attempt("a").step == WAIT for world in states)
    assert any(world.owner == "a" and world.attempt("a").job == "ended" for world in states)


def test_a_next_run_always_gets_through(states: set[World]) -> None:
    """From every state in which both attempts are over and Dataproc knows it, a third run publishes and leaves nothing
    but its own lines, while BigQuery finishes what it was given.
    """
    ends = [world for world in states if all(one.over and one.job == "ended" for one in world.attempts)]
    assert len(ends) > 50
    for world in ends:
        world = replace(world, attempts=(*world.attempts, Attempt("c", crashes=0)))
        while world.attempt("c").step != END:
            following = [*step(world, world.attempt("c"), "")]
            if not following:
                waiting = next(job for job in world.publications if job.state == "waiting")
                following = [commit(world, waiting)]
            world = following[0]
            assert world.wrong == ""
        assert world.published == "c"
        assert world.folders == {"c"}
        assert (world.generation, world.open) == (0, frozenset())


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_protection_is_needed(flaw: Flaw) -> None:
    _, wrong = explore(("a", "b"), flaw)
    assert wrong
