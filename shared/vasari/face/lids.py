"""The lids' coefficients as displacements of one face's surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.surface import Surface
from vasari.values.landmarks import EYES, SURFACE, EyePoints

Array = NDArray[np.float64]


def lids(surface: Surface) -> dict[str, Array]:
    """eyeBlink, eyeWide, eyeSquint and cheekSquint: (468, 3) displacement in face space by name."""
    points, named = surface.points, {}
    for eye in EYES:
        upper, lower = list(eye.upper), list(eye.lower)
        opening = points[lower] - points[upper]
        arch = np.sin(np.linspace(0, np.pi, 9))[:, None] * np.array([0.0, 1.0, 0.0])
        still = [v for v in range(SURFACE) if v in eye.brow or _distance(points, v, upper) > 0.22]
        blink = [(upper, 1.10 * opening), (lower, -0.10 * opening), (list(eye.crease), 0.42 * opening[1:-1])]
        named[f"eyeBlink{eye.side}"] = _moved(surface, eye, blink, still)
        wide = [(upper, -0.035 * arch), (lower, 0.01 * arch)]
        named[f"eyeWide{eye.side}"] = _moved(surface, eye, wide, surface.beyond(upper + lower, 0.2))
        cheek = np.array([[0.0, -0.02, 0.0]])
        squint = [(upper, 0.14 * opening), (lower, -0.26 * opening), ([eye.cheek], cheek)]
        near = surface.beyond([*upper, *lower, eye.cheek], 0.2)
        named[f"eyeSquint{eye.side}"] = _moved(surface, eye, squint, near)
        raised = [([eye.cheek], 2.5 * cheek), (lower, -0.12 * opening)]
        named[f"cheekSquint{eye.side}"] = _moved(surface, eye, raised, surface.beyond([*lower, eye.cheek], 0.25))
    return named


def _moved(
    surface: Surface, eye: EyePoints, moves: list[tuple[list[int], Array]], fixed: NDArray[np.int64] | list[int]
) -> Array:
    corners = {eye.upper[0], eye.upper[-1]}
    handles = [(v, d) for vertices, values in moves for v, d in zip(vertices, values, strict=True) if v not in corners]
    indices = np.array([v for v, _ in handles] + sorted(corners))
    values = np.array([d for _, d in handles] + [np.zeros(3)] * 2)
    return surface.spread(indices, values, fixed)


def _distance(points: Array, vertex: int, others: list[int]) -> float:
    return float(np.linalg.norm(points[others, :2] - points[vertex, :2], axis=1).min())
