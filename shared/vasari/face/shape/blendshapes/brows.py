"""The brows and the forehead that they wrinkle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.shape.blendshapes.profile import smoothstep
from vasari.face.shape.surface import Surface
from vasari.face.shape.topology import mirrored
from vasari.values.landmarks import EYES

Array = NDArray[np.float64]

_LEFT = EYES[1]
_HAIRLINE = (10, 338, 297, 332, 109, 67, 103)
_TEMPLE = (284, 251, 389, 54, 21, 162)


def brows(surface: Surface) -> dict[str, Array]:
    """browInnerUp, browDown and browOuterUp: (468, 3) displacements by name.

    The whole forehead slides with the brows, less and less up to the hairline; lids and the nose's root hold.
    """
    points, brow = surface.points, np.array(_LEFT.brow)
    along = points[brow, 0]
    outer = (along - along.min()) / (along.max() - along.min())  # 0 at the inner end, 1 at the outer
    low = np.flatnonzero(points[:, 1] > 0.06)
    lids = {v for eye in EYES for v in (*eye.upper, *eye.lower)}
    other_brow = EYES[0].brow
    held = {*lids, *low, *_HAIRLINE, *_TEMPLE}
    none = np.zeros_like(outer)

    inner_up = surface.spread(brow, np.stack([none, -0.145 * (1 - smoothstep(outer, 0.15, 1.0)), none], 1), held)
    down = np.stack([-0.045 * (1 - 0.6 * outer), 0.105 * (1 - 0.4 * outer), -0.02 * (1 - outer)], 1)
    lowered = surface.spread(brow, down, held | set(other_brow))
    up = np.stack([none, -0.15 * smoothstep(outer, 0.05, 0.85), none], 1)
    raised = surface.spread(brow, up, held | set(other_brow))
    return {
        "browInnerUp": inner_up + mirrored(inner_up),
        "browDownLeft": lowered,
        "browDownRight": mirrored(lowered),
        "browOuterUpLeft": raised,
        "browOuterUpRight": mirrored(raised),
    }
