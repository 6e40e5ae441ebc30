"""What follows from what: the one place where the states of a job's stages lead to new states.

Callers hold the row lock of the job (`lock_job`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Insert, delete, func, insert, select, update
from sqlalchemy.orm import Session

from vasari.jobs.schema import Appearance, Attempt, Event, Hint, Job, Json, Litter, Stage
from vasari.jobs.states import JobState, Outcome, StageKind, StageState

JOB_CHANNEL = "vasari_job"
"""NOTIFY channel whose payload is the id of a job that changed."""
OUTBOX_CHANNEL = "vasari_outbox"
"""NOTIFY channel that says that the dispatcher has something to do: its payload is one of the words below."""
HINT, JOIN, LITTER = "hint", "join", "litter"

LATE_WRITER_SECONDS = 3600.0
"""A worker that lost its lease may still write under its old token for so long; then its litter is collected."""


def lock_job(session: Session, job_id: UUID) -> Job | None:
    """The job with its row locked until the transaction ends, or None when it is gone."""
    return session.scalar(
        select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)
    )


def record(session: Session, job_id: UUID, what: str, **data: object) -> None:
    """Note an event and tell those who watch the job, once the transaction commits."""
    session.add(Event(job_id=job_id, what=what, data=data))
    announce(session, job_id)


def announce(session: Session, job_id: UUID) -> None:
    """Tell those who watch the job that it changed."""
    session.execute(select(func.pg_notify(JOB_CHANNEL, str(job_id))))


def make_ready(session: Session, stage: Stage, delay: float = 0.0) -> None:
    """Let a stage be claimed after `delay` seconds, and put a hint about it into the outbox.

    A join is the dispatcher's own work and needs no hint: the NOTIFY wakes it.
    """
    moment = func.now() + timedelta(seconds=delay)  # the transaction's time: the same for the stage and for its hint
    stage.state = StageState.READY
    stage.run_after = stage.hinted_at = moment
    if stage.kind is StageKind.JOIN:
        session.execute(select(func.pg_notify(OUTBOX_CHANNEL, JOIN)))
    else:
        session.execute(hint(stage.kind, moment))


def hint(kind: StageKind, moment: ColumnElement[datetime]) -> Insert:
    """Puts a hint about a stage of this kind into the outbox and wakes the dispatcher, in one statement."""
    row = insert(Hint).values(queue=kind.queue, not_before=moment)
    return row.returning(func.pg_notify(OUTBOX_CHANNEL, HINT))


def attempt_prefix(job: Job, stage: Stage) -> str:
    """Under which the holder of the stage's token, and no other, writes objects.

    A face outlives its job, for the cache, so it lies outside what the job's end deletes.
    """
    if stage.kind is StageKind.FACE_ENCODE:
        return f"{job.tenant_id}/appearances/{job.appearance_key}/{stage.token}/"
    return f"{job.tenant_id}/jobs/{job.id}/{stage.token}/"


def end_attempt(session: Session, job: Job, stage: Stage, outcome: Outcome, error: str | None = None) -> None:
    """Write down how the attempt that holds the stage ended; the lease is over."""
    session.execute(
        update(Attempt)
        .where(Attempt.token == stage.token)
        .values(outcome=outcome, error=error, ended_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )
    stage.lease_expires_at = None
    if outcome is not Outcome.SUCCEEDED and stage.kind is StageKind.FACE_ENCODE:
        discard(session, attempt_prefix(job, stage))


def stages_of(session: Session, job: Job, *kinds: StageKind) -> list[Stage]:
    """The job's stages of these kinds, in order."""
    return list(
        session.scalars(
            select(Stage)
            .where(Stage.job_id == job.id, Stage.kind.in_(kinds))
            .order_by(Stage.kind, Stage.index)
            .execution_options(populate_existing=True)
        )
    )


def advance(session: Session, job: Job) -> None:
    """Make ready what has become possible: each stage after all those before it (`stage_kinds`).

    So motion comes after the face, and the join after motion and every segment.
    """
    session.flush()
    stages, order = stages_of(session, job, *StageKind), list(StageKind)
    for stage in [stage for stage in stages if stage.state is StageState.BLOCKED]:
        before = order[: order.index(stage.kind)]
        if all(other.state.done for other in stages if other.kind in before):
            make_ready(session, stage)


def restart(session: Session, job: Job, engine_version: str, appearance_key: str | None, engine: Json) -> None:
    """Begin a job anew under another engine version. No stage may be running; what was made goes with the job."""
    job.engine_version, job.appearance_key, job.engine = engine_version, appearance_key, engine
    job.frames_total = None
    session.execute(delete(Stage).where(Stage.job_id == job.id, Stage.kind == StageKind.RENDER))
    for stage in stages_of(session, job, *StageKind):
        stage.state, stage.output = StageState.BLOCKED, None
        stage.attempts = stage.frames_done = 0
        stage.frames = stage.started_at = stage.ended_at = None
    record(session, job.id, "job restarted", engine_version=engine_version)
    begin(session, job)


def begin(session: Session, job: Job) -> None:
    """Make the first stage ready, or skip it if that is the face and it is known."""
    for face in stages_of(session, job, StageKind.FACE_ENCODE):
        if cached := session.get(Appearance, (job.tenant_id, job.appearance_key)):
            face.state, face.output = StageState.SKIPPED, {"object": cached.object_name}
    advance(session, job)


def end_job(
    session: Session,
    job: Job,
    state: JobState,
    *,
    reason: str | None = None,
    message: str | None = None,
    result: Json | None = None,
) -> None:
    """End a job and every stage that has not ended; leases are void from the commit on.

    What the job no longer needs is left to the collector, now and once more when no late writer can be left.
    """
    now = func.clock_timestamp()
    job.state, job.reason, job.message, job.result = state, reason, message, result
    job.ended_at = now
    session.flush()
    for stage in stages_of(session, job, *StageKind):
        if stage.state is StageState.RUNNING:
            end_attempt(session, job, stage, Outcome.CANCELLED)
        if not stage.state.ended:
            stage.state, stage.ended_at = StageState.CANCELLED, now
    session.flush()
    discard(session, f"{job.tenant_id}/jobs/{job.id}/", keep=result["object"] if result else None)
    record(session, job.id, f"job {state.lower()}", **({"reason": reason, "message": message} if reason else {}))


def discard(session: Session, prefix: str, keep: str | None = None) -> None:
    """Have everything under a prefix deleted, and again when no late writer can be left."""
    for delay in (0.0, LATE_WRITER_SECONDS):
        moment = func.clock_timestamp() + timedelta(seconds=delay)
        session.add(Litter(prefix=prefix, keep=keep, not_before=moment))
    session.execute(select(func.pg_notify(OUTBOX_CHANNEL, LITTER)))
