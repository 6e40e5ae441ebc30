"""Jobs as messages, read for all who ask at the same time with one statement."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import UUID

from vasari.jobs import requests
from vasari.proto.v1 import jobs_pb2
from vasari.values import NotFound
from vasari_gateway.messages import Links, job_message
from vasari_gateway.transactions import Transactions

Answer = asyncio.Future[jobs_pb2.Job]


class Reader:
    """Whoever asks while a statement is under way is answered by the next: load makes the batches larger, not more.

    Args:
        pause: least time, in seconds, between the starts of two statements.
    """

    def __init__(self, transactions: Transactions, links: Links, pause: float = 0.0) -> None:
        self._transactions = transactions
        self._links = links
        self._pause = pause
        self._waiting: dict[UUID, list[tuple[str, Answer]]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._not_before = 0.0

    async def job(self, tenant: str, job_id: UUID) -> jobs_pb2.Job:
        """The job as it is at some moment after the call. The message is shared: leave it as it is. Raises NotFound."""
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        self._waiting.setdefault(job_id, []).append((tenant, answer))
        if self._reading is None:
            self._reading = loop.create_task(self._read())
        return await answer

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                await asyncio.sleep(self._not_before - loop.time())
                self._not_before = loop.time() + self._pause
                batch, self._waiting = self._waiting, {}
                try:
                    await self._answer(batch)
                except Exception as error:
                    # It is each caller's: the boundary knows what to make of it.
                    for _, answer in (each for waiting in batch.values() for each in waiting):
                        if not answer.done():
                            answer.set_exception(error)
        finally:
            self._reading = None

    async def _answer(self, batch: dict[UUID, list[tuple[str, Answer]]]) -> None:
        found = await self._transactions.run(partial(requests.read_jobs, job_ids=list(batch)))
        for job_id, waiting in batch.items():
            job = found.get(job_id)
            message = job_message(job, self._links) if job else None
            for tenant, answer in waiting:
                if answer.done():  # who asked has gone
                    continue
                if job is None or message is None or job.tenant_id != tenant:
                    answer.set_exception(NotFound(f"there is no job jobs/{job_id}"))
                else:
                    answer.set_result(message)
