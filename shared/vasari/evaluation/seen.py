"""What a viewer sees of a face, as curves: told from tracked landmarks alone, in film and rendered video alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vasari.face.finding.mesh import head_angles
from vasari.values.landmarks import EYES

Array = NDArray[np.float64]

_BROWS: Final = (105, 334, 66, 296)
_BROW_ENDS: Final = (55, 285)
"""The brows' inner ends."""


def seen_curves(points: NDArray[np.floating[Any]]) -> Mapping[str, Array]:
    """Curves of a face over the frames of a video.

    Lengths and places are measured in the picture, along and across the line through the outer corners of the eyes,
    over the distance of these in the same frame: so a roll, a shift and a change of size cancel, a turn does not.
    Places of the head are over the mean distance of all frames.

    Args:
        points: (T, 478, 3) landmarks in pixels, none of them NaN.

    Returns:
        (T,) each: opening and width of the lips; corners, how far the mouth's corners lie below the middle of the lips
        (in a smile less); protrusion of the lips towards the camera; height of the brows, distance of their inner
        ends, gap of the lids, place of the iris between the corners of its eye (0 to 1, of the image's left and
        right); yaw, pitch and roll in degrees; across, down and size of the head.
    """
    p = points.astype(np.float64)
    right, left = p[:, 33, :2], p[:, 263, :2]
    apart = np.linalg.norm(left - right, axis=1)
    along = (left - right) / apart[:, None]
    down = np.stack([-along[:, 1], along[:, 0]], 1)
    middle = (left + right) / 2

    def below(*indices: int) -> Array:
        """(T,) mean of how far points lie below the eyes."""
        places = p[:, list(indices), :2].mean(1) - middle
        return np.asarray((places * down).sum(1) / apart)

    def length(a: int, b: int) -> Array:
        return np.asarray(np.linalg.norm(p[:, a, :2] - p[:, b, :2], axis=1) / apart)

    irises = []
    for eye in EYES:
        first, last = sorted((eye.upper[0], eye.upper[-1]), key=lambda k: p[0, k, 0])
        width = p[:, last, :2] - p[:, first, :2]
        irises.append(((p[:, eye.iris[0], :2] - p[:, first, :2]) * width).sum(1) / (width**2).sum(1))
    yaw, pitch, roll = head_angles(points.astype(np.float32)).T.astype(np.float64)
    return {
        "opening": length(13, 14),
        "width": length(61, 291),
        "corners": below(61, 291) - below(0, 17),
        "protrusion": (p[:, [61, 291], 2].mean(1) - p[:, [0, 17], 2].mean(1)) / apart,
        "brows": -below(*_BROWS),
        "brows' inner ends": length(*_BROW_ENDS),
        "lids": (length(159, 145) + length(386, 374)) / 2,
        "gaze": np.asarray(np.mean(irises, 0)),
        "yaw": yaw,
        "pitch": pitch,
        "roll": roll,
        "across": middle[:, 0] / apart.mean(),
        "down": middle[:, 1] / apart.mean(),
        "size": apart / apart.mean(),
    }


def spread(curve: Array) -> float:
    """From the 5th to the 95th percentile."""
    low, high = np.percentile(curve, (5, 95))
    return float(high - low)
