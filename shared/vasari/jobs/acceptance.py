"""Jobs on their way in."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import uuid4

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from vasari.jobs.requests import get_job
from vasari.jobs.schema import Asset, Job, Json, Stage
from vasari.jobs.states import AssetRole, JobState, ResultKind, StageKind, StageState, stage_kinds
from vasari.jobs.transitions import HINT, OUTBOX_CHANNEL
from vasari.telemetry.metrics import FACE_CACHE_LOOKUPS
from vasari.values import Conflict, NotFound, QueueFull
from vasari.values.engine import ENGINE_VERSION

_GIVEN: Final = (
    *("id", "tenant_id", "request_id", "request_digest", "state", "result_kind"),
    *(f"{role}_sha256" for role in AssetRole),
    *("controls", "appearance_key", "engine", "engine_version", "traceparent"),
)
"""Columns of a new job that do not wait for the database."""

# Callers wait for each way to Postgres, and SQLAlchemy's units of work cost more of the gateway's time than these do of
# Postgres's: so one statement asks, and one writes all rows.
_ASK: Final = text("""
SELECT (SELECT count(*)
          FROM (SELECT FROM jobs
                 WHERE tenant_id = :tenant_id AND state IN ('QUEUED', 'RUNNING')
                 LIMIT :most) AS unfinished),
       (SELECT object_name FROM appearances WHERE tenant_id = :tenant_id AND key = :appearance_key)
""")

# A rival with the same request_id makes the first insert wait for its commit, and then do nothing, as all others do.
_WRITE: Final = text(f"""
WITH job AS (
    INSERT INTO jobs ({", ".join(_GIVEN)}, created_at, deadline_at)
    VALUES ({", ".join(f":{column}" for column in _GIVEN)}, clock_timestamp(),
            clock_timestamp() + :timeout * interval '1 second')
    ON CONFLICT ON CONSTRAINT jobs_tenant_id_request_id_key DO NOTHING
    RETURNING id, created_at, deadline_at
), stage AS (
    INSERT INTO stages (job_id, kind, index, state, output, attempts, frames_done, input, hinted_at)
    SELECT job.id, new.kind, 0, new.state, new.output, 0, 0, '{{}}', now()
      FROM job, jsonb_to_recordset(:stages) AS new (kind text, state text, output jsonb)
), event AS (
    INSERT INTO events (job_id, what, data) SELECT id, 'job accepted', '{{}}' FROM job
), hint AS (
    INSERT INTO outbox (queue) SELECT :queue FROM job
)
SELECT created_at, deadline_at, pg_notify('{OUTBOX_CHANNEL}', '{HINT}') FROM job
""").bindparams(*(bindparam(name, type_=JSONB(none_as_null=True)) for name in ("controls", "engine", "stages")))


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


def hold_assets(session: Session, tenant_id: str, digests: Collection[str]) -> dict[str, Asset]:
    """Assets by content, which cannot be deleted until the transaction ends. Raises NotFound."""
    # In one order, or two could wait for each other.
    wanted = select(Asset).where(Asset.tenant_id == tenant_id, Asset.sha256.in_(digests)).order_by(Asset.sha256)
    found = {asset.sha256: asset for asset in session.scalars(wanted.with_for_update(read=True, key_share=True))}
    for digest in digests:
        if digest not in found:
            raise NotFound(f"there is no asset assets/{digest}; upload it first")
    return found


def create_job(session: Session, tenant_id: str, new: NewJob, max_unfinished: int) -> Job:
    """Accept a job: its rows and the first hint in one transaction. The caller holds its assets (`hold_assets`).

    A repeated `request_id` answers with the job that it made the first time.

    Raises:
        Conflict: the request_id was used for another request.
        QueueFull: the tenant has `max_unfinished` unfinished jobs already.
    """
    asked = {"tenant_id": tenant_id, "appearance_key": new.appearance_key, "most": max_unfinished}
    unfinished, face = session.execute(_ASK, asked).one()
    if unfinished >= max_unfinished:
        if new.request_id and (job := _repeated(session, tenant_id, new)):
            return job
        raise QueueFull(f"{max_unfinished} jobs are unfinished, which is the limit; try again later", retry_after=10.0)

    given = {
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
    }
    kinds = [
        kind
        for kind in stage_kinds(new.result_kind, AssetRole.PORTRAIT in new.assets)
        if kind is not StageKind.RENDER  # motion adds a row for each segment
    ]
    stages: list[Json] = [{"kind": kind, "state": StageState.BLOCKED} for kind in kinds]
    if face is not None:
        stages[0] = {"kind": StageKind.FACE_ENCODE, "state": StageState.SKIPPED, "output": {"object": face}}
    ready = stages[0 if face is None else 1]
    ready["state"] = StageState.READY
    written = given | {"timeout": new.timeout, "stages": stages, "queue": ready["kind"].queue}
    times = session.execute(_WRITE, written).one_or_none()
    if times is None:
        repeated = _repeated(session, tenant_id, new)
        assert repeated is not None
        return repeated
    if face is not None:
        FACE_CACHE_LOOKUPS.labels("hit").inc()
    made = Job(**given, created_at=times.created_at, deadline_at=times.deadline_at)
    rows = [Stage(**stage, index=0, attempts=0, frames_done=0, input={}) for stage in stages]
    set_committed_value(made, "stages", rows)
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
