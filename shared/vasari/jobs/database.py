"""Connections to Postgres."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from vasari.config import Settings

_CONNECT = {"connect_timeout": 5, "application_name": "vasari", "keepalives_idle": 10}


def database_url(settings: Settings) -> URL:
    """The configured URL with SQLAlchemy's name for psycopg 3, whichever of Postgres's usual spellings it came in."""
    return make_url(settings.database_url.get_secret_value()).set(drivername="postgresql+psycopg")


def make_engine(settings: Settings) -> Engine:
    """For workers and the dispatcher: few connections, tested before use so that a restarted server is survived."""
    return create_engine(database_url(settings), pool_size=2, max_overflow=2, pool_pre_ping=True, connect_args=_CONNECT)


def make_async_engine(settings: Settings) -> AsyncEngine:
    """For the gateway."""
    return create_async_engine(
        database_url(settings), pool_size=8, max_overflow=8, pool_pre_ping=True, connect_args=_CONNECT
    )
