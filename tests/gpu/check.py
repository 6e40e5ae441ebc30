"""`make gpu-check`: whether a GPU draws, hears and learns as CPUs do, and how fast. Three minutes, no network.

    python -m tests.gpu.check --output gpu.json         on a machine with a GPU
    python -m tests.gpu.check --device cpu --short      its dress rehearsal without one

Prints a table and writes all figures as JSON. What fails says why and the rest goes on; then the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from tests.render.measure import wandering

from vasari.cli.bench import inputs
from vasari.device import CORES, use_device
from vasari.face import encode
from vasari.motion import animate, prepare
from vasari.motion.diffusion_transformer import SIGNALS, Conditions, DiffusionTransformer, TransformerParams
from vasari.motion.training.motion_generator import loss
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, Framing

Figures = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """What is measured with."""

    device: str
    short: bool

    @cached_property
    def photo(self) -> NDArray[np.uint8]:
        return np.array(Image.open(inputs.portrait()).convert("RGB"))

    @cached_property
    def appearance(self) -> Appearance:
        return encode(self.photo)

    @cached_property
    def speech(self) -> NDArray[np.float32]:
        return inputs.voice(6 if self.short else 60)

    def renderer(self, size: int) -> Renderer:
        return Renderer(self.appearance, RenderOptions(size, photo=self.photo), self.device, threads=1)

    def wait(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()

    def seconds(self, work: Callable[[], object], times: int) -> float:
        """The mean of so many runs, after one that does not count."""
        work()
        self.wait()
        began = time.perf_counter()
        for _ in range(times):
            work()
        self.wait()
        return (time.perf_counter() - began) / times


def machine(bench: Bench) -> Figures:
    found: Figures = {"cores": CORES, "python": platform.python_version(), "torch": torch.__version__}
    if bench.device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        found |= {"gpu": properties.name, "gpu_memory_gib": round(properties.total_memory / 2**30, 1)}
    return found


def drawing(bench: Bench) -> Figures:
    """Frames a second by size and batch, without copies to the host, and the memory that they take."""
    rows = []
    for size in (256, 512) if bench.short else (256, 512, 1080, 2160, 3840):
        renderer = bench.renderer(size)
        for batch in (1, 4) if bench.short else (1, 8, 32, 64):
            if batch * size * size > 140 << 20:  # more pixels than memory is asked for
                continue
            if bench.device == "cuda":
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            some = wandering(batch)
            took = bench.seconds(lambda r=renderer, m=some, b=batch: r._draw(r._asked(m), b), 2 if bench.short else 10)
            row = {"size": size, "batch": batch, "frames_per_second": batch / took, "ms_per_batch": 1000 * took}
            if bench.device == "cuda":
                row["memory_gib"] = torch.cuda.max_memory_reserved() / 2**30
                renderer._recorded.clear()
            rows.append(row)
    return {"rows": rows}


def one_frame(bench: Bench) -> Figures:
    """A frame by itself, on the host; prepared, and from nothing."""
    began = time.perf_counter()
    renderer = bench.renderer(512)
    bench.wait()
    made = time.perf_counter() - began
    list(renderer.frames(wandering(1)))
    renderer._batch = 1
    first = 1000 * bench.seconds(lambda: list(renderer.pictures(wandering(1))), 3 if bench.short else 30)
    return {"prepare_ms": 1000 * made, "one_frame_ms": first}


def recorded_against_eager(bench: Bench) -> Figures:
    """What recording as a CUDA graph gives, at batch 32; and what would make the device wait for the host."""
    if bench.device != "cuda":
        return {"skipped": "no GPU"}
    renderer, motion = bench.renderer(512), wandering(32)
    asked = renderer._asked(motion).cuda()
    renderer._drawn_as(asked)
    eager = bench.seconds(lambda: renderer._drawn_as(asked), 5)
    with warnings.catch_warnings(record=True) as waits:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        renderer._drawn_as(asked)
        torch.cuda.set_sync_debug_mode("default")
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        renderer._drawn_as(asked)
        bench.wait()
    kernels = [event for event in profile.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    slowest = sorted(profile.key_averages(), key=lambda e: -e.self_device_time_total)[:12]
    replay = bench.seconds(lambda: renderer._draw(renderer._asked(motion), 32), 10)
    return {
        "eager_ms": 1000 * eager,
        "recorded_ms": 1000 * replay,
        "launches": len(kernels),
        "busy_ms": sum(event.self_device_time_total for event in profile.key_averages()) / 1000,
        "waits_for_the_host": sum("called a synchronizing" in str(wait.message) for wait in waits),
        "slowest_us": {event.key[:70]: [round(event.self_device_time_total), event.count] for event in slowest},
    }


def whole_pictures(bench: Bench) -> Figures:
    """Frames a second of a whole photo (framing PORTRAIT) at 3840x2160, a third of its height a head."""
    scale = 1 if bench.short else 4
    height, width = 540 * scale, 960 * scale
    waves = np.sin(np.arange(width) / 40)[None, :, None] * np.cos(np.arange(height) / 25)[:, None, None]
    picture = (110 + 60 * waves + [0, 10, 25]).astype(np.uint8)
    rows = 486 * scale
    shown = np.array(Image.fromarray(bench.photo).resize((bench.photo.shape[1] * rows // bench.photo.shape[0], rows)))
    left = (picture.shape[1] - shown.shape[1]) // 2
    picture[-rows:, left : left + shown.shape[1]] = shown
    options = RenderOptions(picture.shape[1], Framing.PORTRAIT, picture)
    renderer, figures = Renderer(encode(picture), options, bench.device, threads=1), {}
    for batch in (1, 2) if bench.short else (1, 4, 8):
        some = wandering(batch)
        took = bench.seconds(lambda m=some, b=batch: renderer._draw(renderer._asked(m), b), 2 if bench.short else 10)
        figures[f"batch_{batch}_frames_per_second"] = batch / took
    return {"width": renderer.width, "height": renderer.height} | figures


def sharing(bench: Bench) -> Figures:
    """Frames a second at 512x512 that several processes draw on one GPU, together."""
    if bench.device != "cuda":
        return {"skipped": "no GPU"}
    return {"frames_per_second_by_processes": _together(bench, (1, 2, 4), "cuda", "spawn")}


def copies(bench: Bench) -> Figures:
    """Frames a second that reach the host, and that are only drawn."""
    renderer, motion = bench.renderer(512), wandering(16 if bench.short else 640)
    drawn = bench.seconds(lambda: [None for _ in renderer.frames(motion)], 2)
    copied = bench.seconds(lambda: [None for _ in renderer.pictures(motion)], 2)
    return {"drawn_per_second": len(motion) / drawn, "on_the_host_per_second": len(motion) / copied}


def hearing(bench: Bench) -> Figures:
    """Motion for a minute of speech (six seconds when short), and how far it is from a CPU's."""
    prepare(bench.device)
    took = bench.seconds(lambda: animate(bench.speech, device=bench.device), 1)
    part = bench.speech[: 16_000 * 6]
    here, there = animate(part, device=bench.device), animate(part, device="cpu")
    return {
        "speech_seconds": len(bench.speech) / 16_000,
        "motion_ms": 1000 * took,
        "largest_difference_of_coefficients": float(np.abs(here.coefficients - there.coefficients).max()),
        "largest_difference_of_turns_deg": float(np.abs(here.rotation - there.rotation).max()),
    }


