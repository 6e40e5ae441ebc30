"""What the lids' coefficients do to the skin around the eyes.

The lids themselves slide over the ball, which no displacement of the surface describes: the renderer's eyes answer
eyeBlink, eyeWide and the lids' part of the squints along the lines of `vasari.face.eyes.eye_shape`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.shape.surface import Surface
from vasari.values.landmarks import EYES

Array = NDArray[np.float64]

_CHEEK_RISE = {"eyeSquint": 0.02, "cheekSquint": 0.05}
"""In interocular distances."""


def lids(surface: Surface) -> dict[str, Array]:
    """eyeSquint and cheekSquint: (468, 3) displacement in face space by name."""
    named = {}
    for eye in EYES:
        still = list(dict.fromkeys((*eye.upper, *eye.lower)))
        for name, rise in _CHEEK_RISE.items():
            handles = np.array([eye.cheek, *still])
            values = np.array([[0.0, -rise, 0.0], *[[0.0, 0.0, 0.0]] * len(still)])
            named[f"{name}{eye.side}"] = surface.spread(handles, values, surface.beyond([*eye.lower, eye.cheek], 0.25))
    return named
