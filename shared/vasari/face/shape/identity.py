"""A small code of who this is: the face's proportions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.values.landmarks import CHIN, EYES, FOREHEAD, NOSE_TIP

Array = NDArray[np.float64]


def identity_code(points: Array) -> NDArray[np.float32]:
    """(12,) lengths in interocular distances, of (468, 3) points in face space:

    mouth width, upper and lower lip height, mean eye width and opening, brow height over the eyes, nose width and
    length, face width at the cheeks and at the jaw, chin height below the lips, forehead height.
    """

    def apart(a: int, b: int) -> float:
        return float(np.linalg.norm(points[a, :2] - points[b, :2]))

    right, left = EYES
    return np.array(
        [
            apart(61, 291),
            apart(0, 13),
            apart(14, 17),
            np.mean([apart(e.upper[0], e.upper[-1]) for e in (right, left)]),
            np.mean([apart(e.upper[4], e.lower[4]) for e in (right, left)]),
            np.mean([points[e.upper[4], 1] - points[list(e.brow), 1].mean() for e in (right, left)]),
            apart(129, 358),
            apart(168, NOSE_TIP),
            apart(234, 454),
            apart(172, 397),
            apart(17, CHIN),
            apart(FOREHEAD, 168),
        ],
        np.float32,
    )