def encoding_a_face(bench: Bench) -> Figures:
    return {"encode_ms": 1000 * bench.seconds(lambda: encode(bench.photo), 1 if bench.short else 3)}


def learning(bench: Bench) -> Figures:
    """A step of the motion generator's training, 24 windows."""
    params = TransformerParams()
    network = DiffusionTransformer(params).to(bench.device)
    optimiser = torch.optim.AdamW(network.parameters(), 1e-4)
    length, chance = params.tail + params.window, torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(24, *shape, generator=chance).to(bench.device)

    given = Conditions(
        drawn(length, params.audio), drawn(SIGNALS), drawn(params.tail, params.motion), (drawn(3) > 0).float()
    )
    motion, level, noise = drawn(length, params.motion), drawn().sigmoid(), drawn(params.window, params.motion)

    def step() -> None:
        optimiser.zero_grad()
        loss(network, motion, given, level, noise).backward()
        optimiser.step()

    return {"training_step_ms": 1000 * bench.seconds(step, 1 if bench.short else 20)}


def many_cores(bench: Bench) -> Figures:
    """Frames a second at 512x512 by processes on this machine's CPUs, one thread each."""
    counts = [n for n in (1, 2, 4, 8, 16, 32, 64) if n <= CORES][: 2 if bench.short else None]
    return {"frames_per_second_by_processes": _together(bench, counts, "cpu", "forkserver")}


