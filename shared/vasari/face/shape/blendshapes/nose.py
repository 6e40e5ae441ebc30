"""The nose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.shape.surface import Surface
from vasari.face.shape.topology import mirrored
from vasari.values.landmarks import MOUTH_CORNERS, NOSE_TIP

Array = NDArray[np.float64]

_RAISED = {
    358: (0.010, -0.065, 0.0),
    279: (0.010, -0.060, -0.01),
    371: (0.0, -0.062, -0.03),
    423: (0.006, -0.058, -0.015),
    **{
        391: (0.004, -0.042, 0.0),
        322: (0.004, -0.038, 0.0),
        266: (-0.004, -0.034, -0.02),
        329: (-0.006, -0.026, -0.01),
    },
    355: (-0.004, -0.044, -0.02),
    437: (-0.004, -0.026, -0.01),
    267: (0.0, -0.018, 0.0),
    393: (0.0, -0.020, 0.0),
    285: (-0.020, 0.030, 0.0),
    413: (-0.008, 0.012, 0.0),
}
"""Displacements on the subject's left: the wing of the nose, the fold beside it and the lip below rise, the inner end
of the brow sinks."""


def nose(surface: Surface) -> dict[str, Array]:
    """noseSneerLeft and noseSneerRight: (468, 3) displacements by name."""
    handles = np.array(list(_RAISED))
    fixed = {*surface.beyond(handles, 0.25), NOSE_TIP, *MOUTH_CORNERS, 8, 6, 197}
    left = surface.spread(handles, np.array(list(_RAISED.values())), fixed)
    return {"noseSneerLeft": left, "noseSneerRight": mirrored(left)}
