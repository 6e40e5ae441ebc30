"""What callers ask: assets, and jobs after their acceptance (`vasari.jobs.acceptance`). Every query is by tenant."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from vasari.jobs.schema import Appearance, Asset, Attempt, Job, Litter, Stage, Usage
from vasari.jobs.states import JobState
from vasari.jobs.transitions import LATE_WRITER_SECONDS, discard, end_job, lock_job
from vasari.values import Fault, NotFound, Reason

UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def find_asset(session: Session, tenant_id: str, digest: str) -> Asset:
    """An asset by content. Raises NotFound."""
    asset = session.get(Asset, (tenant_id, digest))
    if asset is None:
        raise NotFound(f"there is no asset assets/{digest}; upload it first")
    return asset


def expect_upload(session: Session, object_name: str) -> None:
    """Before an asset's bytes are put: have the object collected in an hour, unless it is registered by then."""
    moment = func.clock_timestamp() + timedelta(seconds=LATE_WRITER_SECONDS)
    session.add(Litter(prefix=object_name, not_before=moment))


def register_asset(session: Session, tenant_id: str, digest: str, size: int, object_name: str) -> Asset:
    """Name the object, announced by `expect_upload`, that holds an asset's bytes.

    If another upload was first, this one's object is discarded.

    Raises:
        Fault: UNAVAILABLE, when the upload took over half an hour: its object may be about to be collected.
    """
    # A collector sets a row that it takes to come again in a minute: what is further off has not been taken.
    untouched = func.clock_timestamp() + timedelta(seconds=LATE_WRITER_SECONDS / 2)
    expected = delete(Litter).where(Litter.prefix == object_name, Litter.not_before > untouched)
    if not session.scalars(expected.returning(Litter.id)).all():
        raise Fault(Reason.UNAVAILABLE, "the upload took too long to be kept; send it again")
    session.execute(
        insert(Asset)
        .values(tenant_id=tenant_id, sha256=digest, size=size, object_name=object_name)
        .on_conflict_do_nothing()
    )
    asset = find_asset(session, tenant_id, digest)
    if asset.object_name != object_name:
        discard(session, object_name)
    return asset


def note_portrait(session: Session, tenant_id: str, digest: str, pixels: int) -> None:
    """The asset's header has shown that it is a photo, of so many pixels."""
    noted = update(Asset).where(Asset.tenant_id == tenant_id, Asset.sha256 == digest)
    session.execute(noted.values(portrait_pixels=pixels).execution_options(synchronize_session=False))


def get_job(session: Session, tenant_id: str, job_id: UUID) -> Job:
    """The job with its stages. Raises NotFound."""
    session.flush()
    job = session.scalar(
        select(Job)
        .where(Job.tenant_id == tenant_id, Job.id == job_id)
        .options(selectinload(Job.stages))
        .execution_options(populate_existing=True)
    )
    if job is None:
        raise NotFound(f"there is no job jobs/{job_id}")
    return job


def read_jobs(session: Session, job_ids: Collection[UUID]) -> dict[UUID, Job]:
    """Those of the jobs that there are, of any tenant, with their stages."""
    query = select(Job).where(Job.id.in_(job_ids)).options(selectinload(Job.stages))
    return {job.id: job for job in session.scalars(query)}


def list_jobs(
    session: Session,
    tenant_id: str,
    states: Collection[JobState] = (),
    limit: int = 50,
    before: tuple[datetime, UUID] | None = None,
) -> list[Job]:
    """Newest first, with their stages; `before` is the (created_at, id) of the last job of the page before."""
    query = select(Job).where(Job.tenant_id == tenant_id)
    if states:
        query = query.where(Job.state.in_(states))
    if before is not None:
        query = query.where(tuple_(Job.created_at, Job.id) < tuple_(*before))
    query = query.order_by(Job.created_at.desc(), Job.id.desc()).limit(limit).options(selectinload(Job.stages))
    return list(session.scalars(query))


def cancel_job(session: Session, tenant_id: str, job_id: UUID) -> Job:
    """End a job as CANCELLED unless it has ended; workers notice at their next heartbeat. Raises NotFound."""
    job = lock_job(session, job_id)
    if job is not None and job.tenant_id == tenant_id and not job.state.ended:
        end_job(session, job, JobState.CANCELLED)
    return get_job(session, tenant_id, job_id)


def delete_job(session: Session, tenant_id: str, job_id: UUID) -> None:
    """Forget a job, its media, and the assets and appearances that no other job refers to. Raises NotFound.

    What it cost is kept, for accounting.
    """
    job = lock_job(session, job_id)
    if job is None or job.tenant_id != tenant_id:
        raise NotFound(f"there is no job jobs/{job_id}")
    if not job.state.ended:
        end_job(session, job, JobState.CANCELLED)
    digests, keys = set(job.digests.values()), {job.appearance_key} if job.appearance_key else set()
    session.flush()
    session.add(_usage(session, job))
    session.delete(job)
    session.flush()
    discard(session, f"{tenant_id}/jobs/{job_id}/")
    forget_unused(session, tenant_id, digests, keys)


def _usage(session: Session, job: Job) -> Usage:
    session.refresh(job, ["ended_at"])
    seconds = func.extract("epoch", func.coalesce(Attempt.ended_at, func.clock_timestamp()) - Attempt.started_at)
    work = select(func.sum(seconds)).join(Stage, Stage.id == Attempt.stage_id).where(Stage.job_id == job.id)
    return Usage(
        job_id=job.id,
        tenant_id=job.tenant_id,
        state=job.state,
        reason=job.reason,
        created_at=job.created_at,
        ended_at=job.ended_at,
        frames=job.result["frames"] if job.result else None,
        work_seconds=float(session.scalar(work) or 0.0),
    )


def forget_unused(session: Session, tenant_id: str, digests: Collection[str], keys: Collection[str]) -> None:
    """Delete those of the assets and appearances that no job refers to."""
    # The lock makes a job that is being accepted with such an asset wait, and then fail to find it.
    assets = session.scalars(
        select(Asset)
        .where(Asset.tenant_id == tenant_id, Asset.sha256.in_(digests))
        .order_by(Asset.sha256)
        .with_for_update()
    )
    for asset in assets.all():
        used = select(Job.id).where(Job.tenant_id == tenant_id, Job.uses(asset.sha256))
        if session.scalar(used.limit(1)) is None:
            session.delete(asset)
            discard(session, asset.object_name)
    for key in keys:
        used = select(Job.id).where(Job.tenant_id == tenant_id, Job.appearance_key == key)
        if session.scalar(used.limit(1)) is None:
            gone = delete(Appearance).where(Appearance.tenant_id == tenant_id, Appearance.key == key)
            for name in session.scalars(gone.returning(Appearance.object_name)):
                discard(session, name)
