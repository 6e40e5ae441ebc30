"""What callers ask: assets, and jobs from acceptance to deletion. Every query is by tenant."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from vasari.jobs.schema import Appearance, Asset, Attempt, Event, Job, Json, Litter, Stage, Usage
from vasari.jobs.states import AssetRole, JobState, ResultKind, StageKind, StageState, stage_kinds
from vasari.jobs.transitions import LATE_WRITER_SECONDS, discard, end_job, hint, lock_job
from vasari.telemetry.metrics import FACE_CACHE_LOOKUPS
from vasari.values import Conflict, Fault, NotFound, QueueFull, Reason
from vasari.values.engine import ENGINE_VERSION

UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class NewJob:
    """A request that has passed validation."""

    assets: Mapping[AssetRole, str]
    """SHA-256 of each."""
    controls: Json
    """`vasari.v1.Controls` in protobuf's JSON form."""
    appearance_key: str | None
    """See `vasari.store.names.appearance_key`; None without a portrait."""
    engine: Json
    """What to pin, so that every worker of the job does the same: encoder settings, length of segments."""
    timeout: float
    """Seconds until the job's deadline."""
    result_kind: ResultKind = ResultKind.VIDEO
    request_id: str | None = None
    engine_version: str = ENGINE_VERSION
    """That of the workers that may work on it."""
    traceparent: str | None = None
    """The trace that its stages continue."""

    @property
    def digest(self) -> str:
        """SHA-256 over what was asked; versions and defaults of the server are not part of it."""
        asked: list[object] = [self.assets.get(AssetRole.PORTRAIT), self.assets.get(AssetRole.SPEECH), self.controls]
        more = {role: self.assets[role] for role in list(AssetRole)[2:] if role in self.assets}
        if more or self.result_kind is not ResultKind.VIDEO:  # of which earlier releases knew nothing
            asked += [more, self.result_kind]
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


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


def hold_assets(session: Session, tenant_id: str, digests: Collection[str]) -> dict[str, Asset]:
    """Assets by content, which cannot be deleted until the transaction ends. Raises NotFound."""
    # In one order, or two could wait for each other.
    wanted = select(Asset).where(Asset.tenant_id == tenant_id, Asset.sha256.in_(digests)).order_by(Asset.sha256)
    found = {asset.sha256: asset for asset in session.scalars(wanted.with_for_update(read=True, key_share=True))}
    for digest in digests:
        if digest not in found:
            raise NotFound(f"there is no asset assets/{digest}; upload it first")
    return found


def note_portrait(session: Session, tenant_id: str, digest: str, pixels: int) -> None:
    """The asset's header has shown that it is a photo, of so many pixels."""
    noted = update(Asset).where(Asset.tenant_id == tenant_id, Asset.sha256 == digest)
    session.execute(noted.values(portrait_pixels=pixels).execution_options(synchronize_session=False))


def create_job(session: Session, tenant_id: str, new: NewJob, max_unfinished: int) -> Job:
    """Accept a job: its rows and the first hint in one transaction. The caller holds its assets (`hold_assets`).

    A repeated `request_id` answers with the job that it made the first time.

    Raises:
        Conflict: the request_id was used for another request.
        QueueFull: the tenant has `max_unfinished` unfinished jobs already.
    """
    unfinished = select(Job.id).where(Job.tenant_id == tenant_id, Job.state.in_(UNFINISHED)).limit(max_unfinished)
    counted = select(func.count()).select_from(unfinished.subquery()).scalar_subquery()
    known = select(Appearance.object_name).where(
        Appearance.tenant_id == tenant_id, Appearance.key == new.appearance_key
    )
    waiting, face_object = session.execute(select(counted, known.scalar_subquery())).one()
    if waiting >= max_unfinished:
        if new.request_id and (job := _repeated(session, tenant_id, new)):
            return job
        raise QueueFull(f"{max_unfinished} jobs are unfinished, which is the limit; try again later", retry_after=10.0)

    now = func.clock_timestamp()
    values = {
        "id": uuid4(),
        "tenant_id": tenant_id,
        "request_id": new.request_id or None,
        "request_digest": new.digest,
        "state": JobState.QUEUED,
        "result_kind": new.result_kind,
        **{f"{role}_sha256": new.assets.get(role) for role in AssetRole},
        "controls": new.controls,
        "appearance_key": new.appearance_key,
        "engine": new.engine,
        "engine_version": new.engine_version,
        "traceparent": new.traceparent,
        "deadline_at": now + timedelta(seconds=new.timeout),
        "created_at": now,
    }
    # A rival with the same request_id makes this insert wait for its commit, and then do nothing.
    statement = insert(Job).values(values).on_conflict_do_nothing(constraint="jobs_tenant_id_request_id_key")
    made: Job | None = session.scalar(statement.returning(Job))
    if made is None:
        repeated = _repeated(session, tenant_id, new)
        assert repeated is not None
        return repeated
    kinds = [
        kind
        for kind in stage_kinds(new.result_kind, AssetRole.PORTRAIT in new.assets)
        if kind is not StageKind.RENDER  # motion adds a row for each segment
    ]
    known_face = {"object": face_object} if face_object is not None and len(kinds) > 1 else None
    ready = 1 if known_face else 0
    if known_face:
        FACE_CACHE_LOOKUPS.labels("hit").inc()
    # Callers wait for each way to Postgres: all stages go in one, the event and the first hint in another.
    rows: list[Json] = [
        {"job_id": made.id, "kind": kind, "state": StageState.BLOCKED, "output": None, "input": {}}
        | {"index": 0, "attempts": 0, "frames_done": 0}
        for kind in kinds
    ]
    rows[0] |= {"state": StageState.SKIPPED, "output": known_face}
    rows[ready]["state"] = StageState.READY
    into = insert(Stage).values(hinted_at=func.now()).returning(Stage, sort_by_parameter_order=True)
    set_committed_value(made, "stages", list(session.scalars(into, rows)))
    event = insert(Event).values(job_id=made.id, what="job accepted", data={})
    session.execute(hint(kinds[ready], func.now()).add_cte(event.cte("event")))
    return made


def _repeated(session: Session, tenant_id: str, new: NewJob) -> Job | None:
    found = session.execute(
        select(Job.id, Job.request_digest).where(Job.tenant_id == tenant_id, Job.request_id == new.request_id)
    ).one_or_none()
    if found is None:
        return None
    if found.request_digest != new.digest:
        raise Conflict(f"request_id {new.request_id!r} was used for another request; choose a new one")
    return get_job(session, tenant_id, found.id)


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
