"""What one frame costs, step by step, and what the machine's memory would allow."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from vasari.cli.bench import inputs
from vasari.cli.bench.inputs import Figures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vasari.cli.show import StageBars
    from vasari.values import Appearance, Motion

SPEECH_SECONDS: Final = 4
ROUNDS: Final = 3
"""The least of them counts: what else runs on the machine can only add."""
COPIED_BYTES: Final = 256 << 20
"""More than any cache holds."""


def measure_frame(folder: Path, bars: StageBars) -> Figures:
    """CPU time of a frame of speech at 512x512, drawn and not encoded.

    The physical limit: a frame at the least reads the person (RGBA) and the background (RGB) in float32 once and
    writes itself once in uint8. What the operations of torch read and write between is counted too; most of that
    stays in caches.
    """
    from vasari.device import use_device
    from vasari.face import encode
    from vasari.media.portrait import read_portrait
    from vasari.media.speech import read_speech
    from vasari.motion import animate
    from vasari.render import Renderer, RenderOptions

    bars.update("a frame", 0, 0, "")
    device = use_device("cpu")
    photo = read_portrait(inputs.portrait(), 50_000_000)
    appearance = encode(photo)
    motion = animate(read_speech(inputs.speech(folder, SPEECH_SECONDS), 60.0).samples)
    renderer = Renderer(appearance, RenderOptions(photo=photo), device)

    def draw() -> float:
        began = time.process_time()
        for _ in renderer.frames(motion):
            pass
        return 1000 * (time.process_time() - began) / len(motion)

    draw()  # what is made once is made
    began = time.perf_counter()
    total = min(draw() for _ in range(ROUNDS))
    rate = ROUNDS * len(motion) / (time.perf_counter() - began)
    steps: dict[str, float] = defaultdict(float)
    with _timed(steps):
        whole = draw()
    costs = {step: 1000 * seconds / len(motion) * total / whole for step, seconds in steps.items()}
    costs["what is left"] = total - sum(costs.values())

    with _counted(Renderer) as traffic:
        draw()
    bandwidth = _bandwidth()
    least = renderer.width * renderer.height * (4 * 4 + 3 * 4 + 3)
    bars.update("a frame", 1, 1, f"{total:.1f} ms")
    return {
        "size": [renderer.width, renderer.height],
        "cpu_ms": total,
        "steps_cpu_ms": costs,
        "frames_per_second": rate,
        "frames_per_second_by_processes": _rate_by_processes(appearance, photo, motion),
        "bandwidth_bytes_per_second": bandwidth,
        "least_bytes": least,
        "least_ms": 1000 * least / bandwidth,
        "moved_bytes": sum(traffic) / len(motion),
        "moved_ms": 1000 * sum(traffic) / len(motion) / bandwidth,
    }


def _rate_by_processes(appearance: Appearance, photo: NDArray[np.uint8], motion: Motion) -> float:
    """Frames a second that a process for each core draws, as `vasari render` has them, once all have drawn some."""
    from vasari.device import CORES

    with ProcessPoolExecutor(CORES, get_context("forkserver")) as processes:
        spans = list(processes.map(_draw_alone, *zip(*[(appearance, photo, motion)] * CORES, strict=True)))
    began, ended = min(span[0] for span in spans), max(span[1] for span in spans)
    return CORES * ROUNDS * len(motion) / (ended - began)


def _draw_alone(appearance: Appearance, photo: NDArray[np.uint8], motion: Motion) -> tuple[float, float]:
    """When it began and ended, by the machine's clock, in seconds."""
    from vasari.device import use_device
    from vasari.render import Renderer, RenderOptions

    renderer = Renderer(appearance, RenderOptions(photo=photo), use_device("cpu"), threads=1)
    for _ in renderer.frames(motion):
        pass
    began = time.monotonic()
    for _ in range(ROUNDS):
        for _ in renderer.frames(motion):
            pass
    return began, time.monotonic()


def _bandwidth() -> float:
    """Bytes a second that one core reads and writes when it copies a large array."""
    import numpy as np

    source = np.ones(COPIED_BYTES, np.uint8)
    target = np.zeros_like(source)
    seconds = math.inf
    for _ in range(5):
        began = time.perf_counter()
        np.copyto(target, source)
        seconds = min(seconds, time.perf_counter() - began)
    return 2 * COPIED_BYTES / seconds


@contextmanager
def _timed(steps: dict[str, float]) -> Iterator[None]:
    """Within the block, the renderer's steps add the CPU time that their threads spend in them."""
    from vasari.render.body.shading import Shading
    from vasari.render.canvas.sampling import SharpTexture
    from vasari.render.eyes.eye import Eye
    from vasari.render.mouth.lips import Mouth
    from vasari.render.state import State

    within, lock = threading.local(), threading.Lock()

    def timed(step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **more: Any) -> Any:
            if getattr(within, "step", None):  # one step that is part of another counts there
                return function(*arguments, **more)
            within.step, began = step, time.thread_time()
            try:
                return function(*arguments, **more)
            finally:
                within.step = None
                with lock:
                    steps[step] += time.thread_time() - began

        return run

    with ExitStack() as stack:
        for step, owner, name in (
            ("pose and fields", State, "origins"),
            ("sampling", SharpTexture, "before"),
            ("mouth", Mouth, "draw"),
            ("eyes", Eye, "draw"),
            ("shading", Shading, "draw"),
        ):
            stack.enter_context(patch.object(owner, name, timed(step, getattr(owner, name))))
        of = staticmethod(timed("pose and fields", State.of))
        stack.enter_context(patch.object(State, "of", of))
        yield


@contextmanager
def _counted(drawer: type) -> Iterator[list[int]]:
    """Within the block, the bytes that each operation of torch reads and writes are noted; OpenCV's and the
    kernels' are not seen."""
    from torch import Tensor
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    moved: list[int] = []

    class Traffic(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = function(*args, **(kwargs or {}))
            if not function.is_view:
                tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, Tensor)]
                moved.append(sum(tensor.numel() * tensor.element_size() for tensor in tensors))
            return result

    draw = drawer._draw  # type: ignore[attr-defined]

    def counted(*arguments: Any) -> Any:
        with Traffic():  # type: ignore[no-untyped-call]
            return draw(*arguments)

    with patch.object(drawer, "_draw", counted):
        yield moved
