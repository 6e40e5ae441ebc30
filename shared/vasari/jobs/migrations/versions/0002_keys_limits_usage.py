"""API keys, limits of tenants, engine versions, and what is left of deleted jobs

Only adds, and what it adds may be left empty: code of the revision before runs on while this is applied, and after.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("tenants", sa.Column("requests_per_second", sa.Float(), nullable=True))
    op.add_column("tenants", sa.Column("max_unfinished_jobs", sa.BigInteger(), nullable=True))
    op.add_column("tenants", sa.Column("retention_seconds", sa.Float(), nullable=True))
    op.add_column("assets", sa.Column("portrait_pixels", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("engine_version", sa.String(length=64), nullable=True))
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("api_keys_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("api_keys_pkey")),
    )
    op.create_index(op.f("api_keys_tenant_id_idx"), "api_keys", ["tenant_id"], unique=False)
    op.create_table(
        "usage",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", name="jobstate", native_enum=False, length=16
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=True),
        sa.Column("work_seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("usage_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("usage_pkey")),
    )
    op.create_index("usage_by_tenant", "usage", ["tenant_id", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_index("usage_by_tenant", table_name="usage")
    op.drop_table("usage")
    op.drop_index(op.f("api_keys_tenant_id_idx"), table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_column("jobs", "engine_version")
    op.drop_column("assets", "portrait_pixels")
    op.drop_column("tenants", "retention_seconds")
    op.drop_column("tenants", "max_unfinished_jobs")
    op.drop_column("tenants", "requests_per_second")
