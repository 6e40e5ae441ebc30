"""How the points of the face mesh hang together.

`topology.npz` holds the 1322 edges of the surface (MediaPipe's FACEMESH_TESSELATION, Apache-2.0) and, for each of its
468 points, the mirror image (found as the optimal assignment of a mean face to its reflection).
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


def _topology() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    with files("vasari.face").joinpath("topology.npz").open("rb") as file:
        arrays = np.load(file)
        return arrays["edges"].astype(np.int64), arrays["mirror"].astype(np.int64)


EDGES, MIRROR = _topology()
"""(1322, 2) pairs of neighbours; (468,) index of each point's mirror image."""


def mirrored(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(468, 3) points or displacements in face space, the two sides exchanged."""
    return np.asarray(points[MIRROR] * np.array([-1.0, 1.0, 1.0]))
