"""How a head has turned, moved and come nearer, from the landmarks of its face.

The one estimator of head motion: what a driving video is captured with, and what rendered frames are measured with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from vasari.face.shape.canonical import with_depth
from vasari.values.motion import CAMERA_DISTANCE, rotation_angles

Array = NDArray[np.float64]

RIGID: Final = (
    *(33, 133, 362, 263, 243, 463, 112, 341),  # corners of the eyes
    *(168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 129, 358),  # nose
    *(10, 151, 9, 8, 109, 338, 67, 297, 54, 284, 21, 251, 162, 389, 127, 356, 234, 454),  # forehead and temples
    *(143, 372, 116, 345, 117, 346, 50, 280, 101, 330, 36, 266),  # cheekbones
)
"""Points that neither speech nor expression moves much."""
_EYE_CORNERS: Final = (33, 133, 263, 362)
_ROUNDS: Final = 8
_LOOSE: Final = 0.03
"""Points further off than this, in interocular distances, count less: they have slid over the skin."""


@dataclass(frozen=True, eq=False)
class HeadMotion:
    """The motion of T frames against a reference.

    A point X of the reference's face, in interocular distances from midway between its eyes, moves to
    matrix @ X + shift and is seen at x / (1 + z / CAMERA_DISTANCE), y / (1 + z / CAMERA_DISTANCE): by a camera that
    looks at where the reference has that middle.
    """

    matrix: Array
    """(T, 3, 3) rotations."""
    shift: Array
    """(T, 3) of the point midway between the eyes, interocular distances."""
    residual: Array
    """(T,) root mean square distance of the points from the fit, interocular distances."""

    @property
    def rotation(self) -> NDArray[np.float32]:
        """(T, 3) degrees of yaw, pitch and roll, as `vasari.values.Motion` has them."""
        return rotation_angles(self.matrix)

    def about(self, pivot: Array) -> Array:
        """(T, 3) the shift that is left when the turns are about another point than the middle of the eyes."""
        return np.asarray(self.shift - pivot + self.matrix @ pivot)


def head_motion(reference: NDArray[Any], landmarks: NDArray[Any]) -> HeadMotion:
    """The motion that takes a head from a reference frame to others.

    Perspective-n-point by Gauss-Newton on Huber's loss: the reference's rigid points in 3D are turned, moved and
    projected onto where the points lie in the picture. The reference's depth is the canonical
    face's. The mesh's own depth serves for a beginning only: a fit of all three coordinates (Kabsch's) says a fifth too
    much of pitch.

    The camera's distance matters: without perspective a head filmed from ten interocular distances, some 63 cm, seems
    to turn by 1.17 of its yaw. Perspective from there fits all of eleven filmed heads better than none, by 2 to 15%.

    Args:
        reference: (478, 3) landmarks, see `vasari.face.finding.mesh`.
        landmarks: (T, 478, 3) in the same picture's pixels.
    """
    solid, origin, unit = solid_face(reference)
    rigid = list(RIGID)
    seen = (landmarks[:, rigid] - origin) / unit
    shape = solid[rigid]

    matrix, shift = _aligned(shape, seen)
    for _ in range(_ROUNDS):
        turned = shape @ matrix.transpose(0, 2, 1)
        moved = turned + shift[:, None]
        share = 1 / (1 + moved[:, :, 2:] / CAMERA_DISTANCE)
        miss = seen[:, :, :2] - moved[:, :, :2] * share
        far = np.linalg.norm(miss, axis=2)
        weight = np.minimum(1.0, _LOOSE / np.maximum(far, 1e-9))
        step = _gauss_newton(turned, moved, share, miss, weight)
        matrix = Rotation.from_rotvec(step[:, :3]).as_matrix() @ matrix
        shift = shift + step[:, 3:]
    return HeadMotion(matrix, shift, np.sqrt((far**2).mean(1)))


def solid_face(landmarks: NDArray[Any]) -> tuple[Array, Array, float]:
    """A face in three dimensions, as it was before the camera flattened it.

    Args:
        landmarks: (478, 3) in a picture's pixels.

    Returns:
        (478, 3) points in interocular distances from midway between the eyes, with the canonical face's depth; that
        middle, (3,), and the interocular distance, in pixels.
    """
    points = with_depth(landmarks)
    eyes = points[list(_EYE_CORNERS)]
    origin, unit = eyes.mean(0), float(np.linalg.norm(eyes[:2].mean(0) - eyes[2:].mean(0)))
    solid = (points - origin) / unit
    solid[:, :2] *= 1 + solid[:, 2:] / CAMERA_DISTANCE
    return solid, origin, unit


def _aligned(shape: Array, seen: Array) -> tuple[Array, Array]:
    """Kabsch's rotations of (T, N, 3) points against an (N, 3) shape, and the shifts that go with them: a beginning."""
    middle = shape.mean(0)
    centered = shape - middle
    u, singular, vt = np.linalg.svd((seen - seen.mean(1, keepdims=True)).transpose(0, 2, 1) @ centered)
    mirrored = np.sign(np.linalg.det(u @ vt))
    u[:, :, 2] *= mirrored[:, None]
    singular[:, 2] *= mirrored
    matrix, scale = u @ vt, singular.sum(1) / (centered**2).sum()
    shift = seen.mean(1) / scale[:, None] - matrix @ middle
    shift[:, 2] = CAMERA_DISTANCE * (1 / scale - 1)
    return matrix, shift


def _gauss_newton(turned: Array, moved: Array, share: Array, miss: Array, weight: Array) -> Array:
    """(T, 6) step: a rotation vector and a shift."""
    x, y, z = np.moveaxis(turned, -1, 0)
    none, one = np.zeros_like(x), np.ones_like(x)
    # How a turn about each axis and a shift along each move the points; then how that is seen.
    moves = (
        np.stack([none, z, -y, one, none, none], -1),
        np.stack([-z, none, x, none, one, none], -1),
        np.stack([y, -x, none, none, none, one], -1),
    )
    rows = [share * (moves[k] - moved[:, :, k : k + 1] * share / CAMERA_DISTANCE * moves[2]) for k in (0, 1)]
    jacobian = np.stack(rows, 2).reshape(len(turned), -1, 6)
    weighted = jacobian * np.repeat(weight, 2, 1)[:, :, None]
    normal = weighted.transpose(0, 2, 1) @ jacobian
    return np.linalg.solve(normal, weighted.transpose(0, 2, 1) @ miss.reshape(len(turned), -1, 1))[:, :, 0]
