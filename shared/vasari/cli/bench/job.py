"""A job from its caller's side: how soon it starts, and what the platform adds to the work."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vasari.cli.bench import inputs
from vasari.cli.bench.inputs import Figures, middle
from vasari.cli.bench.server import Server
from vasari.cli.bench.usage import cpu_seconds

if TYPE_CHECKING:
    from vasari.cli.show import StageBars
    from vasari.client import AsyncClient

LATENCY_JOBS: Final = 20
CLIP_SECONDS: Final = 30
TURNS: Final = 3


async def measure_job(server: Server, folder: Path, bars: StageBars) -> Figures:
    """Both, with idle workers."""
    from vasari.client import AsyncClient

    async with AsyncClient(server.address) as client:
        return {
            "submit_to_first_stage_ms": await _start(client, folder, bars),
            "platform": await _platform(client, server, folder, bars),
        }


async def _start(client: AsyncClient, folder: Path, bars: StageBars) -> Figures:
    """From acceptance to the first stage's start, by the server's clock."""
    from vasari.values import Controls

    photo, sound = await client.upload(inputs.portrait()), await client.upload(inputs.speech(folder, 1))
    waits, names = list[float](), list[str]()
    for seed in range(LATENCY_JOBS + 1):
        made = await client.submit(photo, sound, Controls(seed=seed, size=128, fps=10))
        async for job in client.watch(made):  # to its end: workers are idle again
            last = job
        waits.append(1000 * (last.start_time.ToDatetime() - last.create_time.ToDatetime()).total_seconds())
        names.append(made.name)
        bars.update("submit to start", seed, LATENCY_JOBS, f"{waits[-1]:.0f} ms")
    for name in names:
        await client.delete(name)
    waits = sorted(waits[1:])  # the first face has to be encoded
    return {"p50": middle(waits), "p99": waits[-1], "jobs": len(waits)}


async def _platform(client: AsyncClient, server: Server, folder: Path, bars: StageBars) -> Figures:
    """The same clip by turns without a service and as a job, from files to a file; models are loaded before.

    CPU time tells what the platform costs also where other work makes the clock's time a matter of luck.
    """
    from vasari.cli.pipeline import make_video
    from vasari.config import settings
    from vasari.values import Controls

    portrait, target = inputs.portrait(), folder / "clip.mp4"

    async def alone(sound: Path) -> None:
        make_video(portrait, sound, target, Controls(), settings(), "auto", lambda *_: None)

    async def job(sound: Path) -> None:
        made = await client.submit(portrait, sound)
        async for _ in client.watch(made):
            pass
        await client.download(made, target)
        await client.delete(made)  # and the face with it, so that it is encoded each time, as in the other way

    took: dict[str, list[float]] = {"alone": [], "job": []}
    cpu: dict[str, list[float]] = {"alone": [], "job": []}
    short, long = inputs.speech(folder, 1), inputs.speech(folder, CLIP_SECONDS)
    await alone(short)
    await job(short)
    for turn in range(TURNS):
        for way, make in (("alone", alone), ("job", job)):
            began, used = time.perf_counter(), cpu_seconds(os.getpid())
            await make(long)
            took[way].append(1000 * (time.perf_counter() - began))
            cpu[way].append(1000 * (cpu_seconds(os.getpid()) - used))
        bars.update("alone and as a job", turn + 1, TURNS, f"{took['alone'][-1]:.0f} and {took['job'][-1]:.0f} ms")
    added = middle([both[1] - both[0] for both in zip(*took.values(), strict=True)])
    figures = {
        "clip_s": CLIP_SECONDS,
        "alone_ms": middle(took["alone"]),
        "job_ms": middle(took["job"]),
        "added_ms": added,
        "added_to_clip_percent": 100 * added / (1000 * CLIP_SECONDS),
    }
    if server.database_url:  # its processes are this one's children
        figures |= {"alone_cpu_ms": middle(cpu["alone"]), "job_cpu_ms": middle(cpu["job"])}
        figures["added_cpu_percent"] = 100 * (figures["job_cpu_ms"] / figures["alone_cpu_ms"] - 1)
    return figures
