"""The tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Sequence,
    String,
    UniqueConstraint,
    func,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import SQLCoreOperations

from vasari.jobs.states import AssetRole, JobState, Outcome, ResultKind, StageKind, StageState, stage_kinds

Json = dict[str, Any]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own idiom
        datetime: DateTime(timezone=True),
        Json: JSONB(none_as_null=True),
        int: BigInteger,
        JobState: Enum(JobState, native_enum=False, length=16),
        ResultKind: Enum(ResultKind, native_enum=False, length=16),
        StageKind: Enum(StageKind, native_enum=False, length=16),
        StageState: Enum(StageState, native_enum=False, length=16),
        Outcome: Enum(Outcome, native_enum=False, length=16),
    }


lease_token = Sequence("lease_token", metadata=Base.metadata)
"""Fencing tokens: each claim of any stage takes the next number, so a later holder always has the greater one."""


class Tenant(Base):
    """Who owns rows and objects."""

    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # Where nothing is said, the settings of the deployment hold.
    requests_per_second: Mapped[float | None]
    max_unfinished_jobs: Mapped[int | None]
    retention_seconds: Mapped[float | None]


class ApiKey(Base):
    """What a caller shows to act for a tenant."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    """The part of the key that may be known, to find it and to speak of it."""
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    """What its owner calls it."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the whole key. No slow hash is needed: 256 random bits cannot be guessed."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]


