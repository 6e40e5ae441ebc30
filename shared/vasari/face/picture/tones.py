"""The range of a photo's colors, within which what is made up must stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.picture.patches import Patch
from vasari.face.shape.canonical import FaceSpace
from vasari.values.landmarks import OVAL

Array = NDArray[np.float64]

_AROUND: Final = 1.25
"""Half the side of what is looked at around a face, interocular distances."""
_LEVELS: Final = 24
"""Of brightness, within which colors are compared."""
_ENDS: Final = (0.5, 99.5)
"""Percentiles of red, green and blue that are a photo's black and white."""
_RED: Final = np.array([1.52, 0.73, 0.75])
"""What is wet and red, over its mean."""
_REDNESS: Final = 0.35
"""Lips that have this much more red than green, over their mean, are red. Faded and powdered ones have less."""
_TONED: Final = (2.0, 7.0)
"""Spread of colors beyond what their brightness tells of them, in levels: up to the first a photo has only tones of one
color, as black-and-white and sepia ones do; from the second on it is colored."""


@dataclass(frozen=True)
class Tones:
    """The range of a photo's colors."""

    black: Array
    """(3,) RGB."""
    white: Array
    levels: Array
    """(LEVELS, 3) mean colors of the face and what is near it, from the darkest to the brightest."""
    colored: float
    """0 where all is in tones of one color, 1 for a photo in color."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], points: Array, space: FaceSpace) -> Tones:
        """Args:
        pixels: (H, W, 3) RGB of all that is seen.
        points: (478, 3) in frame units.
        """
        face = Patch(points[list(OVAL), :2].mean(0), _AROUND * space.interocular, 160).sample(pixels)
        black, white = np.percentile(cv2.blur(pixels, (3, 3))[::3, ::3].reshape(-1, 3), _ENDS, axis=0)
        near = cv2.blur(face, (5, 5)).reshape(-1, 3).astype(np.float64)
        levels = np.array_split(near[np.argsort(near.mean(1))], _LEVELS)
        apart = np.mean([(level - level.mean(1, keepdims=True)).var(0).sum() for level in levels]) ** 0.5
        colored = np.clip((apart - _TONED[0]) / (_TONED[1] - _TONED[0]), 0, 1)
        return cls(black, white, np.array([level.mean(0) for level in levels]), float(colored))

    def within(self, color: Array) -> Array:
        """(3,) the color as this photo has it: in one that is in tones of one color, the tone that is as bright."""
        ends = np.stack([self.black, *self.levels, self.white])
        bright = np.maximum.accumulate(ends.mean(1))
        tone = np.array([np.interp(color.mean(), bright, channel) for channel in ends.T])
        return np.asarray(tone + (color - tone) * self.colored)

    def reddened(self, color: Array, share: float) -> Array:
        """(3,) a color of the lips as red as what is wet, as far as reds are red in this photo."""
        height = color - self.black
        redness = (height[0] - height[1]) / max(float(height.mean()), 1.0)
        share *= float(np.clip(redness / _REDNESS, 0, 1))
        return np.asarray(self.black + height + share * (height.mean() * _RED - height))

    def darker(self, color: Array, share: Array) -> Array:
        """(3,) a color at (3,) shares of its height above the black."""
        return self.black + (color - self.black) * share
