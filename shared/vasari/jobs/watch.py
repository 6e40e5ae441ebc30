"""Changes as they happen, through Postgres's LISTEN / NOTIFY: one connection a process, however many watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog

from vasari.jobs.database import CONNECT
from vasari.jobs.transitions import JOB_CHANNEL

log = structlog.get_logger()


class Watcher:
    """Wakes those who watch a job when it changes. Enter it once a process; subscribe any number of times."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen in the background until the context ends."""
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def subscribe(self, job_id: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the job changed; the subscriber clears it before it reads the row."""
        event = asyncio.Event()
        self._waiting.setdefault(job_id, set()).add(event)
        try:
            yield event
        finally:
            subscribers = self._waiting[job_id]
            subscribers.discard(event)
            if not subscribers:
                del self._waiting[job_id]

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, **CONNECT) as connection:
                    await connection.execute(f"LISTEN {JOB_CHANNEL}")
                    # Whoever subscribed while there was no connection may have missed something.
                    for job_id in list(self._waiting):
                        self._wake(job_id)
                    async for notice in connection.notifies():
                        self._wake(notice.payload)
            except psycopg.OperationalError as error:
                log.warning("lost the database while listening; trying again", error=str(error))
                await asyncio.sleep(1.0)

    def _wake(self, job_id: str) -> None:
        for event in self._waiting.get(job_id, ()):
            event.set()
