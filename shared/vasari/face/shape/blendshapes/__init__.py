"""The 52 ARKit coefficients as displacements of one face's surface.

Each shape is written down as what it does to a few handles (lip rings, lid margins, brows, cheeks, jaw line) in face
space and spread over the surface from there. Directions follow the muscles that ARKit's names stand for; amplitudes
are such that the ranges of filmed talkers are reached at the coefficients ARKit gives them. What pulls the skin is
worked out on the face made symmetric, so that a head that the photo shows turned moves no more lopsided than any other.
The gaze coefficients, which the renderer's eyes answer, and tongueOut, which opens the jaw (`vasari.render.limits`),
move no point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.lids import lids
from vasari.face.shape.blendshapes.brows import brows
from vasari.face.shape.blendshapes.cheeks import cheeks
from vasari.face.shape.blendshapes.jaw import jaw, jaw_hinge
from vasari.face.shape.blendshapes.lips import closure, lip_gaps, lips
from vasari.face.shape.blendshapes.nose import nose
from vasari.face.shape.surface import Surface
from vasari.face.shape.topology import mirrored
from vasari.values.landmarks import SURFACE
from vasari.values.motion import COEFFICIENTS

__all__ = ["closure", "jaw_hinge", "lip_gaps", "shapes", "stack"]

Array = NDArray[np.float64]


def shapes(surface: Surface) -> dict[str, Array]:
    """(468, 3) displacement in face space for each coefficient that moves the surface."""
    even = Surface((surface.points + mirrored(surface.points)) / 2)
    opened = jaw(even)
    return {**opened, **lips(even, opened["jawOpen"]), **cheeks(even), **nose(even), **lids(surface), **brows(even)}


def stack(named: dict[str, Array]) -> NDArray[np.float32]:
    """(52, 468, 3) in the order of COEFFICIENTS; zeros for what moves no point."""
    return np.stack([named.get(name, np.zeros((SURFACE, 3))) for name in COEFFICIENTS]).astype(np.float32)
