"""How fast is it, here: each stage and the whole in one process, then the service around them."""

from __future__ import annotations

import asyncio
import json
import time
import wave
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from vasari.cli.show import StageBars
    from vasari.client import AsyncClient

SPEECH_SECONDS: Final = 10
LATENCY_JOBS: Final = 20
RATE_SECONDS: Final = 3.0
CALLERS: Final = 32
"""Calls under way at once while requests per second are counted."""

Figures = dict[str, Any]


def bench(
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    target: Annotated[
        str | None,
        typer.Option(
            envvar="VASARI_TARGET",
            metavar="HOST:PORT",
            help="Measure this gateway and its workers; without it, a server is started for the time.",
        ),
    ] = None,
) -> None:
    """Measure speed on this machine: stages and the whole at 512x512, and the service's answers.

    [bold]Examples[/bold]

      vasari bench

      vasari bench --json --target 127.0.0.1:8470
    """
    from vasari.cli.show import StageBars, stdout

    with TemporaryDirectory(prefix="vasari-bench-") as folder, StageBars() as bars:
        portrait, speech = _portrait(), Path(folder, "speech.wav")
        write_speech(speech, SPEECH_SECONDS)
        figures = {"render": _measure_stages(portrait, speech, Path(folder), bars)}
        write_speech(speech, 1)
        with _gateway(target, Path(folder), bars) as address:
            figures["service"] = asyncio.run(_measure_service(address, portrait, speech, bars))
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        stdout.print("\n".join(_lines(figures)), highlight=False, markup=False)


def write_speech(path: Path, seconds: int) -> None:
    """A buzz with the pitch of a voice that opens and closes four times a second: it costs what speech costs."""
    import numpy as np

    times = np.arange(16_000 * seconds) / 16_000
    buzz = sum(np.sin(2 * np.pi * 120 * harmonic * times) / harmonic for harmonic in range(1, 20))
    samples = 8000 * buzz * np.sin(4 * np.pi * times) ** 2
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.astype("<i2").tobytes())


def _portrait() -> Path:
    """The US Navy's photo of Grace Hopper (public domain), which matplotlib carries."""
    import matplotlib

    return Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")


def _measure_stages(portrait: Path, speech: Path, folder: Path, bars: StageBars) -> Figures:
    from vasari.cli.pipeline import make_video
    from vasari.config import settings
    from vasari.values import Controls

    began = time.perf_counter()
    clip, costs = make_video(portrait, speech, folder / "video.mp4", Controls(), settings(), "auto", bars.count)
    elapsed = time.perf_counter() - began
    return {
        "frames": clip.frames,
        "size": [clip.width, clip.height],
        "stages": {
            stage: {"ms": 1000 * seconds, "frames_per_second": clip.frames / seconds}
            for stage, seconds in costs.items()
        },
        "ms": 1000 * elapsed,
        "frames_per_second": clip.frames / elapsed,
        "times_real_time": clip.seconds / elapsed,
    }


@contextmanager
def _gateway(target: str | None, folder: Path, bars: StageBars) -> Iterator[str]:
    if target:
        yield target
        return
    from vasari.local.stack import Stack

    bars.update("start a server", 0, 0, "")
    with Stack(folder / "data", {}) as stack:
        bars.update("start a server", 1, 1, stack.address)
        yield stack.address


async def _measure_service(address: str, portrait: Path, speech: Path, bars: StageBars) -> Figures:
    from vasari.client import AsyncClient
    from vasari.values import Controls

    async with AsyncClient(address) as client:
        photo, sound = await client.upload(portrait), await client.upload(speech)
        seeds = count()

        async def create() -> None:
            job = await client.submit(photo, sound, Controls(seed=next(seeds), size=128, fps=10))
            made.append(job.name)

        made: list[str] = []
        try:
            waits = []
            for number in range(LATENCY_JOBS + 1):
                await create()
                waits.append(await _seconds_to_start(client, made[-1]))
                bars.update("submit to start", number, LATENCY_JOBS, f"{1000 * waits[-1]:.0f} ms")
            gets = await _rate("GetJob", lambda: client.get(made[0]), bars)
            creates = await _rate("CreateJob", create, bars)
        finally:
            await asyncio.gather(*(client.delete(name) for name in made))
    waits = sorted(waits[1:])  # the first face has to be encoded while all else waits
    return {
        "submit_to_first_stage_ms": {"p50": 1000 * waits[len(waits) // 2], "p99": 1000 * waits[-1], "jobs": len(waits)},
        "get_job": gets,
        "create_job": creates,
    }


async def _seconds_to_start(client: AsyncClient, name: str) -> float:
    """From acceptance to the first stage's start, by the server's clock. Waits for the end: workers are idle again."""
    async for job in client.watch(name):
        last = job
    return (last.start_time.ToDatetime() - last.create_time.ToDatetime()).total_seconds()


async def _rate(what: str, call: Callable[[], Awaitable[object]], bars: StageBars) -> Figures:
    """Calls a second by several callers, and how long they take."""
    began = time.perf_counter()
    took: list[float] = []

    async def caller() -> None:
        while (asked := time.perf_counter()) - began < RATE_SECONDS:
            await call()
            took.append(time.perf_counter() - asked)

    bars.update(what, 0, 1, "")
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    rate = len(took) / (time.perf_counter() - began)
    bars.update(what, 1, 1, f"{rate:.0f} a second")
    took.sort()
    return {"per_second": rate, "p50_ms": 1000 * took[len(took) // 2], "p99_ms": 1000 * took[int(0.99 * len(took))]}


def _lines(figures: Figures) -> Iterator[str]:
    render, service = figures["render"], figures["service"]
    width, height = render["size"]
    yield f"In one process, {render['frames']} frames of {width}x{height}:"
    for stage, cost in render["stages"].items():
        yield f"  {stage:<8} {cost['ms']:9.0f} ms {cost['frames_per_second']:9.1f} frames/s"
    yield f"  {'in all':<8} {render['ms']:9.0f} ms {render['frames_per_second']:9.1f} frames/s"
    yield f"  {render['times_real_time']:.2f} times real time"
    start = service["submit_to_first_stage_ms"]
    yield "As a service:"
    yield f"  accepted to first stage's start: p50 {start['p50']:.0f} ms, p99 {start['p99']:.0f} ms"
    for name, call in (("GetJob", service["get_job"]), ("CreateJob", service["create_job"])):
        yield f"  {name} {call['per_second']:.0f}/s, p50 {call['p50_ms']:.1f} ms, p99 {call['p99_ms']:.1f} ms"
