"""The first schema"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("lease_token")))
    op.create_table(
        "litter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("keep", sa.String(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("litter_pkey")),
    )
    op.create_index(op.f("litter_not_before_idx"), "litter", ["not_before"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue", sa.String(length=32), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
    )
    op.create_index(op.f("outbox_not_before_idx"), "outbox", ["not_before"], unique=False)
    op.create_table(
        "tenants",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("tenants_pkey")),
    )
    op.create_table(
        "appearances",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("object_name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("appearances_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("appearances_pkey")),
    )
    op.create_table(
        "assets",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("object_name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("assets_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "sha256", name=op.f("assets_pkey")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=128), nullable=True),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", name="jobstate", native_enum=False, length=16
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("portrait_sha256", sa.String(length=64), nullable=False),
        sa.Column("speech_sha256", sa.String(length=64), nullable=False),
        sa.Column("controls", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("appearance_key", sa.String(), nullable=False),
        sa.Column("engine", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("frames_total", sa.BigInteger(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "portrait_sha256"],
            ["assets.tenant_id", "assets.sha256"],
            name=op.f("jobs_tenant_id_portrait_sha256_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "speech_sha256"],
            ["assets.tenant_id", "assets.sha256"],
            name=op.f("jobs_tenant_id_speech_sha256_fkey"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("jobs_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("jobs_pkey")),
        sa.UniqueConstraint("tenant_id", "request_id", name=op.f("jobs_tenant_id_request_id_key")),
    )
    op.create_index("jobs_ended", "jobs", ["ended_at"], unique=False)
    op.create_index("jobs_by_portrait", "jobs", ["tenant_id", "portrait_sha256"], unique=False)
    op.create_index("jobs_by_speech", "jobs", ["tenant_id", "speech_sha256"], unique=False)
    op.create_index(
        "jobs_by_tenant",
        "jobs",
        ["tenant_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "jobs_unfinished",
        "jobs",
        ["tenant_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('QUEUED', 'RUNNING')"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("events_job_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("events_pkey")),
    )
    op.create_index(op.f("events_job_id_idx"), "events", ["job_id"], unique=False)
    op.create_table(
        "stages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("FACE_ENCODE", "MOTION", "RENDER", "JOIN", name="stagekind", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "BLOCKED",
                "READY",
                "RUNNING",
                "SUCCEEDED",
                "FAILED",
                "CANCELLED",
                "SKIPPED",
                name="stagestate",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("hinted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_frame", sa.BigInteger(), nullable=True),
        sa.Column("frames", sa.BigInteger(), nullable=True),
        sa.Column("frames_done", sa.BigInteger(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("output", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("stages_job_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("stages_pkey")),
        sa.UniqueConstraint("job_id", "kind", "index", name=op.f("stages_job_id_kind_index_key")),
    )
    op.create_index(
        "stages_leased", "stages", ["lease_expires_at"], unique=False, postgresql_where=sa.text("state = 'RUNNING'")
    )
    op.create_index(
        "stages_ready", "stages", ["kind", "run_after"], unique=False, postgresql_where=sa.text("state = 'READY'")
    )
    op.create_table(
        "attempts",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stage_id", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "SUCCEEDED", "FAILED", "LOST", "RELEASED", "CANCELLED", name="outcome", native_enum=False, length=16
            ),
            nullable=True,
        ),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["stage_id"], ["stages.id"], name=op.f("attempts_stage_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", name=op.f("attempts_pkey")),
    )
    op.create_index(op.f("attempts_stage_id_idx"), "attempts", ["stage_id"], unique=False)


def downgrade() -> None:
    op.execute(sa.schema.DropSequence(sa.Sequence("lease_token")))
    op.drop_index(op.f("attempts_stage_id_idx"), table_name="attempts")
    op.drop_table("attempts")
    op.drop_index("stages_ready", table_name="stages", postgresql_where=sa.text("state = 'READY'"))
    op.drop_index("stages_leased", table_name="stages", postgresql_where=sa.text("state = 'RUNNING'"))
    op.drop_table("stages")
    op.drop_index(op.f("events_job_id_idx"), table_name="events")
    op.drop_table("events")
    op.drop_index("jobs_unfinished", table_name="jobs", postgresql_where=sa.text("state IN ('QUEUED', 'RUNNING')"))
    op.drop_index("jobs_by_tenant", table_name="jobs")
    op.drop_index("jobs_by_speech", table_name="jobs")
    op.drop_index("jobs_ended", table_name="jobs")
    op.drop_index("jobs_by_portrait", table_name="jobs")
    op.drop_table("jobs")
    op.drop_table("assets")
    op.drop_table("appearances")
    op.drop_table("tenants")
    op.drop_index(op.f("outbox_not_before_idx"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("litter_not_before_idx"), table_name="litter")
    op.drop_table("litter")
