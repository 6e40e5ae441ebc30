"""A database with the current schema, empty before each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from vasari.config import Settings
from vasari.jobs.database import make_engine
from vasari.jobs.migrate import migrate
from vasari.jobs.schema import Base
from vasari.jobs.tenants import DEFAULT_TENANT, ensure_tenant

Transaction = Callable[[], AbstractContextManager[Session]]


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(Settings(database_url=database_url))  # type: ignore[arg-type]
    migrate(engine)
    yield engine
    engine.dispose()


def empty(engine: Engine) -> None:
    """Delete every row but that of the tenant that a running gateway counts on."""
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    with Session(engine) as session, session.begin():
        ensure_tenant(session, DEFAULT_TENANT)


@pytest.fixture
def transaction(engine: Engine) -> Transaction:
    empty(engine)

    @contextmanager
    def begin() -> Iterator[Session]:
        with Session(engine) as session, session.begin():
            yield session

    return begin
