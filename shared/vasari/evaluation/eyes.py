"""What eyes do, as coefficients ask for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.evaluation.lips import Array
from vasari.values import Motion
from vasari.values.motion import GAZE_PITCH, GAZE_YAW


def gaze(motion: Motion) -> Array:
    """(T, 2) degrees to the image's right and up at which the eyes look, from where the head looks."""
    right = GAZE_YAW * (motion("eyeLookOutLeft") - motion("eyeLookInLeft"))
    up = GAZE_PITCH * (motion("eyeLookUpLeft") - motion("eyeLookDownLeft"))
    return np.stack([right, up], 1).astype(np.float64)


def lids(motion: Motion) -> Array:
    """(T,) closure of the lids 0..1."""
    return motion("eyeBlinkLeft").astype(np.float64)


def half_shut(motion: Motion) -> NDArray[np.bool_]:
    """(T,) whether the lids are more than half shut."""
    return lids(motion) > 0.5


def blinks(shut: NDArray[np.bool_]) -> int:
    """How often lids come to be shut, of (T,) whether they are."""
    return int((shut[1:] & ~shut[:-1]).sum())
