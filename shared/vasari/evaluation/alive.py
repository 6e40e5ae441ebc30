"""How alive a face is: how far, how often and how fast it changes while somebody speaks, as a viewer sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vasari.evaluation.eyes import blinks
from vasari.evaluation.figures import Aim, Figure, Measured, Quantity, gathered, within
from vasari.evaluation.filmed import FPS, Filmed
from vasari.evaluation.seen import Array, seen_curves, spread

_SPREADS: Final[Mapping[str, tuple[str, str, Aim | None]]] = {
    "width": ("width of the mouth", "", within(0.19, 0.206)),
    "corners": ("height of the mouth's corners", "", within(0.062, 0.1)),
    "brows": ("height of the brows", "", within(0.11, 0.113)),
    "brows' inner ends": ("distance of the brows' inner ends", "", within(0.018, 0.031)),
    "lids": ("gap of the lids", "", within(0.073, 0.09)),
    "gaze": ("place of the irises", "", within(0.074, 0.098)),
    "down": ("head up and down", "", within(0.2, 0.26)),
    "across": ("head sideways", "", within(0.3, 0.43)),
    "yaw": ("yaw", "deg", within(13.3, 17.5)),
    "pitch": ("pitch", "deg", within(13.7, 14.7)),
    "roll": ("roll", "deg", within(8.5, 11.2)),
}
"""Curves of `seen_curves`. Aims lie between the median of eleven filmed speakers and what the videos show that the
authors of VASA-1 published, both measured by this code."""
_LATER: Final = 0.5
"""Seconds after which a curve is compared with itself."""
_REMEMBERED: Final = ("width", "corners", "brows", "lids", "gaze")
_WIDE_OPEN: Final = 92
"""Percentile of the opening beyond which a mouth is wide open;"""
_MIDDLING: Final = (40, 60)
"""and those between which it is about half so."""
_SHUT: Final = 0.625
"""Of the upper quartile of the lids' gap, as in `vasari.evaluation.heads`."""


def alive(points: NDArray[np.floating[Any]], fps: float) -> Iterator[Measured]:
    """Figures of (T, 478, 3) landmarks in pixels. Spreads are from the 5th to the 95th percentile; lengths and places
    as in `seen_curves`."""
    curves = seen_curves(points)
    for name, (told, unit, aim) in _SPREADS.items():
        yield Quantity(f"{told}, 5th to 95th percentile", unit, aim), spread(curves[name])
    opening, width = curves["opening"], curves["width"]
    together = float(np.corrcoef(width, opening)[0, 1])
    yield Quantity("width of the mouth with its opening, r", "", within(0.35, 0.5)), together
    yield Quantity("width wide open less half open", "", within(0.048, 0.06)), _widening(opening, width)
    shut = curves["lids"] < _SHUT * np.percentile(curves["lids"], 75)
    yield Quantity("blinks seen", "per minute", within(25, 34)), 60 * blinks(shut) * fps / len(shut)
    for name in _REMEMBERED:
        yield Quantity(f"{name} with itself {_LATER:g} s later, r"), _remembered(curves[name], fps)


def beside(filmed: Mapping[Path, Filmed]) -> list[Figure]:
    """The same of filmed speakers."""
    figures = gathered({path.stem: alive(clip.landmarks, FPS) for path, clip in filmed.items()})
    return [Figure(Quantity(f"filmed {f.quantity.name}", f.quantity.unit), f.values) for f in figures]


def _widening(opening: Array, width: Array) -> float:
    low, high = np.percentile(opening, _MIDDLING)
    wide = width[opening >= np.percentile(opening, _WIDE_OPEN)]
    return float(wide.mean() - width[(opening >= low) & (opening <= high)].mean())


def _remembered(curve: Array, fps: float) -> float:
    frames = round(_LATER * fps)
    return float(np.corrcoef(curve[:-frames], curve[frames:])[0, 1]) if len(curve) > 2 * frames else float("nan")
