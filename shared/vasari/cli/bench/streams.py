"""Whether watching costs the database anything: its transactions a second, by the number of streams."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vasari.cli.bench import inputs
from vasari.cli.bench.inputs import Figures
from vasari.cli.bench.server import Server

if TYPE_CHECKING:
    from vasari.cli.show import StageBars
    from vasari.client import AsyncClient

STREAMS: Final = (0, 1, 200)
WATCH_SECONDS: Final = 6.0
"""Postgres's processes report what they did about once a second, so a window has to be some seconds long."""


async def measure_streams(server: Server, folder: Path, bars: StageBars) -> Figures:
    """WatchJob streams, each of a job of its own, while workers go through these jobs.

    Without access to the database there is nothing to say, and the figures are empty.
    """
    if server.database_url is None:
        return {}
    from vasari.client import AsyncClient
    from vasari.values import Controls

    async with AsyncClient(server.address) as client:
        photo, sound = await client.upload(inputs.portrait()), await client.upload(inputs.speech(folder, 4))
        made = [(await client.submit(photo, sound, Controls(seed=seed, size=256))).name for seed in range(STREAMS[-1])]
        try:
            return {
                str(streams): await _watched(client, server.database_url, made[len(made) - streams :], bars)
                for streams in STREAMS
            }
        finally:
            await asyncio.gather(*(client.delete(name) for name in made))


async def _watched(client: AsyncClient, url: str, names: list[str], bars: StageBars) -> Figures:
    """What a window costs in which each of the jobs is watched by one stream."""
    messages = 0

    async def watch(name: str) -> None:
        nonlocal messages
        async for _ in client.watch(name):
            messages += 1

    what = f"{len(names)} streams"
    bars.update(what, 0, 1, "")
    streams = [asyncio.create_task(watch(name)) for name in names]
    await asyncio.sleep(2.0)  # each has had its first message, and the database has said so
    messages, before, began = 0, await asyncio.to_thread(_transactions, url), time.perf_counter()
    await asyncio.sleep(WATCH_SECONDS)
    seconds = time.perf_counter() - began
    rate = (await asyncio.to_thread(_transactions, url) - before) / seconds
    for stream in streams:
        stream.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*streams, return_exceptions=True)
    bars.update(what, 1, 1, f"{rate:.0f} transactions a second")
    return {"transactions_per_second": rate, "messages_per_second": messages / seconds}


def _transactions(url: str) -> int:
    """How many the database has ended so far."""
    import psycopg

    with psycopg.connect(url) as connection:
        query = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
