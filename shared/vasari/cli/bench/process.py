"""`vasari render`: what each stage takes, and a minute of speech from start to file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vasari.cli.bench import inputs
from vasari.cli.bench.inputs import Figures

if TYPE_CHECKING:
    from vasari.cli.show import StageBars

STAGES_SECONDS: Final = 10
LONG_SECONDS: Final = 60
_RENDER: Final = "import sys; from vasari.cli.app import run; sys.exit(run(sys.argv[1:]))"


def measure_stages(folder: Path, bars: StageBars) -> Figures:
    """Ten seconds of speech, each stage by itself, loading included."""
    from vasari.cli.pipeline import make_video
    from vasari.config import settings
    from vasari.values import Controls

    sound, began = inputs.speech(folder, STAGES_SECONDS), time.perf_counter()
    clip, costs = make_video(inputs.portrait(), sound, folder / "video.mp4", Controls(), settings(), "auto", bars.count)
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


def measure_minute(folder: Path, bars: StageBars) -> Figures:
    """A minute of speech by a process of its own, from its start to its end, with its largest resident memory."""
    target = folder / "minute.mp4"
    arguments = ["render", inputs.portrait(), inputs.speech(folder, LONG_SECONDS), "-o", target]
    bars.update("a minute", 0, 0, "")
    began = time.perf_counter()
    with (folder / "minute.log").open("w+") as log:
        child = subprocess.Popen([sys.executable, "-c", _RENDER, *map(str, arguments)], stdout=log, stderr=log)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        elapsed = time.perf_counter() - began
        log.seek(0)
        if child.returncode != 0:
            raise RuntimeError(f"vasari render failed: {log.read()[-500:]}")
    bars.update("a minute", 1, 1, f"{elapsed:.1f} s")
    return {
        "speech_s": LONG_SECONDS,
        "ms": 1000 * elapsed,
        "times_real_time": LONG_SECONDS / elapsed,
        "cpu_ms": 1000 * (used.ru_utime + used.ru_stime),
        "peak_memory_mib": used.ru_maxrss / 1024,
    }
