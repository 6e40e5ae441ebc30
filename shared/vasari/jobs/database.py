"""Connections to Postgres."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from vasari.config import Settings

CONNECT: Final[dict[str, Any]] = {
    "application_name": "vasari",
    "connect_timeout": 5,
    # A server that went without a word is noticed in half a minute, not in hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    # Transactions here take milliseconds. One whose process was frozen must not keep its locks, nor others wait for it.
    "options": "-c idle_in_transaction_session_timeout=10s -c lock_timeout=5s",
}
"""How every connection is made: libpq's parameters."""


def database_url(settings: Settings) -> URL:
    """The configured URL with SQLAlchemy's name for psycopg 3, whichever of Postgres's usual spellings it came in."""
    return make_url(settings.database_url.get_secret_value()).set(drivername="postgresql+psycopg")


def silence(error: SQLAlchemyError) -> str:
    """What a look whether the database is there says when it failed."""
    return f"the database does not answer: {error.__cause__ or error}"


def make_engine(settings: Settings, connections: int = 4) -> Engine:
    """At most so many connections, tested before use so that a restarted server is survived."""
    return create_engine(
        database_url(settings),
        pool_size=(connections + 1) // 2,
        max_overflow=connections // 2,
        pool_pre_ping=True,
        connect_args=CONNECT,
    )
