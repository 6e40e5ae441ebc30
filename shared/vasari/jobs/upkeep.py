"""What the dispatcher does, any number of which may run.

Each function takes rows that no other holds and skips those that are locked: nobody is waited for. All but `relay` and
`remind` do one thing a transaction and say whether there was anything to do; call them until there is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, delete, func, select, text, update
from sqlalchemy.orm import Session

from vasari.jobs.requests import UNFINISHED, delete_job, forget_unused
from vasari.jobs.schema import Asset, Hint, Job, Litter, Stage, Tenant
from vasari.jobs.states import JobState, Outcome, StageKind, StageState
from vasari.jobs.transitions import discard, end_attempt, end_job, restart
from vasari.jobs.work import retry_or_fail
from vasari.telemetry.metrics import LEASES_LOST
from vasari.values import Fault, Reason
from vasari.values.appearance import ENCODER_VERSION
from vasari.values.encoding import VideoEncoding
from vasari.values.engine import ENGINE_VERSION

BATCH: Final = 100
"""Hints sent in one transaction."""
MOST_REMINDERS: Final = 8
"""Hints of one kind that a round of `remind` leaves in the outbox: enough to wake idle workers, who then go on."""
LITTER_SECONDS: Final = 60.0
"""After so long, litter that somebody took and did not finish is taken again."""


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
    """Hint again about ready stages that nobody claimed: the broker may have lost the first hints.

    A hint names no stage, so a few for each kind do, however many stages wait. Returns how many it wrote.
    """
    written = 0
    for kind in (StageKind.FACE_ENCODE, StageKind.MOTION, StageKind.RENDER):
        now = func.clock_timestamp()
        overdue = (
            select(Stage.id)
            .where(
                Stage.kind == kind,
                Stage.state == StageState.READY,
                Stage.run_after <= now,
                Stage.hinted_at < now - timedelta(seconds=hint_seconds),
            )
            .with_for_update(skip_locked=True)
        )
        ids = session.scalars(overdue).all()
        session.execute(update(Stage).where(Stage.id.in_(ids)).values(hinted_at=now))
        waiting = session.scalar(select(func.count()).where(Hint.queue == kind.queue)) or 0
        fresh = max(0, min(len(ids), MOST_REMINDERS) - waiting)
        session.add_all(Hint(queue=kind.queue) for _ in range(fresh))
        written += fresh
    return written


def sweep(session: Session, *, max_attempts: int, retry_seconds: float) -> bool:
    """Take the stages of one job back from workers that fell silent past their lease."""
    silent = (Stage.state == StageState.RUNNING, Stage.lease_expires_at < func.clock_timestamp())
    job = _take(session, select(Job).join(Stage, Stage.job_id == Job.id).where(*silent))
    if job is None:
        return False
    lost = select(Stage).where(Stage.job_id == job.id, *silent).execution_options(populate_existing=True)
    for stage in session.scalars(lost).all():
        end_attempt(session, job, stage, Outcome.LOST)
        LEASES_LOST.labels(stage.kind.queue).inc()
        error = Fault(Reason.INTERNAL, f"the worker {stage.worker} stopped answering")
        retry_or_fail(session, job, stage, error, max_attempts=max_attempts, retry_seconds=retry_seconds)
        if job.state.ended:
            break
    return True


def end_overdue(session: Session) -> bool:
    """Fail one job whose deadline has passed."""
    job = _take(session, select(Job).where(Job.state.in_(UNFINISHED), Job.deadline_at < func.clock_timestamp()))
    if job is None:
        return False
    message = "the job was not done by its deadline; allow more time, or try again when the server is less busy"
    end_job(session, job, JobState.FAILED, reason=Reason.DEADLINE_EXCEEDED, message=message)
    return True


def restart_stranded(session: Session, seconds: float, engine_version: str = ENGINE_VERSION) -> bool:
    """Begin one job anew that is pinned to another engine version, of which no worker came for so long.

    So ends the rollout of a release, or its taking back, for the jobs that were accepted before.
    """
    now = func.clock_timestamp()
    own = select(Stage.id).where(Stage.job_id == Job.id)
    waits = own.where(
        Stage.state == StageState.READY,
        Stage.kind != StageKind.JOIN,
        Stage.run_after < now - timedelta(seconds=seconds),
    )
    job = _take(
        session,
        select(Job).where(
            Job.state.in_(UNFINISHED),
            Job.engine_version != engine_version,
            waits.exists(),
            ~own.where(Stage.state == StageState.RUNNING).exists(),
        ),
    )
    if job is None:
        return False
    old = job.appearance_key
    key = f"{ENCODER_VERSION}/{old.partition('/')[2]}" if old else None
    engine = {**job.engine, "face": ENCODER_VERSION, "video": asdict(VideoEncoding())}
    restart(session, job, engine_version, key, engine)
    session.flush()
    forget_unused(session, job.tenant_id, (), {old} if old else ())
    return True


def forget_old_job(session: Session, retention_seconds: float) -> bool:
    """Delete one job that ended long ago: the tenant's own time, or else so many seconds."""
    old = select(Job).join(Tenant, Tenant.id == Job.tenant_id).where(Job.ended_at < _before(retention_seconds))
    job = _take(session, old.order_by(Job.ended_at))
    if job is None:
        return False
    delete_job(session, job.tenant_id, job.id)
    return True


def forget_old_asset(session: Session, retention_seconds: float) -> bool:
    """Delete one asset that was uploaded long ago and that no job uses."""
    used = select(Job.id).where(Job.tenant_id == Asset.tenant_id, Job.uses(Asset.sha256))
    unused = (
        select(Asset)
        .join(Tenant, Tenant.id == Asset.tenant_id)
        .where(Asset.created_at < _before(retention_seconds), ~used.exists())
    )
    asset = session.scalar(unused.limit(1).with_for_update(of=Asset, skip_locked=True))
    if asset is None:
        return False
    session.delete(asset)
    discard(session, asset.object_name)
    return True


def _before(retention_seconds: float) -> ColumnElement[datetime]:
    """The moment until which a tenant's things are to go."""
    seconds = func.coalesce(Tenant.retention_seconds, retention_seconds)
    return func.clock_timestamp() - seconds * text("interval '1 second'")


def take_litter(session: Session) -> Litter | None:
    """Something to delete from the store, if anything is due.

    Nobody else takes it for LITTER_SECONDS. Delete the objects outside of any transaction, then call `drop_litter`.
    """
    litter = session.scalar(
        select(Litter)
        .where(Litter.not_before <= func.clock_timestamp())
        .order_by(Litter.not_before)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if litter is not None:
        litter.not_before = func.clock_timestamp() + timedelta(seconds=LITTER_SECONDS)
    return litter


def drop_litter(session: Session, litter: Litter) -> None:
    """Its objects are gone."""
    session.execute(delete(Litter).where(Litter.id == litter.id))


def _take(session: Session, jobs: Select[Job]) -> Job | None:
    """One of the jobs, with its row locked, if there is one that nobody else has locked."""
    return session.scalar(
        jobs.limit(1).with_for_update(of=Job, skip_locked=True).execution_options(populate_existing=True)
    )
