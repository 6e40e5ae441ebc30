"""Health as callers see it: SERVING only while the database and the store answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from grpc_health.v1 import health_pb2
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from vasari.jobs.database import silence
from vasari.store import Store
from vasari.telemetry import Readiness, pulse
from vasari.values import Fault
from vasari_gateway.transactions import Transactions

CHECK_SECONDS = 2.0
ANSWER_SECONDS = 5.0


async def keep_health(
    set_status: Callable[[str, int], Awaitable[None]],
    services: tuple[str, ...],
    transactions: Transactions,
    store: Store,
    readiness: Readiness,
) -> None:
    """Ask both every few seconds and set the answer for each service; until cancelled.

    That it goes round is the sign of life of the event loop: one that hangs answers nobody, and only /live can say so.
    """
    while True:
        pulse.beat()
        problem = await _problem(transactions, store)
        readiness.set(problem)
        state = health_pb2.HealthCheckResponse.NOT_SERVING if problem else health_pb2.HealthCheckResponse.SERVING
        for service in services:
            await set_status(service, state)
        await asyncio.sleep(CHECK_SECONDS)


async def _problem(transactions: Transactions, store: Store) -> str | None:
    """What does not answer, or None."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await transactions.run(lambda session: session.execute(text("SELECT 1")))
            await asyncio.to_thread(store.ping)
    except SQLAlchemyError as error:
        return silence(error)
    except Fault as error:
        return error.message
    except TimeoutError:
        return "the database or the object store does not answer in time"
    return None
