"""The jaw: a rigid bone under skin that follows it the more, the nearer it lies to the chin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.face.shape.blendshapes.profile import across
from vasari.face.shape.surface import Surface
from vasari.values.landmarks import LOWER_LIP_ONLY, MOUTH_CORNERS, UPPER_LIP
from vasari.values.motion import JAW_ANGLE

Array = NDArray[np.float64]

_HINGE_BEHIND, _HINGE_ABOVE = 1.3, 0.3
"""Place of the axis relative to the lips, interocular distances. It lies below the condyles, since the jaw also slides
forward while it opens."""
_CORNER: Final = 0.36
"""How far the corners of the mouth follow the jaw; tracked talkers' do by .2 to .3 of the lower lip's way."""
_LIFT: Final = (0.09, 0.08, 0.07, 0.06)
"""How far the middle of the upper lip goes the other way, by ring from the inner margin outwards: skin drawn taut
thins. Tracked talkers' goes by .22 of the opening; what that is more is other muscles'."""
_BOW: Final = (2.3, 0.6)
"""Powers p and q by which both lips part across the mouth, (1 - |x|^p)^q of the middle's way: as tracked lips do when
they part far. They leave the corners upright, so that a mouth opens round."""

_JAW_LINE: Final = (
    *((361, 132, 0.05), (288, 58, 0.25), (397, 172, 0.50), (365, 136, 0.72)),
    *((379, 150, 0.88), (378, 149, 0.96), (400, 176, 1.0), (377, 148, 1.0)),
)
_CHIN: Final = (152, 175, 199, 200, 18, 83, 313, 182, 406, 201, 421, 208, 428, 171, 396)


def jaw(surface: Surface) -> dict[str, Array]:
    """jawOpen, jawLeft, jawRight, jawForward: (468, 3) displacements by name."""
    points = surface.points
    share = {v: 1 - (1 - _CORNER) * bend for v, bend in _bent(points, LOWER_LIP_ONLY)}
    for ring, lift in zip(UPPER_LIP, _LIFT, strict=True):
        share |= {v: (_CORNER + lift) * bend - lift for v, bend in _bent(points, ring[1:-1])}
    share |= dict.fromkeys(MOUTH_CORNERS, _CORNER)
    share |= {v: w for right, left, w in _JAW_LINE for v in (right, left)}
    share |= dict.fromkeys(_CHIN, 1.0)
    handles = np.array(list(share))
    above_nose = np.flatnonzero(points[:, 1] < points[2, 1] - 0.02)
    weight = np.clip(surface.spread(handles, np.array(list(share.values()))[:, None], above_nose), -max(_LIFT), 1)

    arm = points - jaw_hinge(points)
    cos, sin = np.cos(JAW_ANGLE), np.sin(JAW_ANGLE)
    turned = np.stack([arm[:, 0], cos * arm[:, 1] - sin * arm[:, 2], sin * arm[:, 1] + cos * arm[:, 2]], 1)
    sideways = np.array([0.09, 0.0, 0.0]) * weight
    return {
        "jawOpen": (turned - arm) * weight,
        "jawLeft": sideways,
        "jawRight": -sideways,
        "jawForward": np.array([0.0, -0.005, -0.08]) * weight,
    }


def _bent(points: Array, vertices: tuple[int, ...]) -> Iterable[tuple[int, float]]:
    """Vertices with how far the lips have bent there, 0 in the middle and 1 at the corners."""
    place, (inner, outer) = np.minimum(np.abs(across(points, vertices)), 1), _BOW
    return zip(vertices, 1 - (1 - place**inner) ** outer, strict=True)


def jaw_hinge(points: Array) -> Array:
    """(3,) a point of the axis about which the jaw of (468, 3) points turns; the axis runs along x."""
    lips = (points[13] + points[14]) / 2
    return np.array([lips[0], lips[1] - _HINGE_ABOVE, lips[2] + _HINGE_BEHIND])
