"""What workers do with stages: claim one, renew the lease, report, finish, fail or hand it back.

A lease is a fencing token and a time. Each call that changes a stage names the token and changes nothing if the stage
has another holder by now: it raises LeaseLost, and the late worker's output is litter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Float, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from vasari.jobs.schema import Appearance, Asset, Attempt, Job, Json, Stage, lease_token
from vasari.jobs.states import AssetRole, JobState, Outcome, ResultKind, StageKind, StageState
from vasari.jobs.transitions import (
    advance,
    announce,
    attempt_prefix,
    discard,
    end_attempt,
    end_job,
    lock_job,
    make_ready,
    record,
    restart,
    stages_of,
)
from vasari.values import Cancelled, Fault, Reason, SpoiltAppearance, VasariError
from vasari.values.engine import ENGINE_VERSION

OUTAGE_SECONDS = 3.0
"""Wait before a stage is tried again that failed because a server did not answer."""


class LeaseLost(Cancelled):
    """The stage has another holder, or its job has ended."""

    def __init__(self) -> None:
        super().__init__("the lease on this stage is lost")


@dataclass(frozen=True)
class Lease:
    """The right to work on a stage, and all that the work needs."""

    stage_id: int
    job_id: UUID
    tenant_id: str
    kind: StageKind
    index: int
    token: int
    controls: Json
    engine: Json
    result_kind: ResultKind
    assets: Mapping[AssetRole, str]
    """Names of the objects that hold them."""
    appearance_key: str | None
    appearance_object: str | None
    """Known once the face is encoded; None without a portrait."""
    first_frame: int
    frames: int
    input: Json
    traceparent: str | None
    """The job's trace, as W3C Trace Context writes it."""
    attempt: int
    """1 for the first; those that ended for no fault of the work do not count."""
    waited: float
    """Seconds between when the stage was ready and the claim."""
    prefix: str
    """Under which this holder, and no other, writes its objects."""


def claim(
    session: Session, kind: StageKind, worker: str, lease_seconds: float, engine_version: str = ENGINE_VERSION
) -> Lease | None:
    """Lease the oldest ready stage of a kind, or None when there is none.

    Only jobs of the worker's own engine version count: while a new release is rolled out, no job is worked on by both.
    The join, which copies what others encoded, is the same for all.
    """
    own = or_(literal(kind is StageKind.JOIN), Job.engine_version == engine_version, Job.engine_version.is_(None))
    waited = func.extract("epoch", func.clock_timestamp() - Stage.run_after).cast(Float)
    oldest = (
        select(Stage.id, Stage.job_id, waited.label("waited"))
        .join(Job, Job.id == Stage.job_id)
        .where(Stage.kind == kind, Stage.state == StageState.READY, Stage.run_after <= func.clock_timestamp(), own)
        .order_by(Job.created_at, Stage.index)
        .limit(1)
    )
    while (candidate := session.execute(oldest).one_or_none()) is not None:
        savepoint = session.begin_nested()
        job = lock_job(session, candidate.job_id)
        stage = session.get(Stage, candidate.id, populate_existing=True)
        if job is None or stage is None or stage.state is not StageState.READY:
            savepoint.rollback()  # a rival was faster; let go of the job's lock before taking another
            continue
        savepoint.commit()
        token = session.scalar(lease_token)
        assert token is not None
        now = func.clock_timestamp()
        stage.state, stage.token, stage.worker = StageState.RUNNING, token, worker
        stage.attempts += 1
        stage.frames_done = 0
        stage.lease_expires_at = now + timedelta(seconds=lease_seconds)
        stage.started_at = now
        if job.state is JobState.QUEUED:
            job.state, job.started_at = JobState.RUNNING, now
        session.add(Attempt(token=token, stage_id=stage.id, worker=worker))
        record(session, job.id, "stage started", kind=kind, index=stage.index, attempt=stage.attempts)
        session.flush()
        return _lease(session, job, stage, token, waited=max(0.0, candidate.waited))
    return None


