"""What expression a photo was taken with, as far as it must be undone for a neutral face: open lips, lowered lids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from vasari.face.blendshapes import closure, lip_gaps
from vasari.face.surface import Surface
from vasari.values.landmarks import EYES

Array = NDArray[np.float64]

_SHUT = 0.02
"""Lips less apart than this (interocular distances) count as closed."""
_OVERLAP = 0.004
_OPEN_EYE, _DROOPING = 0.27, 0.20
"""Height over width of an open eye, and below which lids are taken for lowered."""


def source_coefficients(points: Array, shapes: dict[str, Array]) -> dict[str, float]:
    """ARKit coefficients of the photographed face, by name; those not named are taken for 0."""
    found: dict[str, float] = {}
    gaps = lip_gaps(points)
    if gaps[5] > _SHUT:
        opening = ("jawOpen", "mouthUpperUp", "mouthLowerDown")
        columns = [lip_gaps(_both(shapes, name)) for name in opening]
        # A little ridge shares the opening between jaw and lips as their reach goes.
        matrix = np.concatenate([np.stack(columns, 1), 0.1 * np.eye(3)])
        amounts, _ = nnls(matrix, np.concatenate([np.maximum(gaps, 0), np.zeros(3)]))
        for name, amount in zip(opening, amounts, strict=True):
            found |= {key: min(float(amount), 1.0) for key in (name, f"{name}Left", f"{name}Right") if key in shapes}
    for eye in EYES:
        corners = np.linalg.norm(points[eye.upper[0], :2] - points[eye.upper[-1], :2])
        height = (points[list(eye.lower[3:6]), 1] - points[list(eye.upper[3:6]), 1]).mean()
        if height / corners < _DROOPING:
            found[f"eyeBlink{eye.side}"] = float(1 - np.clip(height / corners / _OPEN_EYE, 0.15, 1.0))
    return found


def remaining_closure(surface: Surface, shapes: dict[str, Array], source: dict[str, float]) -> Array:
    """(468, 3) what still parts the lips once the source's coefficients are taken back, to be closed as well."""
    neutral = surface.points - sum(
        (amount * shapes[name] for name, amount in source.items()), np.zeros_like(surface.points)
    )
    gaps = lip_gaps(neutral)
    if "jawOpen" not in source:
        return np.zeros_like(surface.points)
    return closure(surface, gaps + _OVERLAP)


def _both(shapes: dict[str, Array], name: str) -> Array:
    return shapes[name] if name in shapes else shapes[f"{name}Left"] + shapes[f"{name}Right"]
