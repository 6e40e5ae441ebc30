"""The eyeball of an eye that the photo hardly shows, or not at all: as the other eye's, or else as people's are.

Proportions are those of irises 11.8 mm wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.eye_shape import EyeShape
from vasari.face.picture.tones import Tones

Array = NDArray[np.float64]
Image = NDArray[np.float32]

_WHITE: Final = 0.82
"""Brightness of the white over that of the skin around, without the shadow of the upper lid; median of 18 portraits,
half of which lie within a seventh of it."""
_UNTINTED: Final = 0.5
"""How much less color the white has than the skin, likewise."""
_BROWN: Final = np.array([1.42, 0.92, 0.66])
"""The iris's color over its mean, in the light of which skin is as"""
_SKIN: Final = np.array([1.22, 0.97, 0.81])
_RADIAL: Final = np.array(
    [[0, 0.06], [0.3, 0.07], [0.4, 0.22], [0.55, 0.28], [0.78, 0.24], [0.92, 0.17], [1.0, 0.18], [1.08, 0.3]]
)
"""Radii of the iris, and how bright it is there over the skin: pupil of 4 mm, collarette, limbal ring."""
_FIBERS: Final = ((17, 0.05), (29, 0.05), (43, 0.04))
"""Rays of the iris: how many, and how much they lighten and darken it."""
_LIT: Final = 0.22
"""By how much light from above, that the cornea bends, lightens the iris below, and darkens it above."""
_SHADE: Final = 0.3
"""How much darker the white is in the corners, where it turns away and the lids shade it."""
_FLESH: Final = np.array([0.82, 0.6, 0.6])
"""Color of the flesh in the inner corner over the skin's."""
_GLINT: Final = (0.34, 0.13)
"""Distance of the light's reflection from the iris's center, and its radius, in radii of the iris."""


@dataclass(frozen=True)
class Ball:
    """An eyeball without its lids, (K, K, 3) each, in the coordinates of the eye's patch."""

    white: Image
    iris: Image
    """Whole, as if there were nothing but an iris."""
    glint: Image
    """(K, K) what reflected light adds."""


def made_up(shape: EyeShape, outward: int, skin: Array, tones: Tones, light: NDArray[np.floating]) -> Ball:
    """Args:
    outward: see EyePoints.
    skin: (3,) RGB around the eye.
    light: (2,) direction towards the light, right and down.
    """
    brightness = float(skin.mean())
    cast = skin / max(brightness, 1.0)
    white = tones.within(_WHITE * brightness * (1 + (1 - _UNTINTED) * (cast - 1)))
    x, y = _around(shape)
    distance, angle = np.hypot(x, y), np.arctan2(y, x)
    radii = np.linspace(0, 1.6, 65)
    level = np.interp(radii, *_RADIAL.T) * brightness
    table = np.array([tones.within(value * _BROWN * np.sqrt(cast / _SKIN)) for value in level])
    iris = np.stack([np.interp(distance, radii, channel) for channel in table.T], -1)
    rays = sum(depth * np.sin(count * angle + 2.3 * count + 4 * distance) for count, depth in _FIBERS)
    structure = (rays * np.clip((distance - 0.36) / 0.1, 0, 1) + _LIT * y.clip(-1, 1)) * np.clip(distance / 0.4, 0, 1)
    iris = iris * (1 + structure)[..., None]
    reach, size = _GLINT
    toward = light / max(float(np.linalg.norm(light)), 1e-6)
    spot = np.hypot(x - reach * toward[0], y - reach * toward[1])
    glint = float(tones.white.mean()) * 0.6 * np.exp(-((spot / size) ** 2))
    plain = _with_corners(white, skin, shape, outward)
    return Ball(plain.astype(np.float32), iris.astype(np.float32), glint.astype(np.float32))


def carried(ball: Ball, shape: EyeShape, other: EyeShape, outward: int, skin: Array, light: float) -> Ball:
    """One eye's ball in the place of the other's.

    Args:
        outward: of the other eye, see EyePoints, and the (3,) skin around it.
        ball: of the eye of that shape.
        light: brightness of the skin around the other eye over that around this one.
    """
    x, y = _around(other)
    size = shape.patch.size
    places = [(shape.iris[k] + away * shape.iris_radius + 1) / 2 * size - 0.5 for k, away in enumerate((x, y))]

    def moved(image: Image) -> Image:
        columns, rows = (p.astype(np.float32) for p in places)
        return np.asarray(
            cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
        )

    middle = np.percentile(ball.white[shape.depth() > 0.01], 60, axis=0)
    white = _with_corners(np.asarray(middle * light, np.float64), skin, other, outward)
    return Ball(white.astype(np.float32), moved(ball.iris) * np.float32(light), moved(ball.glint))


def _with_corners(white: Array, skin: Array, shape: EyeShape, outward: int) -> Array:
    """(K, K, 3) the white, darker towards the corners, and the flesh of the inner one."""
    x, _ = shape.rows()
    across = x / shape.corners[1]
    shaded = white * (1 - _SHADE * np.clip((np.abs(across) - 0.4) / 0.6, 0, 1)[..., None])
    flesh = np.clip((-outward * across - 0.74) / 0.16, 0, 1)[..., None]
    return np.asarray(shaded + (skin * _FLESH - shaded) * 0.8 * flesh)


def _around(shape: EyeShape) -> tuple[Array, Array]:
    """x and y of the patch's pixels from the iris's center, in its radii."""
    x, y = shape.rows()
    return (x - shape.iris[0]) / shape.iris_radius, (y - shape.iris[1]) / shape.iris_radius
