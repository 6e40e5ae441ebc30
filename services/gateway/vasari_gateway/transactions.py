"""The sync functions of `vasari.jobs`, for the event loop: each in a thread.

Threads, because there psycopg waits for an answer in C, and on an event loop in Python: a fifth of the CPU time.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, Generic, TypeVar

import psycopg
from sqlalchemy import Engine
from sqlalchemy.orm import Session

T = TypeVar("T")

CANCEL_SECONDS: Final = 2.0


class Transactions:
    """Runs functions of a Session, each in a transaction of its own. The rows that they return stay readable.

    Args:
        threads: how many may be under way at once; the engine's pool should have as many connections.
    """

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="database")

    async def run(self, work: Callable[[Session], T]) -> T:
        """When its caller goes away, the statement under way is cancelled and the transaction rolled back."""
        transaction = _Transaction(self._engine, work)
        running = asyncio.get_running_loop().run_in_executor(self._threads, transaction.run)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            running.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody is left to hear of it
            running.cancel()  # if it has not begun
            threading.Thread(target=transaction.cancel, name="cancel").start()
            raise


class _Transaction(Generic[T]):
    def __init__(self, engine: Engine, work: Callable[[Session], T]) -> None:
        self._engine, self._work = engine, work
        # Held while a cancellation is on its way, so that it cannot hit the connection's next user.
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[object] | None = None

    def run(self) -> T:
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            self._connection = session.connection().connection.driver_connection
            try:
                return self._work(session)
            finally:
                with self._lock:
                    self._connection = None

    def cancel(self) -> None:
        with self._lock:
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=CANCEL_SECONDS)
