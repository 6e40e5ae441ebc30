"""What the dispatcher does, any number of which may run: each function takes rows that no other holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from vasari.jobs.requests import UNFINISHED, delete_job
from vasari.jobs.schema import Asset, Attempt, Hint, Job, Litter, Stage
from vasari.jobs.states import JobState, Outcome, StageKind, StageState
from vasari.jobs.transitions import discard, end_job, hint, lock_job
from vasari.jobs.work import retry_or_fail
from vasari.values import Fault, Reason

BATCH = 100


def relay(session: Session, send: Callable[[str], None]) -> int:
    """Send the outbox's due hints, each to its queue, and delete them. Returns how many.

    If `send` raises, the transaction rolls back and the hints stay; one that was sent already comes twice, which is
    harmless.
    """
    due = session.execute(
        select(Hint.id, Hint.queue)
        .where(Hint.not_before <= func.clock_timestamp())
        .order_by(Hint.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        send(row.queue)
    session.execute(delete(Hint).where(Hint.id.in_([row.id for row in due])))
    return len(due)


def remind(session: Session, hint_seconds: float) -> int:
    """Hint again about ready stages that nobody claimed: the broker may have lost the first hint."""
    overdue = (
        select(Stage)
        .where(
            Stage.state == StageState.READY,
            Stage.kind != StageKind.JOIN,
            Stage.run_after <= func.clock_timestamp(),
            Stage.hinted_at < func.clock_timestamp() - timedelta(seconds=hint_seconds),
        )
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    stages = session.scalars(overdue).all()
    for stage in stages:
        hint(session, stage)
    return len(stages)


def sweep(session: Session, *, max_attempts: int, retry_seconds: float) -> int:
    """Take stages back from workers that fell silent past their lease."""
    silent = select(Stage.id, Stage.job_id).where(
        Stage.state == StageState.RUNNING, Stage.lease_expires_at < func.clock_timestamp()
    )
    taken = 0
    for stage_id, job_id in session.execute(silent.limit(BATCH)).all():
        job = lock_job(session, job_id)
        stage = session.get(Stage, stage_id, populate_existing=True)
        still = select(Stage.lease_expires_at < func.clock_timestamp()).where(Stage.id == stage_id)
        if job is None or stage is None or stage.state is not StageState.RUNNING or not session.scalar(still):
            continue
        session.execute(
            update(Attempt)
            .where(Attempt.token == stage.token)
            .values(outcome=Outcome.LOST, ended_at=func.clock_timestamp())
            .execution_options(synchronize_session=False)
        )
        lost = Fault(Reason.INTERNAL, f"the worker {stage.worker} stopped answering")
        retry_or_fail(session, job, stage, lost, max_attempts=max_attempts, retry_seconds=retry_seconds)
        taken += 1
    return taken


def end_overdue(session: Session) -> int:
    """Fail jobs whose deadline has passed."""
    overdue = select(Job.id).where(Job.state.in_(UNFINISHED), Job.deadline_at < func.clock_timestamp())
    ended = 0
    for job_id in session.scalars(overdue.limit(BATCH)).all():
        job = lock_job(session, job_id)
        if job is not None and not job.state.ended:
            message = "the job was not done by its deadline; allow more time, or try again when the server is less busy"
            end_job(session, job, JobState.FAILED, reason=Reason.DEADLINE_EXCEEDED, message=message)
            ended += 1
    return ended


def forget_old(session: Session, retention_seconds: float) -> int:
    """Delete jobs that ended long ago, and assets that no job ever used."""
    before = func.clock_timestamp() - timedelta(seconds=retention_seconds)
    old = session.execute(select(Job.tenant_id, Job.id).where(Job.ended_at < before).limit(BATCH)).all()
    for tenant_id, job_id in old:
        if lock_job(session, job_id) is not None:
            delete_job(session, tenant_id, job_id)
    used = select(Job.id).where(
        Job.tenant_id == Asset.tenant_id,
        (Job.portrait_sha256 == Asset.sha256) | (Job.speech_sha256 == Asset.sha256),
    )
    unused = select(Asset).where(Asset.created_at < before, ~used.exists()).limit(BATCH)
    for asset in session.scalars(unused.with_for_update(skip_locked=True)).all():
        session.delete(asset)
        discard(session, asset.object_name)
    return len(old)


def collect_litter(session: Session, remove: Callable[[str, str | None], None]) -> int:
    """Have the store forget what rows have let go of: `remove(prefix, keep)`. Returns how many prefixes."""
    due = session.scalars(
        select(Litter)
        .where(Litter.not_before <= func.clock_timestamp())
        .order_by(Litter.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for litter in due:
        remove(litter.prefix, litter.keep)
        session.delete(litter)
    return len(due)
