"""The schema moves forward while code of the revision before runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from vasari.jobs import tenants
from vasari.jobs.migrate import alembic_config, migrate
from vasari.jobs.schema import Base, Job
from vasari.jobs.states import AssetRole, ResultKind


@pytest.fixture
def fresh(engine: Engine) -> Iterator[Engine]:
    """A database of its own, without tables."""
    name = f"fresh_{uuid4().hex}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    own = create_engine(engine.url.set(database=name))
    yield own
    own.dispose()


def upgrade(engine: Engine, revision: str) -> None:
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_migrating_leads_to_the_schema_of_the_code(fresh: Engine) -> None:
    migrate(fresh)
    migrate(fresh)
    with fresh.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


OLD_CODE = """
INSERT INTO tenants (id) VALUES ('{0}') ON CONFLICT DO NOTHING;
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('{0}', '{1}', 1, 'a');
INSERT INTO jobs (id, tenant_id, request_digest, state, portrait_sha256, speech_sha256, controls, appearance_key,
                  engine, deadline_at)
     VALUES (gen_random_uuid(), '{0}', 'd', 'QUEUED', '{1}', '{1}', '{{}}', 'k', '{{}}', now());
INSERT INTO stages (job_id, kind, index, state, attempts, frames_done, input)
     SELECT id, 'MOTION', 0, 'READY', 0, 0, '{{}}' FROM jobs WHERE portrait_sha256 = '{1}';
"""
"""What the first revision's code writes."""


@pytest.mark.parametrize("newer", ["0002", "0003", "0004", "0005"])
def test_the_first_revisions_code_goes_on_under_those_after_it(fresh: Engine, newer: str) -> None:
    upgrade(fresh, "0001")
    with fresh.begin() as connection:
        connection.execute(text(OLD_CODE.format("default", "a" * 64)))
    upgrade(fresh, newer)
    with fresh.begin() as connection:
        connection.execute(text(OLD_CODE.format("default", "b" * 64)))
        assert connection.scalar(text("SELECT count(*) FROM stages")) == 2
    with Session(fresh) as session:
        assert tenants.read_directory(session).tenants == {"default": tenants.Limits()}


def test_jobs_of_earlier_revisions_make_videos(fresh: Engine) -> None:
    upgrade(fresh, "0003")
    with fresh.begin() as connection:
        connection.execute(text(OLD_CODE.format("default", "a" * 64)))
    migrate(fresh)
    with fresh.begin() as connection:
        connection.execute(text(OLD_CODE.format("default", "b" * 64)))
    with Session(fresh) as session:
        for job in session.scalars(select(Job)):
            assert job.result_kind is ResultKind.VIDEO
            assert set(job.digests) == {AssetRole.PORTRAIT, AssetRole.SPEECH}


SPOKEN = sorted((Path(__file__).parent / "spoken").glob("*.sql"))


@pytest.mark.parametrize("spoken", SPOKEN, ids=lambda path: path.stem)
def test_all_that_an_earlier_release_says_is_understood_as_it_was(fresh: Engine, spoken: Path) -> None:
    """Every statement of a release's whole state machine (`tests.jobs.record`), with the new schema beneath it."""
    migrate(fresh)
    lines = spoken.read_text().splitlines()
    with psycopg.connect(fresh.url.set(drivername="postgresql").render_as_string(False)) as connection:
        for expected, statement in zip(lines[::2], lines[1::2], strict=True):
            rows = connection.execute(statement).rowcount  # type: ignore[arg-type]
            assert f"-- {rows} rows" == expected, statement
        ended = connection.execute("SELECT count(*), count(ended_at) FROM usage").fetchone()
    assert ended == (4, 4), "its jobs lived, ended and were forgotten"
