"""The parts of a motion, each of which may come from another source: mouth, pose and expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

import numpy as np

from vasari.values.motion import COEFFICIENTS, Motion


class Part(StrEnum):
    """What of a motion has a source of its own. Together they are all of it but the camera's, which is a wish."""

    MOUTH = "mouth"
    """Jaw, lips, cheeks puffed, tongue."""
    POSE = "pose"
    """Rotation and translation of the head."""
    EXPRESSION = "expression"
    """Brows, lids, gaze, nose and the cheeks below the eyes."""


_MOUTH: Final = np.array([name.startswith(("jaw", "mouth", "tongue", "cheekPuff")) for name in COEFFICIENTS])


def exchanged(motion: Motion, part: Part, source: Motion) -> Motion:
    """The motion with one part of another's.

    Args:
        source: as many frames at the same rate.
    """
    match part:
        case Part.POSE:
            return replace(motion, rotation=source.rotation, translation=source.translation)
        case Part.MOUTH:
            coefficients = np.where(_MOUTH, source.coefficients, motion.coefficients)
            return replace(motion, coefficients=coefficients, tongue=source.tongue)
        case Part.EXPRESSION:
            return replace(motion, coefficients=np.where(_MOUTH, motion.coefficients, source.coefficients))


def combined(windows: Iterable[Motion], sources: Mapping[Part, Motion]) -> Iterator[Motion]:
    """The windows of a motion, in order, with each part that has another source taken from it.

    Args:
        sources: each as long as all windows together.
    """
    first = 0
    for motion in windows:
        last = first + len(motion)
        for part, source in sources.items():
            motion = exchanged(motion, part, source[first:last])
        yield motion
        first = last
