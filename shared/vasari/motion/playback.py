"""A motion that is there already, played as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from vasari.motion.camera import camera_path
from vasari.values import Controls, Motion


def play_windows(motion: Motion, controls: Controls, window: int) -> Iterator[Motion]:
    """The motion in windows of so many frames (the last may be shorter), seen from where the controls wish.

    Other wishes of the controls do not touch it.
    """
    for first in range(0, len(motion), window):
        part = motion[first : first + window]
        times = (np.arange(first, first + len(part), dtype=np.float64) + 0.5) / motion.fps
        camera = camera_path(controls.camera, times)
        yield part if camera is None else replace(part, camera=camera)
