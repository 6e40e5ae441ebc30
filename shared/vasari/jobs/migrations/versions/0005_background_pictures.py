"""A picture behind the person as an asset of a job

Only adds, and what it adds may be left empty: code of the revision before runs on while this is applied, and after. It
does not see that a job uses such a picture, though, and Postgres refuses when it cleans up: let dispatchers of this
release run before its gateways take such jobs in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ROLE = "background_picture"


def upgrade() -> None:
    column = f"{ROLE}_sha256"
    op.add_column("jobs", sa.Column(column, sa.String(length=64), nullable=True))
    op.create_foreign_key(
        op.f(f"jobs_tenant_id_{column}_fkey"), "jobs", "assets", ["tenant_id", column], ["tenant_id", "sha256"]
    )
    where = sa.text(f"{column} IS NOT NULL")
    op.create_index(f"jobs_by_{ROLE}", "jobs", ["tenant_id", column], unique=False, postgresql_where=where)


def downgrade() -> None:
    op.drop_index(f"jobs_by_{ROLE}", table_name="jobs")
    op.drop_constraint(op.f(f"jobs_tenant_id_{ROLE}_sha256_fkey"), "jobs", type_="foreignkey")
    op.drop_column("jobs", f"{ROLE}_sha256")
