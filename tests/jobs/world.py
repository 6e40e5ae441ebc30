"""A small world of jobs, driven through the public functions of `vasari.jobs`."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from vasari.jobs import acceptance, requests, tenants, work
from vasari.jobs.schema import Job, Stage
from vasari.jobs.states import AssetRole, ResultKind, StageKind, StageState

TENANT = "tenant"
PORTRAIT, SPEECH, MOTION_FILE, POSES = "a" * 64, "b" * 64, "c" * 64, "d" * 64
KINDS_OF_JOB: dict[str, dict[str, object]] = {
    "portrait and speech to a video": {},
    "portrait and motion to a video": {"assets": {AssetRole.PORTRAIT: PORTRAIT, AssetRole.MOTION: MOTION_FILE}},
    "speech to motion": {
        "assets": {AssetRole.SPEECH: SPEECH},
        "appearance_key": None,
        "result_kind": ResultKind.MOTION,
    },
    "portrait's mouth, speech and poses to motion": {
        "assets": {AssetRole.PORTRAIT: PORTRAIT, AssetRole.SPEECH: SPEECH, AssetRole.POSE: POSES},
        "result_kind": ResultKind.MOTION,
    },
}
"""What `new_job` is changed by, for each way through the stages."""
LEASE_SECONDS = 60.0
MAX_ATTEMPTS = 3


def new_job(**changes: object) -> acceptance.NewJob:
    values = {
        "assets": {AssetRole.PORTRAIT: PORTRAIT, AssetRole.SPEECH: SPEECH},
        "controls": {"seed": "1"},
        "appearance_key": "encoder/face",
        "engine": {"video": {}},
        "timeout": 3600.0,
    }
    return acceptance.NewJob(**{**values, **changes})  # type: ignore[arg-type]


def upload_assets(session: Session, digests: Iterable[str] = (PORTRAIT, SPEECH)) -> None:
    tenants.ensure_tenant(session, TENANT)
    for digest in digests:
        name = f"{TENANT}/assets/{digest}/1"
        requests.expect_upload(session, name)
        requests.register_asset(session, TENANT, digest, 10, name)


def accept(session: Session, **changes: object) -> UUID:
    new = new_job(**changes)
    upload_assets(session, new.assets.values())
    return acceptance.create_job(session, TENANT, new, max_unfinished=1000).id


def claim(session: Session, kind: StageKind) -> work.Lease | None:
    return work.claim(session, kind, "worker", LEASE_SECONDS)


def output_of(lease: work.Lease) -> dict[str, object]:
    """What a worker of this kind would write."""
    facts = {"fps": 25, "frames": 100, "size": 1, "sha256": "e" * 64}
    if lease.kind is StageKind.JOIN:
        return {"object": f"{lease.prefix}video.mp4", "width": 512, "height": 512, **facts}
    if lease.kind is StageKind.MOTION and lease.result_kind is ResultKind.MOTION:
        return {"object": f"{lease.prefix}motion.csv", "width": 0, "height": 0, **facts}
    return {"object": f"{lease.prefix}{lease.kind.queue}"}


def do(session: Session, lease: work.Lease, segments: int = 2) -> None:
    """Do a stage's work and finish it."""
    if lease.kind is StageKind.MOTION:
        work.set_length(session, lease, segments * 50)
        for index in range(segments if lease.result_kind is ResultKind.VIDEO else 0):
            work.add_segment(session, lease, index, index * 50, 50, {"motion": f"{lease.prefix}{index}"})
    work.finish(session, lease, output_of(lease))


def run_everything(session: Session) -> None:
    """Be every worker at once, until nothing is left to do."""
    waits_over(session)
    while any(_run_one(session, kind) for kind in StageKind):
        waits_over(session)


def _run_one(session: Session, kind: StageKind) -> bool:
    lease = claim(session, kind)
    if lease is not None:
        do(session, lease)
        session.flush()
    return lease is not None


def waits_over(session: Session) -> None:
    """As if the time of every backoff had passed."""
    session.flush()
    session.execute(
        update(Stage)
        .where(Stage.state == StageState.READY)
        .values(run_after=func.clock_timestamp() - text("interval '1 second'"))
        .execution_options(synchronize_session=False)
    )


def leases_over(session: Session) -> None:
    """As if every worker had been silent for longer than its lease."""
    session.execute(
        update(Stage)
        .where(Stage.state == StageState.RUNNING)
        .values(lease_expires_at=func.clock_timestamp() - text("interval '1 second'"))
        .execution_options(synchronize_session=False)
    )


def states(session: Session, job_id: UUID) -> dict[tuple[StageKind, int], StageState]:
    rows = session.scalars(select(Stage).where(Stage.job_id == job_id).execution_options(populate_existing=True))
    return {(stage.kind, stage.index): stage.state for stage in rows}


def job_of(session: Session, job_id: UUID) -> Job:
    return requests.get_job(session, TENANT, job_id)
