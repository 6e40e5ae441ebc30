"""`vasari render`: what each stage takes, and a minute of speech from start to file."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vasari.cli.bench import inputs
from vasari.cli.bench.inputs import Figures
from vasari.cli.bench.usage import run_program
from vasari.cli.bench.yardstick import yardstick_ms
from vasari.values import Controls

if TYPE_CHECKING:
    from vasari.cli.show import StageBars

STAGES_SECONDS: Final = 10
LONG_SECONDS: Final = 60
VASARI: Final = (sys.executable, "-c", "import sys; from vasari.cli.app import run; sys.exit(run(sys.argv[1:]))")
"""The command line, wherever it is installed."""


def measure_stages(folder: Path, bars: StageBars) -> Figures:
    """Ten seconds of speech, loading included: what each stage adds to the time until the file is there."""
    from vasari.cli.pipeline import make_video
    from vasari.config import settings

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
    """A minute of speech by a program of its own, from its start to its end."""
    arguments = ["render", inputs.portrait(), inputs.speech(folder, LONG_SECONDS), "-o", folder / "minute.mp4"]
    bars.update("a minute", 0, 0, "")
    used = run_program([*VASARI, *map(str, arguments)], folder / "minute.log")
    yardstick = yardstick_ms(folder / "minute.mp4", folder / "yardstick.mp4")
    per_frame = 1000 * used.cpu_seconds / (LONG_SECONDS * Controls().fps)
    bars.update("a minute", 1, 1, f"{used.seconds:.1f} s")
    return {
        "speech_s": LONG_SECONDS,
        "ms": 1000 * used.seconds,
        "times_real_time": LONG_SECONDS / used.seconds,
        "cpu_ms": 1000 * used.cpu_seconds,
        "cpu_ms_per_frame": per_frame,
        "yardstick_ms_per_frame": yardstick,
        "cpu_over_yardstick": per_frame / yardstick,
        "peak_memory_mib": used.peak_memory_bytes / 2**20,
    }
