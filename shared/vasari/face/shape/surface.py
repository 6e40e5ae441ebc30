"""Spreading a displacement from a few points over the face's surface."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vasari.face.shape.topology import EDGES
from vasari.values.landmarks import SURFACE

Array = NDArray[np.float64]


class Surface:
    """The mesh as an elastic sheet. The openings of mouth and eyes are slits in it: nothing spreads across."""

    def __init__(self, points: Array) -> None:
        """points: (468, 3) in face space."""
        self.points = points
        a, b = EDGES.T
        weight = 1 / np.maximum(np.linalg.norm(points[a] - points[b], axis=1), 0.02)
        adjacency = np.zeros((SURFACE, SURFACE))
        adjacency[a, b] = adjacency[b, a] = weight
        degree = adjacency.sum(1)
        laplacian = np.eye(SURFACE) - adjacency / degree[:, None]
        # A thin plate (bending energy) with a little membrane tension, which keeps it from overshooting.
        self._stiffness = laplacian.T @ laplacian + 0.03 * (np.diag(degree) - adjacency) / degree.mean()

    def spread(self, handles: Array, values: Array, fixed: Iterable[int]) -> Array:
        """Displace the handles, hold the fixed points, let the rest follow with least bending.

        Args:
            handles: (K,) indices of points.
            values: (K, C) their displacements.
            fixed: indices that stay; handles win over them.
        Returns:
            (468, C)
        """
        result = np.zeros((SURFACE, values.shape[1]))
        result[handles] = values
        known = np.zeros(SURFACE, bool)
        known[list(fixed)] = True
        known[handles] = True
        free = ~known
        if free.any():
            pull = self._stiffness[np.ix_(free, known)] @ result[known]
            result[free] = np.linalg.solve(self._stiffness[np.ix_(free, free)], -pull)
        return result

    def beyond(self, handles: Iterable[int], reach: float) -> NDArray[np.int64]:
        """Indices of the points farther than `reach` (face space, in the picture plane) from all handles."""
        near = self.points[list(handles), :2]
        distance = np.linalg.norm(self.points[:, None, :2] - near[None], axis=2).min(1)
        return np.flatnonzero(distance > reach)
