"""The face's own space: x to the image's right across the eyes, y down the face, z away from the camera.

The origin lies midway between the eyes and the unit is the interocular distance (between the midpoints of each eye's
corners), so shapes made in it fit faces of any size, place and pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vasari.face.topology import MIRROR
from vasari.values.landmarks import CHIN, FOREHEAD, SURFACE

_DEPTH_KNEE, _DEPTH_REACH = 0.10, 0.42


@dataclass(frozen=True)
class FaceSpace:
    """Where the face's space lies in another one (the photo's frame)."""

    origin: NDArray[np.float64]
    """(3,)"""
    axes: NDArray[np.float64]
    """(3, 3), the columns are the face's x, y and z."""
    interocular: float

    def into(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 3) points of the frame -> face space."""
        return (points - self.origin) @ self.axes / self.interocular

    def out(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 3) points of face space -> the frame."""
        return points @ self.axes.T * self.interocular + self.origin


def face_space(landmarks: NDArray[np.float64]) -> FaceSpace:
    """The space of a face given by its (478, 3) points."""
    right, left = (landmarks[33] + landmarks[133]) / 2, (landmarks[263] + landmarks[362]) / 2
    x = _unit((landmarks[263] - landmarks[33]) + 0.3 * (landmarks[454] - landmarks[234]))
    down = landmarks[CHIN] - landmarks[FOREHEAD]
    y = _unit(down - x * (down @ x))
    return FaceSpace((right + left) / 2, np.stack([x, y, np.cross(x, y)], 1), float(np.linalg.norm(left - right)))


def turnable_surface(landmarks: NDArray[np.float64], space: FaceSpace) -> NDArray[np.float64]:
    """(468, 3) surface in face space, with a depth that can be turned.

    x and y are the photo's. The mesh model's depth is noisy from side to side and too deep at the ears, which shears
    and ripples the face under yaw: it is made symmetric and saturates behind the cheeks.
    """
    surface = space.into(landmarks[:SURFACE])
    z = (surface[:, 2] + surface[MIRROR, 2]) / 2
    beyond = np.maximum(z - _DEPTH_KNEE, 0.0)
    surface[:, 2] = np.minimum(z, _DEPTH_KNEE) + _DEPTH_REACH * (1 - np.exp(-beyond / _DEPTH_REACH))
    return surface


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector))
