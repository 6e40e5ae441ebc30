"""Whether the servers that workers and the dispatcher need do answer, asked for as long as the process lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import redis
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from vasari.config import Settings
from vasari.jobs.database import silence
from vasari.store import Store
from vasari.telemetry import Readiness
from vasari.values import Fault

ASK_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 5.0
"""Servers that have not answered for so long count as gone."""


def watch_servers(
    readiness: Readiness,
    settings: Settings,
    engine: Engine,
    store: Store,
    own_problem: Callable[[], str | None] = lambda: None,
) -> None:
    """Keep `readiness` true, in two threads that end with the process.

    Args:
        own_problem: what the process knows of itself that keeps it from working.
    """
    broker = redis.Redis.from_url(
        settings.broker_url.get_secret_value(), socket_connect_timeout=3, socket_timeout=ANSWER_SECONDS
    )
    answer: tuple[float, str | None] = (time.monotonic(), "is starting")

    def ask() -> None:
        nonlocal answer
        while True:
            answer = (time.monotonic(), _problem(broker, engine, store))
            time.sleep(ASK_SECONDS)

    def tell() -> None:
        while True:
            asked_at, problem = answer
            if time.monotonic() - asked_at > ASK_SECONDS + ANSWER_SECONDS:
                problem = problem or "a server does not answer in time"
            readiness.set(own_problem() or problem)
            time.sleep(ASK_SECONDS / 4)

    for task in (ask, tell):
        threading.Thread(target=task, name=task.__name__, daemon=True).start()


def _problem(broker: redis.Redis, engine: Engine, store: Store) -> str | None:
    try:
        broker.ping()
    except redis.RedisError as error:
        return f"the broker does not answer: {error}"
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return silence(error)
    try:
        store.ping()
    except Fault as error:
        return error.message
    return None
