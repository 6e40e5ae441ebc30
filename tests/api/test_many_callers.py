"""Many callers at once cost few statements: reads are gathered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from tests.conftest import Workers

from vasari.client import AsyncClient, Client
from vasari.config import Settings
from vasari.jobs import requests, work
from vasari.jobs.database import make_engine
from vasari.jobs.states import StageKind
from vasari.proto.v1 import jobs_pb2
from vasari.store import Store
from vasari.values import Controls, NotFound
from vasari_gateway.messages import Links
from vasari_gateway.reader import Reader
from vasari_gateway.transactions import Transactions

WATCHES = 200


@pytest.fixture
def own_engine(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def statements(own_engine: Engine) -> list[str]:
    """Every statement of an engine, as it is sent."""
    sent: list[str] = []
    event.listen(own_engine, "before_cursor_execute", lambda *about: sent.append(about[2]))
    return sent


@pytest.fixture
def job(client: Client, photo: bytes) -> jobs_pb2.Job:
    return client.submit(photo, b"speech")


async def test_reads_at_once_are_one_read(
    job: jobs_pb2.Job, own_engine: Engine, statements: list[str], store: Store
) -> None:
    reader = Reader(Transactions(own_engine, 2), Links(store, 60))
    name = UUID(job.name.removeprefix("jobs/"))
    answers = await asyncio.gather(*(reader.job("default", name) for _ in range(500)))
    assert all(answer == job for answer in answers)
    assert len(statements) <= 6


async def test_a_gathered_read_keeps_tenants_and_absent_jobs_apart(
    job: jobs_pb2.Job, own_engine: Engine, store: Store
) -> None:
    reader = Reader(Transactions(own_engine, 2), Links(store, 60))
    name = UUID(job.name.removeprefix("jobs/"))
    calls = (reader.job("default", name), reader.job("other", name), reader.job("default", UUID(int=4)))
    mine, theirs, absent = await asyncio.gather(*calls, return_exceptions=True)
    assert mine == job
    assert isinstance(theirs, NotFound)
    assert isinstance(absent, NotFound)


async def test_who_goes_away_hinders_nobody(job: jobs_pb2.Job, own_engine: Engine, store: Store) -> None:
    reader = Reader(Transactions(own_engine, 2), Links(store, 60))
    name = UUID(job.name.removeprefix("jobs/"))
    gone = asyncio.create_task(reader.job("default", name))
    await asyncio.sleep(0)
    stays = asyncio.create_task(reader.job("default", name))
    gone.cancel()
    assert await stays == job


def calls_to(engine: Engine, table: str) -> int:
    """How often a table was looked into since the server started."""
    with engine.connect() as connection:
        read = f"SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = '{table}'"
        return int(connection.exec_driver_sql(read).scalar_one())


async def test_two_hundred_watches_are_one_poll(address: str, photo: bytes, engine: Engine, workers: Workers) -> None:
    async with AsyncClient(address) as client:
        portrait, speech = await client.upload(photo), await client.upload(b"speech")
        made = [await client.submit(portrait, speech, Controls(seed=seed)) for seed in range(4)]
        latest: dict[int, jobs_pb2.Job] = {}

        async def watch(number: int) -> None:
            async for now in client.watch(made[number % 4]):
                latest[number] = now

        watches = [asyncio.create_task(watch(number)) for number in range(WATCHES)]
        while len(latest) < WATCHES:
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.5)

        before, began, beats = calls_to(engine, "stages"), time.monotonic(), 0
        lease = workers.claim(StageKind.FACE_ENCODE)
        while time.monotonic() - began < 3:
            await asyncio.to_thread(workers.do, work.renew, lease, beats, 60.0)
            beats += 1
        seconds = time.monotonic() - began
        await asyncio.sleep(1.5)
        asked = calls_to(engine, "stages") - before - 2 * beats
        assert beats > 50
        assert asked < 40 * seconds, "ten reads a second, however many watch and however much happens"

        for job in made:
            with Session(engine) as session, session.begin():
                requests.cancel_job(session, "default", UUID(job.name.removeprefix("jobs/")))
        await asyncio.wait_for(asyncio.gather(*watches), 10)
    assert {job.state for job in latest.values()} == {jobs_pb2.JOB_STATE_CANCELLED}
