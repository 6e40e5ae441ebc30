"""Whatever happens, in whatever order: no job is lost, none ends twice, and no late worker touches anything.

Hypothesis drives the real functions on a real Postgres: callers, workers that finish, fail, fall silent and wake up
late, brokers that lose and double hints, sweeps at any moment. After every sequence the world is left to run, and every
job must end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from tests.jobs.conftest import empty
from tests.jobs.world import (
    KINDS_OF_JOB,
    MAX_ATTEMPTS,
    TENANT,
    accept,
    claim,
    do,
    leases_over,
    output_of,
    run_everything,
    waits_over,
)

from vasari.jobs import requests, upkeep, work
from vasari.jobs.schema import Attempt, Hint, Job, Stage
from vasari.jobs.states import JobState, ResultKind, StageKind, StageState
from vasari.values import Fault, InputError, NotFound, Reason

index = st.integers(0, 30)


class World(RuleBasedStateMachine):
    engine: ClassVar[Engine]

    def __init__(self) -> None:
        super().__init__()
        empty(self.engine)
        self.accepted: dict[UUID, JobState | None] = {}
        """Every job whose acceptance was answered, and how it ended, once it has."""
        self.deleted: set[UUID] = set()
        self.leases: list[work.Lease] = []
        """Every lease ever given; most are void by now, but their holders may not know."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine) as session, session.begin():
            yield session

    def pick_lease(self, choice: int) -> work.Lease:
        return self.leases[choice % len(self.leases)]

    def pick_job(self, choice: int) -> UUID:
        return list(self.accepted)[choice % len(self.accepted)]

    def holds(self, session: Session, lease: work.Lease) -> bool:
        stage = session.get(Stage, lease.stage_id, populate_existing=True)
        return stage is not None and stage.token == lease.token and stage.state is StageState.RUNNING

    @rule(
        request=st.sampled_from([None, "a", "b"]),
        face=st.sampled_from(["x", "y"]),
        kind=st.sampled_from(list(KINDS_OF_JOB)),
    )
    def create(self, request: str | None, face: str, kind: str) -> None:
        with self.transaction() as session:
            known = select(Job.id).where(Job.request_id == request)
            before = session.scalars(known).first() if request else None
            # One request_id always asks for the same, here.
            asked = {} if request else KINDS_OF_JOB[kind]
            job = accept(session, request_id=request, **{"appearance_key": face} | asked)
            assert before is None or job == before
        self.accepted.setdefault(job, None)

    @rule(kind=st.sampled_from(StageKind))
    def take(self, kind: StageKind) -> None:
        with self.transaction() as session:
            lease = claim(session, kind)
        if lease is not None:
            assert all(lease.token > earlier.token for earlier in self.leases)
            self.leases.append(lease)

    @precondition(lambda self: self.leases)
    @rule(choice=index, how=st.sampled_from(["finish", "fault", "outage", "input", "release", "renew", "segment"]))
    def report(self, choice: int, how: str) -> None:
        """Any worker that ever held a lease reports, in time or late."""
        lease = self.pick_lease(choice)
        with self.transaction() as session:
            held = self.holds(session, lease)
            try:
                if how == "finish":
                    do(session, lease) if held else work.finish(session, lease, output_of(lease))
                elif how in ("fault", "outage"):
                    error = Fault(Reason.INTERNAL if how == "fault" else Reason.UNAVAILABLE, "broken")
                    work.fail(session, lease, error, max_attempts=MAX_ATTEMPTS, retry_seconds=1.0)
                elif how == "input":
                    error = InputError(Reason.NO_FACE, "no face")
                    work.fail(session, lease, error, max_attempts=MAX_ATTEMPTS, retry_seconds=1.0)
                elif how == "release":
                    work.release(session, lease)
                elif how == "renew":
                    work.renew(session, lease, 1, 60.0)
                elif lease.kind is StageKind.MOTION and lease.result_kind is ResultKind.VIDEO:
                    work.add_segment(session, lease, 0, 0, 50, {"motion": "early"})
                else:
                    return
            except work.LeaseLost:
                assert not held
            else:
                assert held

    @precondition(lambda self: self.accepted)
    @rule(choice=index)
    def cancel(self, choice: int) -> None:
        job = self.pick_job(choice)
        with self.transaction() as session:
            if job in self.deleted:
                with pytest.raises(NotFound):
                    requests.cancel_job(session, TENANT, job)
            else:
                assert requests.cancel_job(session, TENANT, job).state.ended

    @precondition(lambda self: self.accepted)
    @rule(choice=index)
    def delete(self, choice: int) -> None:
        job = self.pick_job(choice)
        if job not in self.deleted:
            with self.transaction() as session:
                requests.delete_job(session, TENANT, job)
            self.deleted.add(job)

    @rule()
    def all_workers_fall_silent(self) -> None:
        with self.transaction() as session:
            leases_over(session)

    @rule()
    def sweep(self) -> None:
        with self.transaction() as session:
            upkeep.sweep(session, max_attempts=MAX_ATTEMPTS, retry_seconds=1.0)

    @rule()
    def time_passes(self) -> None:
        with self.transaction() as session:
            waits_over(session)

    @rule()
    def the_broker_loses_every_hint(self) -> None:
        with self.transaction() as session:
            upkeep.relay(session, lambda _: None)

    @rule()
    def remind(self) -> None:
        """Whatever was lost: after a reminder every kind of ready stage has a hint in the outbox again."""
        with self.transaction() as session:
            upkeep.remind(session, hint_seconds=-1.0)
            ready = select(Stage.kind).where(
                Stage.state == StageState.READY, Stage.kind != StageKind.JOIN, Stage.run_after <= func.now()
            )
            hinted = set(session.scalars(select(Hint.queue)))
            assert {kind.queue for kind in session.scalars(ready)} <= hinted

    @invariant()
    def every_job_is_accounted_for(self) -> None:
        with self.transaction() as session:
            jobs = {job.id: job for job in session.scalars(select(Job))}
            assert set(jobs) == set(self.accepted) - self.deleted
            for job in jobs.values():
                if self.accepted[job.id] is not None:
                    assert job.state is self.accepted[job.id], "a job ends once"
                if job.state.ended:
                    self.accepted[job.id] = job.state
                    assert job.ended_at is not None
                assert (job.state is JobState.SUCCEEDED) == (job.result is not None)
                if job.result is not None:
                    assert job.result["object"].endswith("mp4" if job.result_kind is ResultKind.VIDEO else "csv")
                assert (job.state is JobState.FAILED) == (job.reason is not None and bool(job.message))

    @invariant()
    def stages_agree_with_their_jobs(self) -> None:
        with self.transaction() as session:
            for stage, job in session.execute(select(Stage, Job).join(Job, Job.id == Stage.job_id)):
                state, kinds = job.state, job.stage_kinds
                if state.ended:
                    assert stage.state.ended, "nothing of an ended job can be claimed or is leased"
                if state is JobState.SUCCEEDED:
                    assert stage.state.done
                assert stage.kind in kinds, "a job has no stage that its result does not need"
                if stage.state is StageState.RUNNING:
                    assert stage.lease_expires_at is not None
                if stage.state is StageState.READY and stage.kind is not StageKind.JOIN:
                    assert stage.hinted_at is not None, "or nobody would be told, not even again"
                assert stage.attempts <= MAX_ATTEMPTS

    @invariant()
    def at_most_one_attempt_at_a_stage_is_open(self) -> None:
        with self.transaction() as session:
            opened = select(func.count()).where(Attempt.outcome.is_(None)).group_by(Attempt.stage_id)
            assert all(count == 1 for count in session.scalars(opened))
            running = select(func.count()).where(Stage.state == StageState.RUNNING)
            assert session.scalar(running) == session.scalar(select(func.count()).where(Attempt.outcome.is_(None)))

    def teardown(self) -> None:
        with self.transaction() as session:
            leases_over(session)
            while upkeep.sweep(session, max_attempts=MAX_ATTEMPTS, retry_seconds=1.0):
                session.flush()
            run_everything(session)
        with self.transaction() as session:
            assert all(job.state.ended for job in session.scalars(select(Job))), "no job is lost"


def test_any_order_of_events(engine: Engine) -> None:
    World.engine = engine
    run_state_machine_as_test(
        World,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
