"""What has to be seen whole of a face: photos that cut through it are refused."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vasari.values import InputError, Reason
from vasari.values.landmarks import EYES, LOWER_LIP, UPPER_LIP

_PARTS: Final = {
    "right eye": (*EYES[0].upper, *EYES[0].lower),
    "left eye": (*EYES[1].upper, *EYES[1].lower),
    "mouth": (*UPPER_LIP[3], *LOWER_LIP[3]),
}
_MOST: Final = 0.1
"""Part of its width or height that may lie beyond the picture: the mesh does not know better what it does not see."""


def check_whole(landmarks: NDArray[np.floating[Any]], height: int, width: int) -> None:
    """Args:
        landmarks: (478, 3) in pixels of a picture of this size.

    Raises:
        InputError: FACE_CUT_OFF: an eye or the mouth lies partly outside.
    """
    last = np.array([width - 1, height - 1])
    for name, points in _PARTS.items():
        low, high = (bound(landmarks[list(points), :2], 0) for bound in (np.min, np.max))
        outside = float((np.maximum(np.maximum(-low, high - last), 0) / (high - low)).max())
        if outside > _MOST:
            raise InputError(
                Reason.FACE_CUT_OFF,
                f"the photo cuts off {min(outside, 1):.0%} of the {name}: use one that shows both eyes and the mouth",
            )