def _together(bench: Bench, counts: Iterable[int], device: str, start: str) -> dict[str, float]:
    """Frames a second of so many processes together, by their number."""
    rates = {}
    for count in counts:
        with ProcessPoolExecutor(count, get_context(start)) as processes:
            spans = list(processes.map(_draw_alone, [(bench.appearance, bench.photo, device)] * count))
        began, ended = min(span[0] for span in spans), max(span[1] for span in spans)
        rates[str(count)] = sum(span[2] for span in spans) / (ended - began)
    return rates


def _draw_alone(given: tuple[Appearance, NDArray[np.uint8], str]) -> tuple[float, float, int]:
    """When it began and ended, by the machine's clock, and how many frames were drawn."""
    appearance, photo, device = given
    renderer = Renderer(appearance, RenderOptions(photo=photo), use_device(device), threads=1)
    motion = wandering(64)
    list(renderer.pictures(motion))
    began, frames = time.monotonic(), 0
    while time.monotonic() < began + 3:
        frames += sum(len(batch) for batch in renderer.pictures(motion))
    return began, time.monotonic(), frames


def suite(bench: Bench) -> Figures:
    """The renderer's tests, drawn on the device."""
    which = ["tests/render/test_warp.py"] if bench.short else ["tests/render", "--ignore=tests/render/test_encode.py"]
    options = ["--confcutdir=tests/render", "-o", "addopts=--import-mode=importlib", "-q", "-W", "ignore", "--tb=short"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *which, *options],
        env=os.environ | {"VASARI_DEVICE": bench.device},
        capture_output=True,
        text=True,
    )
    tail = run.stdout.strip().splitlines()
    if run.returncode:
        print(run.stdout[-6000:], run.stderr[-2000:], file=sys.stderr)
        raise RuntimeError(tail[-1] if tail else run.stderr[-300:])
    return {"tests": tail[-1]}


MEASURES: tuple[Callable[[Bench], Figures], ...] = (
    machine,
    one_frame,
    recorded_against_eager,
    drawing,
    whole_pictures,
    sharing,
    copies,
    hearing,
    learning,
    encoding_a_face,
    many_cores,
    suite,
)


@contextmanager
def _told(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"{name}: {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)


def table(figures: Figures) -> str:
    """Markdown for docs/quality.md."""
    lines = ["| size | batch | frames/s | ms a batch | memory, GiB |", "|---|---|---|---|---|"]
    for row in figures.get("drawing", {}).get("rows", []):
        memory = f"{row['memory_gib']:.1f}" if "memory_gib" in row else ""
        speed = f"{row['frames_per_second']:,.0f} | {row['ms_per_batch']:.1f}"
        lines.append(f"| {row['size']} | {row['batch']} | {speed} | {memory} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: a rehearsal")
    parser.add_argument("--short", action="store_true", help="few sizes, few rounds")
    parser.add_argument("--only", nargs="*", choices=[m.__name__ for m in MEASURES], help="some of the measures")
    parser.add_argument("--output", type=Path, default=Path("out/gpu.json"), help="figures as JSON")
    chosen = parser.parse_args()
    bench = Bench(use_device(chosen.device), chosen.short)
    figures: Figures = {}
    failed = []
    for measure in MEASURES:
        if chosen.only and measure.__name__ not in chosen.only:
            continue
        with _told(measure.__name__):
            try:
                figures[measure.__name__] = measure(bench)
            except Exception as error:
                traceback.print_exc()
                figures[measure.__name__] = {"failed": f"{type(error).__name__}: {error}"}
                failed.append(measure.__name__)
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        chosen.output.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))
    print(table(figures))
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