class Asset(Base):
    """Bytes that a caller uploaded, by content."""

    __tablename__ = "assets"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    object_name: Mapped[str]
    portrait_pixels: Mapped[int | None]
    """Width times height, once its header has shown that it is a photo."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Appearance(Base):
    """The cache of encoded faces."""

    __tablename__ = "appearances"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """Encoder version, photo and options: see `vasari.store.names.appearance_key`."""
    object_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Job(Base):
    """One accepted request."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "request_id"),
        *(ForeignKeyConstraint(["tenant_id", f"{r}_sha256"], ["assets.tenant_id", "assets.sha256"]) for r in AssetRole),
        Index("jobs_by_tenant", "tenant_id", text("created_at DESC"), text("id DESC")),
        Index("jobs_unfinished", "tenant_id", postgresql_where=text("state IN ('QUEUED', 'RUNNING')")),
        Index("jobs_ended", "ended_at"),
        Index("jobs_by_portrait", "tenant_id", "portrait_sha256"),
        Index("jobs_by_speech", "tenant_id", "speech_sha256"),
        *(
            Index(f"jobs_by_{r}", "tenant_id", f"{r}_sha256", postgresql_where=text(f"{r}_sha256 IS NOT NULL"))
            for r in AssetRole
            if r not in (AssetRole.PORTRAIT, AssetRole.SPEECH)
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    request_id: Mapped[str | None] = mapped_column(String(128))
    request_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was asked, to tell a repeated request from another one under the same id."""
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    reason: Mapped[str | None] = mapped_column(String(64))
    message: Mapped[str | None]
    result_kind: Mapped[ResultKind] = mapped_column(server_default=ResultKind.VIDEO)
    # A column for each AssetRole.
    portrait_sha256: Mapped[str | None] = mapped_column(String(64))
    speech_sha256: Mapped[str | None] = mapped_column(String(64))
    motion_sha256: Mapped[str | None] = mapped_column(String(64))
    mouth_sha256: Mapped[str | None] = mapped_column(String(64))
    pose_sha256: Mapped[str | None] = mapped_column(String(64))
    expression_sha256: Mapped[str | None] = mapped_column(String(64))
    background_picture_sha256: Mapped[str | None] = mapped_column(String(64))
    controls: Mapped[Json]
    """`vasari.v1.Controls` in protobuf's JSON form."""
    appearance_key: Mapped[str | None]
    """None without a portrait."""
    engine: Mapped[Json]
    """Versions and encoder settings that every worker of this job must use."""
    engine_version: Mapped[str | None] = mapped_column(String(64))
    """`vasari.values.engine.ENGINE_VERSION` of the workers that may work on it; None: of any."""
    traceparent: Mapped[str | None] = mapped_column(String(55))
    """The trace of the call that made it, as W3C Trace Context writes it."""
    frames_total: Mapped[int | None]
    """Frames of the whole result; known once motion has read the speech, or the motion file."""
    result: Mapped[Json | None]
    """Object name and the fields of `vasari.values.Clip`."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime]

    stages: Mapped[list[Stage]] = relationship(
        back_populates="job", order_by="Stage.id", passive_deletes=True, lazy="raise"
    )

    @property
    def digests(self) -> dict[AssetRole, str]:
        """SHA-256 of each of its assets."""
        found = {role: getattr(self, f"{role}_sha256") for role in AssetRole}
        return {role: digest for role, digest in found.items() if digest is not None}

    @property
    def stage_kinds(self) -> tuple[StageKind, ...]:
        return stage_kinds(self.result_kind, self.portrait_sha256 is not None)

    @classmethod
    def uses(cls, digest: SQLCoreOperations[str] | str) -> ColumnElement[bool]:
        """Whether a job has the asset of this digest, in any role; tenants are to be compared beside it."""
        return or_(*(getattr(cls, f"{role}_sha256") == digest for role in AssetRole))


class Stage(Base):
    """One piece of work that a worker can claim."""

    __tablename__ = "stages"
    __table_args__ = (
        UniqueConstraint("job_id", "kind", "index"),
        Index("stages_ready", "kind", "run_after", postgresql_where=text("state = 'READY'")),
        Index("stages_leased", "lease_expires_at", postgresql_where=text("state = 'RUNNING'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    kind: Mapped[StageKind]
    index: Mapped[int] = mapped_column(default=0)
    """Number of the segment; 0 for stages of which a job has one."""
    state: Mapped[StageState] = mapped_column(default=StageState.BLOCKED)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime] = mapped_column(server_default=func.now())
    hinted_at: Mapped[datetime | None]
    """When the last hint about it was put into the outbox."""
    token: Mapped[int | None]
    """Fencing token of the last lease."""
    worker: Mapped[str | None]
    lease_expires_at: Mapped[datetime | None]
    first_frame: Mapped[int | None]
    frames: Mapped[int | None]
    frames_done: Mapped[int] = mapped_column(default=0)
    input: Mapped[Json] = mapped_column(default=dict)
    output: Mapped[Json | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    job: Mapped[Job] = relationship(back_populates="stages", lazy="raise")


class Attempt(Base):
    """One lease of one stage, for the record."""

    __tablename__ = "attempts"

    token: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id", ondelete="CASCADE"), index=True)
    worker: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    error: Mapped[str | None]


class Event(Base):
    """What happened to a job, in order."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    what: Mapped[str] = mapped_column(String(64))
    data: Mapped[Json] = mapped_column(default=dict)


class Hint(Base):
    """The outbox: hints for Celery, written in the transaction that made a stage ready, relayed after it."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    queue: Mapped[str] = mapped_column(String(32))
    not_before: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class Litter(Base):
    """Objects to delete from the store: written with the rows that let go of them, collected by the dispatcher."""

    __tablename__ = "litter"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    prefix: Mapped[str]
    """Everything whose name starts so goes."""
    keep: Mapped[str | None]
    """But not this object."""
    not_before: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class Usage(Base):
    """What is left of a job that was deleted, for accounting: nothing of a face, a voice or a wish."""

    __tablename__ = "usage"
    __table_args__ = (Index("usage_by_tenant", "tenant_id", "created_at"),)

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    state: Mapped[JobState]
    reason: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    frames: Mapped[int | None]
    """Of the result."""
    work_seconds: Mapped[float]
    """Sum over all attempts at all stages."""
