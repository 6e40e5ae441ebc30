"""The colors of what lies behind the lips, made of those that the photo has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.mouth.teeth import PhotographedTeeth
from vasari.face.picture.patches import Image, Patch
from vasari.face.shape.canonical import FaceSpace
from vasari.values.landmarks import EYES, OVAL

Array = NDArray[np.float64]

_SKIN: Final = (50, 280, 205, 425, 151, 4)
"""Cheeks, beside the mouth, forehead and the tip of the nose: where glasses, hair or a beard leave some skin free."""
_LIPS: Final = (15, 16, 85, 315)
_LIGHTER: Final = 0.55
"""Where teeth are between the brighter skin and the photo's white. In sharp pictures of four people who laugh or speak
in the light theirs have L* 83 to 95 and chroma 4 to 9, their skin 64 to 80 and 12 to 36."""
_OVER_SKIN, _OVER_EYES = 1.3, 1.15
"""Teeth are at most so many times as bright as the brighter skin, or as the whites of the eyes if that is more."""
_ENAMEL: Final = np.array([1.02, 1.0, 0.95])
"""Teeth are a little warmer than white."""
_TINTED: Final = 0.6
"""How much of the color of the photo's white its teeth have: a white collar or background tells more of it."""
_TONGUE: Final = 0.85
"""Brightness of a tongue over the skin's, at most: painted lips tell little of it."""
_GUMS, _DARK = 0.85, 0.22
"""Brightness above the photo's black over that of the tongue's color, of gums and of the dark."""
_WET: Final = 0.6
"""How far from the lips' color to that of"""
_RED: Final = np.array([1.48, 0.73, 0.79])
"""what is wet and red, over its mean,"""
_REDNESS: Final = 0.35
"""where lips have this much more red than green, over their mean. Faded and powdered ones have less."""
_AROUND: Final = 1.25
"""Half the side of what is looked at around a face, interocular distances."""
_LEVELS: Final = 24
"""Of brightness, within which colors are compared."""
_ENDS: Final = (0.5, 99.5)
"""Percentiles of red, green and blue that are a photo's black and white."""
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
    def of(cls, picture: NDArray[np.uint8], face: Image) -> Tones:
        """Args:
        picture: (H, W, 3) RGB of all that is seen.
        face: (h, w, 3) of the face and what is near it.
        """
        black, white = np.percentile(cv2.blur(picture, (3, 3))[::3, ::3].reshape(-1, 3), _ENDS, axis=0)
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

    def darker(self, color: Array, share: float) -> Array:
        """(3,) a color at a share of its height above the black."""
        return self.black + (color - self.black) * share


def palette(pixels: NDArray[np.uint8], points: Array, space: FaceSpace, seen: PhotographedTeeth) -> NDArray[np.float32]:
    """(4, 3) RGB of teeth, gums, tongue and the dark between, as this picture's light and style would have them."""

    def medians(vertices: Sequence[int], half: float) -> Array:
        """(N, 3) RGB around points."""
        small = [Patch(points[v, :2], half * space.interocular, 8) for v in vertices]
        return np.array([np.median(patch.sample(pixels), (0, 1)) for patch in small])

    face = Patch(points[list(OVAL), :2].mean(0), _AROUND * space.interocular, 160)
    tones = Tones.of(pixels, face.sample(pixels))
    skin, lips = medians(_SKIN, 0.04), np.median(medians(_LIPS, 0.02), 0)
    eyes = max(_white(pixels, points, space, (*eye.upper, *eye.lower[-2:0:-1])) for eye in EYES)
    teeth = _enamel(tones, float(np.percentile(skin.mean(1), 75)), eyes)
    if seen.color is not None:
        teeth = teeth + (seen.color - teeth) * seen.certainty
    flesh = tones.reddened(lips, _WET)
    tongue = flesh * min(1.0, _TONGUE * float(np.median(skin, 0).mean() / max(flesh.mean(), 1.0)))
    colors = [teeth, *(tones.within(c) for c in (tones.darker(flesh, _GUMS), tongue, tones.darker(flesh, _DARK)))]
    return np.asarray(np.clip(colors, 0, 255), np.float32)


def _enamel(tones: Tones, light: float, eyes: float) -> Array:
    """light: brightness of the brighter skin: teeth face the light that it faces. eyes: that of their whites."""
    brightest = max(_OVER_SKIN * light, _OVER_EYES * eyes)
    brightness = min(light + _LIGHTER * max(tones.white.mean() - light, 0), brightest)
    return tones.within(brightness * _ENAMEL * (1 + _TINTED * (tones.white / max(tones.white.mean(), 1) - 1)))


def _white(pixels: NDArray[np.uint8], points: Array, space: FaceSpace, outline: Sequence[int]) -> float:
    """Brightness of the white of an eye."""
    corners = points[list(outline), :2]
    eye = Patch(corners.mean(0), 0.3 * space.interocular, 64)
    inside = eye.sample(pixels).mean(2)[eye.fill(corners) > 0.9]
    return float(np.percentile(inside, 85)) if inside.size else 0.0