def _lease(session: Session, job: Job, stage: Stage, token: int, waited: float) -> Lease:
    digests = job.digests
    assets = select(Asset.sha256, Asset.object_name).where(Asset.tenant_id == job.tenant_id)
    found = session.execute(assets.where(Asset.sha256.in_(set(digests.values()))))
    names = {asset.sha256: asset.object_name for asset in found}
    faces = [stage.output for stage in stages_of(session, job, StageKind.FACE_ENCODE) if stage.output]
    return Lease(
        stage_id=stage.id,
        job_id=job.id,
        tenant_id=job.tenant_id,
        kind=stage.kind,
        index=stage.index,
        token=token,
        controls=job.controls,
        engine=job.engine,
        result_kind=job.result_kind,
        assets={role: names[digest] for role, digest in digests.items()},
        appearance_key=job.appearance_key,
        appearance_object=faces[0]["object"] if faces else None,
        first_frame=stage.first_frame or 0,
        frames=stage.frames or 0,
        input=stage.input,
        traceparent=job.traceparent,
        attempt=stage.attempts,
        waited=waited,
        prefix=attempt_prefix(job, stage),
    )


def renew(session: Session, lease: Lease, frames_done: int, lease_seconds: float) -> None:
    """The heartbeat: keep the lease and say how far the work is. Raises LeaseLost."""
    held = session.execute(
        update(Stage)
        .where(Stage.id == lease.stage_id, Stage.token == lease.token, Stage.state == StageState.RUNNING)
        .values(lease_expires_at=func.clock_timestamp() + timedelta(seconds=lease_seconds), frames_done=frames_done)
        .returning(Stage.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if held is None:
        raise LeaseLost
    announce(session, lease.job_id)


def hold(session: Session, lease: Lease) -> tuple[Job, Stage]:
    """The job, locked, and the stage, if the lease still holds. Raises LeaseLost."""
    job = lock_job(session, lease.job_id)
    stage = session.get(Stage, lease.stage_id, populate_existing=True)
    if job is None or stage is None or stage.token != lease.token or stage.state is not StageState.RUNNING:
        raise LeaseLost
    return job, stage


def set_length(session: Session, lease: Lease, frames_total: int) -> None:
    """Motion has read its sources and knows the length of the result. Raises LeaseLost."""
    job, stage = hold(session, lease)
    job.frames_total = stage.frames = frames_total
    announce(session, job.id)


def add_segment(session: Session, lease: Lease, index: int, first_frame: int, frames: int, needs: Json) -> None:
    """A window of motion is in the store: let it be rendered while later ones are made. Raises LeaseLost.

    `needs` names the objects that the rendering reads.

    An earlier attempt may have added the segment already; its window stands, as the same seed gives the same motion.
    """
    job, stage = hold(session, lease)
    added = session.scalar(
        insert(Stage)
        .values(
            job_id=job.id,
            kind=StageKind.RENDER,
            index=index,
            state=StageState.BLOCKED,
            first_frame=first_frame,
            frames=frames,
            input=needs,
        )
        .on_conflict_do_nothing(constraint="stages_job_id_kind_index_key")
        .returning(Stage.id)
    )
    stage.frames_done = first_frame + frames
    if added is not None:
        segment = session.get(Stage, added)
        assert segment is not None
        make_ready(session, segment)
    announce(session, job.id)


def finish(session: Session, lease: Lease, output: Json, *, skipped: bool = False) -> None:
    """The stage is done and its output is in the store; what follows becomes ready. Raises LeaseLost.

    The output of the last stage is the job's result. `skipped` says that the output came from the cache.
    """
    job, stage = hold(session, lease)
    if stage.kind is StageKind.FACE_ENCODE and not skipped:
        output = {"object": _cache_appearance(session, job, output["object"])}
    end_attempt(session, job, stage, Outcome.SUCCEEDED)
    stage.state, stage.output = StageState.SKIPPED if skipped else StageState.SUCCEEDED, output
    stage.frames_done = stage.frames or 0
    stage.ended_at = func.clock_timestamp()
    record(session, job.id, "stage finished", kind=stage.kind, index=stage.index)
    if stage.kind is job.stage_kinds[-1]:
        end_job(session, job, JobState.SUCCEEDED, result=output)
    else:
        advance(session, job)


def _cache_appearance(session: Session, job: Job, object_name: str) -> str:
    """Enter an appearance into the cache; if another job was first, use that one's and discard ours."""
    row = {"tenant_id": job.tenant_id, "key": job.appearance_key, "object_name": object_name}
    session.execute(insert(Appearance).values(row).on_conflict_do_nothing())
    cached = session.get(Appearance, (job.tenant_id, job.appearance_key), populate_existing=True)
    assert cached is not None
    if cached.object_name != object_name:
        discard(session, object_name)
    return cached.object_name


def cached_appearance(session: Session, lease: Lease) -> str | None:
    """Object name of the job's appearance, if another job has encoded the face since."""
    cached = session.get(Appearance, (lease.tenant_id, lease.appearance_key))
    return cached.object_name if cached else None


def fail(session: Session, lease: Lease, error: VasariError, *, max_attempts: int, retry_seconds: float) -> None:
    """The attempt raised. A Fault is tried again, later each time; all else ends the job. Raises LeaseLost.

    While a server does not answer (UNAVAILABLE) attempts do not count: an outage, however long, costs no job.
    """
    job, stage = hold(session, lease)
    end_attempt(session, job, stage, Outcome.FAILED, f"{error.reason}: {error.message}")
    if error.reason is Reason.UNAVAILABLE:
        stage.attempts -= 1
        make_ready(session, stage, delay=OUTAGE_SECONDS)
        record(session, job.id, "stage waits", kind=stage.kind, index=stage.index, message=error.message)
        return
    if isinstance(error, SpoiltAppearance) and _encode_again(session, job, stage):
        return
    retry_or_fail(session, job, stage, error, max_attempts=max_attempts, retry_seconds=retry_seconds)


def _encode_again(session: Session, job: Job, reader: Stage) -> bool:
    """Begin the job anew with its face, if that came from the cache, which lets go of it. Else say False.

    The attempt of the stage that could not read it has ended.
    """
    face = next(iter(stages_of(session, job, StageKind.FACE_ENCODE)), None)
    if face is None or face.state is not StageState.SKIPPED or face.output is None:
        return False
    name, own = face.output["object"], (Appearance.tenant_id == job.tenant_id, Appearance.key == job.appearance_key)
    session.execute(delete(Appearance).where(*own, Appearance.object_name == name))
    discard(session, name)
    for other in stages_of(session, job, *StageKind):
        if other.state is StageState.RUNNING and other.id != reader.id:
            end_attempt(session, job, other, Outcome.CANCELLED)
    restart(session, job, job.engine_version or ENGINE_VERSION, job.appearance_key, job.engine)
    return True


def retry_or_fail(
    session: Session, job: Job, stage: Stage, error: VasariError, *, max_attempts: int, retry_seconds: float
) -> None:
    """After an attempt that came to nothing. The caller holds the job's lock."""
    record(session, job.id, "stage failed", kind=stage.kind, index=stage.index, reason=error.reason)
    if isinstance(error, Fault) and stage.attempts < max_attempts:
        make_ready(session, stage, delay=retry_seconds * 2.0 ** (stage.attempts - 1))
        return
    stage.state = StageState.FAILED
    stage.ended_at = func.clock_timestamp()
    session.flush()
    if isinstance(error, Fault):
        what = f"{stage.kind.queue} failed {stage.attempts} times; the last time: {error.message}"
        end_job(session, job, JobState.FAILED, reason=Reason.ATTEMPTS_EXHAUSTED, message=what)
    else:
        end_job(session, job, JobState.FAILED, reason=error.reason, message=error.message)


def release(session: Session, lease: Lease) -> None:
    """Hand the stage back unharmed, to shut down: the attempt does not count. Raises LeaseLost."""
    job, stage = hold(session, lease)
    end_attempt(session, job, stage, Outcome.RELEASED)
    stage.attempts -= 1
    make_ready(session, stage)
    record(session, job.id, "stage released", kind=stage.kind, index=stage.index)
