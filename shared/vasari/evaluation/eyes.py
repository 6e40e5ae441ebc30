"""What eyes do, as coefficients ask for it."""

from __future__ import annotations

import numpy as np

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


def blinks(motion: Motion) -> int:
    """How often the lids come to be more than half shut."""
    shut = lids(motion) > 0.5
    return int((shut[1:] & ~shut[:-1]).sum())
