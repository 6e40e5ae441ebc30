"""The colors of what lies behind the lips, made of those that the photo has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.face.mouth.teeth import PhotographedTeeth
from vasari.face.picture.patches import Patch
from vasari.face.picture.tones import Tones
from vasari.face.shape.canonical import FaceSpace
from vasari.values.landmarks import EYES

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
_GUMS: Final = np.array([0.85, 0.85, 0.85])
_DARK: Final = np.array([0.27, 0.19, 0.18])
"""Red, green and blue above the photo's black over the flesh's, of gums and of the dark: light that comes out of that
went through flesh more than once."""
_WET: Final = 0.7
"""How far from the lips' color to that of what is wet and red."""


def palette(
    pixels: NDArray[np.uint8], points: Array, space: FaceSpace, tones: Tones, seen: PhotographedTeeth
) -> NDArray[np.float32]:
    """(4, 3) RGB of teeth, gums, tongue and the dark between, as this picture's light and style would have them."""

    def medians(vertices: Sequence[int], half: float) -> Array:
        """(N, 3) RGB around points."""
        small = [Patch(points[v, :2], half * space.interocular, 8) for v in vertices]
        return np.array([np.median(patch.sample(pixels), (0, 1)) for patch in small])

    skin, lips = medians(_SKIN, 0.04), np.median(medians(_LIPS, 0.02), 0)
    eyes = max(_white(pixels, points, space, (*eye.upper, *eye.lower[-2:0:-1])) for eye in EYES)
    teeth = _enamel(tones, float(np.percentile(skin.mean(1), 75)), eyes)
    if seen.color is not None:
        teeth = teeth + (seen.color - teeth) * seen.certainty
    flesh = tones.reddened(lips, _WET)
    tongue = flesh * min(1.0, _TONGUE * float(np.median(skin, 0).mean() / max(flesh.mean(), 1.0)))
    colors = [
        teeth,
        *(tones.within(c) for c in (tones.darker(flesh, _GUMS), tongue, tones.darker(flesh, _DARK))),
    ]
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
