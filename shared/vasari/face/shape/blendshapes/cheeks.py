"""The cheeks, blown up. What a smile makes of them belongs to the lips, what a squint does to the lids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.shape.surface import Surface
from vasari.face.shape.topology import MIRROR
from vasari.values.landmarks import LOWER_LIP, MOUTH_CORNERS, UPPER_LIP

Array = NDArray[np.float64]

_BLOWN = {
    **{
        427: (0.050, -0.010, -0.13),
        434: (0.075, 0.015, -0.11),
        436: (0.025, -0.010, -0.12),
        432: (0.030, 0.010, -0.11),
    },
    **{
        411: (0.050, -0.015, -0.09),
        416: (0.090, 0.005, -0.08),
        425: (0.020, -0.025, -0.08),
        426: (0.010, -0.015, -0.07),
    },
    364: (0.075, 0.020, -0.05),
    367: (0.085, 0.010, -0.05),
    430: (0.025, 0.020, -0.07),
    422: (0.020, 0.010, -0.09),
    397: (0.065, 0.010, 0.0),
    365: (0.055, 0.015, -0.01),
    288: (0.045, 0.0, 0.0),
    433: (0.070, 0.0, -0.05),
    435: (0.055, 0.0, 0.0),
    376: (0.045, -0.010, -0.03),
    287: (0.0, 0.0, -0.09),
    410: (0.0, -0.005, -0.08),
    322: (0.004, -0.008, -0.06),
    273: (0.0, 0.010, -0.08),
}
"""Displacements of points of the subject's left cheek: outwards from a middle beside the mouth."""


def cheeks(surface: Surface) -> dict[str, Array]:
    """cheekPuff: (468, 3). Air behind closed lips blows the cheeks out, and the skin around the lips a little."""
    moved = dict(_BLOWN) | {int(MIRROR[v]): (-x, y, z) for v, (x, y, z) in _BLOWN.items()}
    inward = 0.10 * surface.points[list(MOUTH_CORNERS), 0]
    moved |= {v: (-x, 0.0, -0.05) for v, x in zip(MOUTH_CORNERS, inward, strict=True)}
    moved |= dict.fromkeys(UPPER_LIP[0][2:9], (0.0, 0.0, -0.05)) | dict.fromkeys(LOWER_LIP[0][2:9], (0.0, 0.0, -0.05))
    moved |= {0: (0.0, -0.012, -0.06), 164: (0.0, -0.008, -0.04), 17: (0.0, 0.015, -0.06), 18: (0.0, 0.012, -0.04)}
    handles = np.array(list(moved))
    return {"cheekPuff": surface.spread(handles, np.array(list(moved.values())), surface.beyond(handles, 0.3))}
