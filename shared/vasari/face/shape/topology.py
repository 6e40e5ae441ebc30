"""How the points of the face mesh hang together.

`topology.npz` holds the 1322 edges of the surface (MediaPipe's FACEMESH_TESSELATION, Apache-2.0); for each of its 468
points the mirror image (found as the optimal assignment of a mean face to its reflection); and MediaPipe's canonical
face (face_geometry's metadata in the npm package @mediapipe/face_mesh 0.4.1657299874, Apache-2.0), carried over into
face space.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


def _topology() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    with files("vasari.face.shape").joinpath("topology.npz").open("rb") as file:
        arrays = np.load(file)
        return (
            arrays["edges"].astype(np.int64),
            arrays["mirror"].astype(np.int64),
            arrays["canonical"].astype(np.float64),
        )


EDGES, MIRROR, CANONICAL = _topology()
"""(1322, 2) pairs of neighbours; (468,) index of each point's mirror image; (468, 3) a face of the usual build, in
face space (see `vasari.face.shape.canonical`)."""


def mirrored(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(468, 3) points or displacements in face space, the two sides exchanged."""
    return np.asarray(points[MIRROR] * np.array([-1.0, 1.0, 1.0]))
