"""How far this mouth opens: what a face's proportions say of it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MOUTH_WIDTH, _CHIN = 0, 10
"""Places in the identity code, see `vasari.face.shape.identity`."""
_MEAN: Final = np.array([0.74, 0.51])
"""Mouth width and height of the chin of the portraits that were tried, interocular distances."""
_LEAST, _MOST = 0.8, 1.2


def reach(identity: NDArray[np.floating] | None) -> float:
    """Part of the usual opening, 0.8 to 1.2: small mouths over short chins open less far. 1 when nobody is known."""
    if identity is None:
        return 1.0
    proportions = identity[[_MOUTH_WIDTH, _CHIN]] / _MEAN
    return float(np.clip(np.sqrt(proportions.prod()), _LEAST, _MOST))
