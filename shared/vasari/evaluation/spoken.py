"""What to look at in a face that speaks: the moments at which a viewer notices that something is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vasari.evaluation.cells import Cell, Crop, Strip
from vasari.evaluation.eyes import gaze, lids
from vasari.evaluation.layout import plotted
from vasari.evaluation.lips import Array, lip_gap, lip_rounding
from vasari.values import Motion

_EVERY: Final = 5
"""Frames from one picture of the overview to the next."""
_AROUND: Final = (-3, -2, -1, 0, 1, 2, 3, 4)
"""Frames of a moment, which fill a row."""
_MOMENTS: Final = 4
_APART: Final = 0.25
"""Seconds: moments that are closer are one."""


def spoken(motion: Motion) -> list[Strip]:
    """An overview of a motion, its closings of the lips and blinks frame by frame, and its widest openings."""
    gap = lip_gap(motion)
    pressed = motion("mouthPressLeft").astype(np.float64)
    groups = (
        Strip(f"One frame in {_EVERY}", _at(motion, range(0, len(motion), _EVERY)), Crop.FRAME),
        Strip("Lips that close", _moments(motion, pressed), Crop.MOUTH),
        Strip("Blinks", _moments(motion, lids(motion)), Crop.EYES),
        Strip("Widest openings", _at(motion, sorted(peaks(gap, motion.fps)[: 2 * _MOMENTS]))),
        Strip("Fastest turns of the head", _moments(motion, turning(motion)), Crop.FRAME),
    )
    return [strip for strip in groups if strip.cells]


def peaks(curve: Array, fps: float, least: float = 0.1) -> list[int]:
    """Frames at which a curve is highest, the highest first, moments apart; none below `least`."""
    left, found = curve.copy(), []
    while left[frame := int(left.argmax())] > least:
        found.append(frame)
        span = round(_APART * fps)
        left[max(frame - span, 0) : frame + span + 1] = -np.inf
    return found


def turning(motion: Motion) -> Array:
    """(T,) degrees a second by which the head turns."""
    turns = np.linalg.norm(np.diff(motion.rotation, axis=0, prepend=motion.rotation[:1]), axis=1)
    return np.asarray(turns * motion.fps, np.float64)


def _moments(motion: Motion, curve: Array) -> list[Cell]:
    inner = curve.copy()
    inner[: -_AROUND[0]] = inner[len(inner) - _AROUND[-1] :] = 0
    chosen = sorted(peaks(inner, motion.fps)[:_MOMENTS])
    return _at(motion, [frame + k for frame in chosen for k in _AROUND])


def _at(motion: Motion, frames: Iterable[int]) -> list[Cell]:
    return [Cell(f"{(k + 0.5) / motion.fps:.2f} s", motion[k : k + 1]) for k in frames]


def draw_motion(motion: Motion) -> Image.Image:
    """The curves of a motion over its seconds: lips, lids and brows, gaze, head."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    times = (np.arange(len(motion)) + 0.5) / motion.fps
    rows: dict[str, dict[str, NDArray[np.floating]]] = {
        "lips": {
            "gap": lip_gap(motion),
            "pressed": motion("mouthPressLeft"),
            "rounding": lip_rounding(motion),
            "smile": motion("mouthSmileLeft"),
        },
        "lids, brows": {
            "blink": lids(motion),
            "inner brow": motion("browInnerUp"),
            "knit": motion("browDownLeft"),
        },
        "gaze, deg": {name: gaze(motion)[:, k] for k, name in enumerate(("right", "up"))},
        "head, deg": {name: motion.rotation[:, k] for k, name in enumerate(("yaw", "pitch", "roll"))},
    }
    figure, axes = pyplot.subplots(len(rows), sharex=True, figsize=(20, 7))
    for axis, (name, curves) in zip(axes, rows.items(), strict=True):
        for label, curve in curves.items():
            axis.plot(times, curve, label=label, linewidth=1)
        axis.set_ylabel(name)
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        axis.margins(x=0)
    axes[-1].set_xlabel("seconds")
    return plotted(figure)
