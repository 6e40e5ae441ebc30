"""The jaw: a rigid bone under skin that follows it the more, the nearer it lies to the chin."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.face.blendshapes.profile import across
from vasari.face.surface import Surface
from vasari.values.landmarks import LOWER_LIP_ONLY, MOUTH_CORNERS, UPPER_LIP_ONLY
from vasari.values.motion import JAW_ANGLE

Array = NDArray[np.float64]

_HINGE_BEHIND, _HINGE_ABOVE = 1.3, 0.3
"""Place of the axis relative to the lips, interocular distances. It lies below the condyles, since the jaw also slides
forward while it opens."""
_CORNER: Final = 0.46
"""How far the corners of the mouth follow the jaw; tracked talkers' do by three tenths of the lower lip's way."""

_JAW_LINE: Final = (
    *((361, 132, 0.05), (288, 58, 0.25), (397, 172, 0.50), (365, 136, 0.72)),
    *((379, 150, 0.88), (378, 149, 0.96), (400, 176, 1.0), (377, 148, 1.0)),
)
_CHIN: Final = (152, 175, 199, 200, 18, 83, 313, 182, 406, 201, 421, 208, 428, 171, 396)


def jaw(surface: Surface) -> dict[str, Array]:
    """jawOpen, jawLeft, jawRight, jawForward: (468, 3) displacements by name."""
    points = surface.points
    place = np.abs(across(points, LOWER_LIP_ONLY))
    share = dict.fromkeys(UPPER_LIP_ONLY, 0.0)
    share |= dict(zip(LOWER_LIP_ONLY, 1 - 0.46 * place**2.4, strict=True))
    share |= dict.fromkeys(MOUTH_CORNERS, _CORNER)
    share |= {v: w for right, left, w in _JAW_LINE for v in (right, left)}
    share |= dict.fromkeys(_CHIN, 1.0)
    handles = np.array(list(share))
    above_nose = np.flatnonzero(points[:, 1] < points[2, 1] - 0.02)
    weight = np.clip(surface.spread(handles, np.array(list(share.values()))[:, None], above_nose), 0, 1)

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


def jaw_hinge(points: Array) -> Array:
    """(3,) a point of the axis about which the jaw of (468, 3) points turns; the axis runs along x."""
    lips = (points[13] + points[14]) / 2
    return np.array([lips[0], lips[1] - _HINGE_ABOVE, lips[2] + _HINGE_BEHIND])
