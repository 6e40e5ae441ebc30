"""Calls a second, and how long one waits for its answer."""

from __future__ import annotations

import asyncio
import gc
import math
import time
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vasari.cli.bench import inputs
from vasari.cli.bench.inputs import Figures
from vasari.cli.bench.server import Server

if TYPE_CHECKING:
    from vasari.cli.show import StageBars

RATE_SECONDS: Final = 3.0
CALLERS: Final = 32
"""Calls under way at once."""
MOST_JOBS: Final = 800
"""Fewer than a tenant may have unfinished, which none of these will ever be."""


async def measure_answers(server: Server, folder: Path, bars: StageBars) -> Figures:
    """GetJob of one job, and CreateJob with both assets in place."""
    from vasari.client import AsyncClient
    from vasari.values import Controls

    # The pauses of whoever measures are not those of what is measured.
    gc.collect()
    gc.freeze()
    async with AsyncClient(server.address) as client:
        photo, sound = await client.upload(inputs.portrait()), await client.upload(inputs.speech(folder, 1))
        seeds, made = count(), list[str]()

        async def create() -> None:
            job = await client.submit(photo, sound, Controls(seed=next(seeds), size=128, fps=10))
            made.append(job.name)

        await create()
        try:
            gets = await _rate("GetJob", lambda: client.get(made[0]), bars)
            creates = await _rate("CreateJob", create, bars, most=MOST_JOBS)
        finally:
            await asyncio.gather(*(client.delete(name) for name in made))
    return {"callers": CALLERS, "get_job": gets, "create_job": creates}


async def _rate(what: str, call: Callable[[], Awaitable[object]], bars: StageBars, most: float = math.inf) -> Figures:
    """For RATE_SECONDS, or until that many calls were made."""
    began, calls = time.perf_counter(), count(1)
    took: list[float] = []

    async def caller() -> None:
        while (asked := time.perf_counter()) - began < RATE_SECONDS and next(calls) <= most:
            await call()
            took.append(time.perf_counter() - asked)

    bars.update(what, 0, 1, "")
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    rate = len(took) / (time.perf_counter() - began)
    bars.update(what, 1, 1, f"{rate:.0f} a second")
    took.sort()
    return {"per_second": rate, "p50_ms": 1000 * took[len(took) // 2], "p99_ms": 1000 * took[int(0.99 * len(took))]}
