"""How heads and lids move: those that are generated beside those that are filmed, by the same figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import welch

from vasari.evaluation import eyes, tracking
from vasari.evaluation.figures import Aim, Figure, Measured, Quantity, Show, at_most, gathered, within
from vasari.evaluation.filmed import FPS, Filmed
from vasari.motion import animate
from vasari.motion.speech import SAMPLE_RATE
from vasari.values import Controls, Motion

Array = NDArray[np.float64]

_BANDS: Final = (("below 0.5", 0.01, 0.5), ("0.5 to 2", 0.5, 2.0), ("above 2", 2.0, 99.0))
_BAND: Final = (10, 90)
"""Percentiles of the filmed speakers between which a figure should lie."""
_HALF_SHUT: Final = 0.625
"""Of an eye's opening is left, as the mesh sees it, when the lids are half shut: it leaves a quarter to shut ones."""


def measure_heads(
    speech: NDArray[np.float32], minutes: float, filmed: Mapping[Path, Filmed], show: Show
) -> list[Figure]:
    """Head, lids and brows over so many minutes of speech, a seed for each time that it is said again.

    Args:
        filmed: speakers whose own figures stand beside them; their 10th to 90th percentile is the aim.
    """
    theirs = gathered({path.stem: _filmed(clip) for path, clip in filmed.items()})
    aims = {figure.quantity.name: _aim(figure) for figure in theirs}
    found: dict[str, list[Measured]] = {}
    takes = max(1, round(minutes * 60 * SAMPLE_RATE / len(speech)))
    for seed in range(takes):
        show("heads", seed, takes)
        motion = animate(speech, Controls(seed=seed))
        found[f"seed {seed}"] = [
            (Quantity(q.name, q.unit, aims.get(q.name, q.aim)), value) for q, value in _generated(motion)
        ]
    show("heads", takes, takes)
    beside = [Figure(Quantity(f"filmed {f.quantity.name}", f.quantity.unit), f.values) for f in theirs]
    return gathered(found) + beside


def _aim(figure: Figure) -> Aim:
    low, high = np.percentile(list(figure.measured.values()), _BAND)
    return within(float(low), float(high))


def _filmed(clip: Filmed) -> Iterator[Measured]:
    opening = tracking.eye_opening(clip.points.astype(np.float32))
    yield from _moving(clip.rotation, FPS)
    yield from _blinking(opening < _HALF_SHUT * np.percentile(opening, 75), FPS)


def _generated(motion: Motion) -> Iterator[Measured]:
    yield from _moving(motion.rotation.astype(np.float64), motion.fps)
    yield from _blinking(eyes.half_shut(motion), motion.fps)
    for name in ("browInnerUp", "browDownLeft", "mouthSmileLeft", "mouthFrownLeft"):
        yield Quantity(f"{name}, standard deviation"), float(motion(name).std())
    yield Quantity("vertical travel in 15 s", "interocular"), _travel(motion)
    yield Quantity("step at a seam over other steps", "", at_most(1.3)), _seams(motion)


def _moving(rotation: Array, fps: float) -> Iterator[Measured]:
    """Of (T, 3) degrees of yaw, pitch and roll."""
    for axis, curve in zip(("yaw", "pitch", "roll"), rotation.T, strict=True):
        yield Quantity(f"{axis}, standard deviation", "deg"), float(curve.std())
        yield Quantity(f"{axis}, 5th to 95th percentile", "deg"), float(np.ptp(np.percentile(curve, (5, 95))))
    turning = np.linalg.norm(np.diff(gaussian_filter1d(rotation, 1, axis=0), axis=0), axis=1) * fps
    yield Quantity("speed, mean", "deg/s"), float(turning.mean())
    yield Quantity("speed, 95th percentile", "deg/s"), float(np.percentile(turning, 95))
    frequencies, power = welch(rotation[:, 1], fps, nperseg=min(256, len(rotation)))
    for name, low, high in _BANDS:
        band = (frequencies >= low) & (frequencies < high)
        yield Quantity(f"pitch power {name} Hz"), float(power[band].sum() / power[frequencies >= 0.01].sum())


def _blinking(shut: NDArray[np.bool_], fps: float) -> Iterator[Measured]:
    """Of (T,) whether lids are more than half shut."""
    blinks = eyes.blinks(shut)
    yield Quantity("blinks", "per minute"), 60 * blinks * fps / len(shut)
    length = 1000 * float(shut.sum()) / fps / blinks if blinks else float("nan")
    yield Quantity("blink, closed more than half", "ms"), length


def _travel(motion: Motion) -> float:
    """Of the point between the eyes: about half an interocular distance before and above the axis of the nods."""
    height = motion.translation[:, 1] - 1.1 * np.sin(np.deg2rad(motion.rotation[:, 1]))
    span = round(15 * motion.fps)
    return float(np.mean([np.ptp(height[i : i + span]) for i in range(0, max(len(height) - span, 1), span)]))


def _seams(motion: Motion) -> float:
    """How much larger the second difference of the pose is where two blocks of 4 s meet."""
    bend = np.abs(np.diff(motion.rotation, 2, axis=0)).sum(1)
    at = np.arange(1, len(motion) // 100) * 100
    seams = np.concatenate([bend[at - 2], bend[at - 1], bend[at]]) if len(at) else np.zeros(1)
    return float(seams.mean() / bend.mean())
