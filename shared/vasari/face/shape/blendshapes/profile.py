"""Where a point lies on the mouth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def across(points: Array, vertices: tuple[int, ...]) -> Array:
    """Place of some of (468, 3) points across the mouth: -1 at the image-left inner corner, 1 at the right."""
    left, right = points[78, 0], points[308, 0]
    return np.asarray(np.clip((points[list(vertices), 0] - (left + right) / 2) / ((right - left) / 2), -1.1, 1.1))


def smoothstep(x: Array | float, start: float, end: float) -> Array:
    """0 up to start, 1 from end on, smooth between."""
    t = np.clip((np.asarray(x) - start) / (end - start), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))
