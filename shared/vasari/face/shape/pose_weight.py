"""How far each place of the frame follows the head."""

from __future__ import annotations

import cv2
import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

from vasari.face.shape.canonical import FaceSpace
from vasari.values.appearance import MARGIN, WEIGHT_GRID
from vasari.values.landmarks import CHIN, OVAL

_NECK = 1.15
"""Where the shoulders begin: interocular distances below the chin."""
_REACH = 1.4
"""How far from the head its motion is felt at most."""


def pose_weight(matte: NDArray[np.float32], points: NDArray[np.float64], space: FaceSpace) -> NDArray[np.float32]:
    """(WEIGHT_GRID, WEIGHT_GRID) 1 on head and hair, falling harmonically along the neck to 0 at the shoulders.

    The background has a weight too, but stands still: the renderer moves only the person (see `render.canvas.layers`).

    Args:
        matte: (N, N) of the aligned pixels, 0..1.
        points: (478, 3) in frame units.
    """
    n = WEIGHT_GRID
    margin = round(len(matte) * MARGIN / (1 + 2 * MARGIN))
    person = cv2.resize(matte[margin:-margin, margin:-margin], (n, n), interpolation=cv2.INTER_AREA) > 0.5
    y, x = (np.mgrid[:n, :n] + 0.5) / n
    down = space.axes[:2, 1] / np.linalg.norm(space.axes[:2, 1])
    below_chin = (x - points[CHIN, 0]) * down[0] + (y - points[CHIN, 1]) * down[1]
    oval = np.zeros((n, n), np.uint8)
    cv2.fillPoly(oval, [np.round(points[list(OVAL), :2] * n - 0.5).astype(np.int32)], 1)
    around = np.hypot(x - points[list(OVAL), 0].mean(), y - points[list(OVAL), 1].mean()) < 2.6 * space.interocular
    head = (oval > 0) | (person & around & (below_chin < -0.15 * space.interocular))
    far = cv2.distanceTransform((~head).astype(np.uint8), cv2.DIST_L2, 5) > _REACH * space.interocular * n
    shoulders = ((below_chin > _NECK * space.interocular) | far) & ~head
    value = _harmonic(head, shoulders)
    return np.asarray(cv2.GaussianBlur(value, (0, 0), 0.8), np.float32)


def _harmonic(one: NDArray[np.bool_], zero: NDArray[np.bool_]) -> NDArray[np.float32]:
    """1 and 0 where told, and a solution of Laplace's equation elsewhere; free at the borders."""
    index = np.arange(one.size).reshape(one.shape)
    a = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    b = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    ones = np.ones(2 * len(a))
    adjacency = sparse.coo_matrix((ones, (np.concatenate([a, b]), np.concatenate([b, a])))).tocsr()
    laplacian = (sparse.diags(np.asarray(adjacency.sum(1)).ravel()) - adjacency).tocsr()
    value, known = one.ravel().astype(float), (one | zero).ravel()
    if not known.all():
        free = ~known
        value[free] = spsolve(laplacian[free][:, free].tocsc(), -(laplacian[free][:, known] @ value[known]))
    return value.reshape(one.shape).astype(np.float32)
