"""Motion files as assets of a job, and motion as its result

Only adds and loosens, and what it adds may be left empty: code of the revision before runs on while this is applied,
and after. It cannot join a video that has no speech, though: let dispatchers of this release run before its gateways
take such jobs in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ROLES = ("motion", "mouth", "pose", "expression")
LOOSENED = ("portrait_sha256", "speech_sha256", "appearance_key")


def upgrade() -> None:
    kind = sa.Enum("VIDEO", "MOTION", name="resultkind", native_enum=False, length=16)
    op.add_column("jobs", sa.Column("result_kind", kind, server_default="VIDEO", nullable=False))
    for column in LOOSENED:
        op.alter_column("jobs", column, nullable=True)
    for role in ROLES:
        column = f"{role}_sha256"
        op.add_column("jobs", sa.Column(column, sa.String(length=64), nullable=True))
        op.create_foreign_key(
            op.f(f"jobs_tenant_id_{column}_fkey"),
            "jobs",
            "assets",
            ["tenant_id", column],
            ["tenant_id", "sha256"],
        )
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"jobs_by_{role}", "jobs", ["tenant_id", column], unique=False, postgresql_where=where)


def downgrade() -> None:
    for role in ROLES:
        op.drop_index(f"jobs_by_{role}", table_name="jobs")
        op.drop_constraint(op.f(f"jobs_tenant_id_{role}_sha256_fkey"), "jobs", type_="foreignkey")
        op.drop_column("jobs", f"{role}_sha256")
    for column in LOOSENED:
        op.alter_column("jobs", column, nullable=False)
    op.drop_column("jobs", "result_kind")
