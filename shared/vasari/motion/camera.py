"""The camera's way from keyframe to keyframe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from vasari.motion.chance import Times
from vasari.values.controls import CameraKeyframe


def camera_path(keyframes: Sequence[CameraKeyframe], times: Times) -> NDArray[np.float32] | None:
    """(T, 3) yaw, pitch and distance at some seconds, see `Motion.camera`; None without keyframes.

    Before the first keyframe and after the last the camera stands still. Between them a monotone cubic (Fritsch and
    Carlson, 1980) passes each keyframe smoothly and never swings beyond two neighbours.
    """
    if not keyframes:
        return None
    ordered = sorted(keyframes, key=lambda keyframe: keyframe.second)
    seconds = np.array([k.second for k in ordered])
    places = np.array([(k.yaw, k.pitch, k.distance) for k in ordered])
    if len(ordered) == 1:
        return np.repeat(places, len(times), 0).astype(np.float32)
    # Where it begins and ends it stands: a neighbour of each at the same place makes the curve level there.
    seconds = np.concatenate([seconds[:1] - 1, seconds, seconds[-1:] + 1])
    places = np.concatenate([places[:1], places, places[-1:]])
    path = PchipInterpolator(seconds, places, axis=0)
    return np.asarray(path(np.clip(times, seconds[1], seconds[-2])), np.float32)
