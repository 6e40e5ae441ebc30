"""Where the irises lie, seen or not.

Of an open eye the photo tells it. Of one that is half shut it tells a part, and of a shut one nothing: then the other
eye tells it, or else what people have in common.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.eye_shape import EyeShape
from vasari.face.picture.patches import blur
from vasari.values.landmarks import EYES, EyePoints

Array = NDArray[np.float64]
Image = NDArray[np.float32]

IRIS: Final = 0.099
"""Radius of the iris in interocular distances: median of 18 portraits and 11 people filmed, nine in ten of whom lie
within a tenth of it. In millimeters that is 5.9 (Rüfer et al., Cornea 2005) of 60."""
_ABOVE: Final = 0.063
"""How far the iris's center lies above the line through the eye's corners, over the eye's width; people differ by 0.02.
"""
_OUTWARD: Final = 0.05
"""How far it lies from the middle of that line towards the outer corner when the eyes look ahead."""
_FORESHORTENED: Final = 2.5
"""How much less of that is seen for the sine of the head's turn: the outer corner lies farther back."""
_TURNED: Final = 0.2
"""How far it follows a turned head, in eye widths for the sine of the angle: people then look halfway to the camera.
"""
_HIDDEN, _CLEAR = 0.25, 1.0
"""Distance between the lids over the iris's radius up to which nothing can be told of the iris, and from which on as
much as in an open eye, where it is 1.5."""
_FEWEST = 12
"""Pixels of a region that can be compared."""


@dataclass(frozen=True)
class _Search:
    """Where an iris is looked for around its expected place, in radii."""

    sideways: Array
    down: Array
    radii: Array
    place: float
    """Standard deviation that is believed in, of the place and of the radius, whose mean follows."""
    radius: float
    mean: float = 1.0


_IN_OPEN = _Search(np.linspace(-0.3, 0.3, 11), np.linspace(-0.2, 0.2, 5), np.linspace(0.85, 1.4, 23), 0.3, 0.3, 1.04)
_IN_LOWERED = _Search(np.linspace(-0.3, 0.3, 13), np.linspace(-0.15, 0.15, 5), np.linspace(0.94, 1.06, 5), 0.12, 0.08)


def with_irises(shapes: list[EyeShape], images: list[Image], turn: float) -> list[EyeShape]:
    """The shapes of both eyes with their irises where the photo shows them, or where they must be behind the lids.

    Args:
        images: (K, K, 3) of the patches, see `unshaded`.
        turn: sine of the angle by which the head is turned to the image's right.
    """
    clear = [float(np.clip((_between_lids(shape) - _HIDDEN) / (_CLEAR - _HIDDEN), 0, 1)) for shape in shapes]
    found = []
    for eye, shape, image, share in zip(EYES, shapes, images, clear, strict=True):
        expected = shape if share == 1 else _expected(shape, eye, share, turn)
        search = _IN_OPEN if share == 1 else _IN_LOWERED
        found.append(_fitted(expected, image, search) if share > 0 else expected)
    # Eyes turn together and are of one size: the clearer one tells of the other.
    trust = np.array(clear) ** 2 + 1e-6
    looks = np.array([_look(shape, eye, turn) for eye, shape in zip(EYES, found, strict=True)])
    sizes = np.array([shape.iris_radius / shape.unit for shape in found])
    look, size = trust @ looks / trust.sum(), float(trust @ sizes / trust.sum())
    return [
        dataclasses.replace(
            shape,
            iris=_place(shape, eye, turn, own + (look - own) * (1 - share)),
            iris_radius=shape.iris_radius + (size * shape.unit - shape.iris_radius) * (1 - share),
        )
        for eye, shape, own, share in zip(EYES, found, looks, clear, strict=True)
    ]


def _between_lids(shape: EyeShape) -> float:
    """The lids' distance at the iris, over an iris's usual radius."""
    upper, lower = shape.margins_at_iris()
    return (lower - upper) / (IRIS * shape.unit)


def _ahead(eye: EyePoints, turn: float) -> Array:
    """(2,) where the iris of an eye lies that looks ahead, over the eye's width."""
    return np.array([eye.outward * _OUTWARD * max(1 - _FORESHORTENED * abs(turn), 0.0), -_ABOVE])


def _look(shape: EyeShape, eye: EyePoints, turn: float) -> Array:
    """(2,) where the iris lies, over the eye's width, from where it lies when the eye looks ahead."""
    return np.asarray(shape.iris / shape.width - _ahead(eye, turn), np.float64)


def _place(shape: EyeShape, eye: EyePoints, turn: float, look: Array) -> Array:
    """The reverse of `_look`."""
    return np.asarray((look + _ahead(eye, turn)) * shape.width, np.float64)


def _expected(shape: EyeShape, eye: EyePoints, share: float, turn: float) -> EyeShape:
    """The iris where people have theirs, sideways rather where the mesh sees it between the lids."""
    place = _place(shape, eye, turn, np.array([_TURNED * turn, 0.0]))
    place[0] += (shape.iris[0] - place[0]) * min(2 * share, 1.0)
    return dataclasses.replace(shape, iris=place, iris_radius=IRIS * shape.unit)


def _fitted(shape: EyeShape, image: Image, search: _Search) -> EyeShape:
    """The iris as the circle that best parts it from the white, near where it is expected."""
    x, y = shape.rows()
    inside = shape.depth() > 0.008
    guess = shape.iris_radius
    away = np.abs(x - shape.iris[0]) / guess
    beside = inside & (away > 1.15) & (away < 2)
    if beside.sum() < 20:
        return shape
    smooth = blur(image, shape.pixels(0.008))
    least = smooth.min(2)
    white = np.median(smooth[beside & (least > np.percentile(least[beside], 65))], 0)
    darker = np.clip((0.80 - smooth.mean(2) / white.mean()) / 0.2, 0, 1)
    tinted = np.abs(smooth / smooth.mean(2, keepdims=True) - white / white.mean()).max(2)
    colored = np.maximum(darker, np.clip((tinted - 0.08) / 0.1, 0, 1))[inside]
    places = np.stack([x, y], -1)[inside]

    best, found = 0.3, shape
    for dx in search.sideways:
        for dy in search.down:
            center = shape.iris + np.array([dx, dy]) * guess
            distance = np.linalg.norm(places - center, axis=1) / guess
            for radius in search.radii:
                within, around = distance < radius, (distance > radius) & (distance < 1.4 * radius)
                if min(within.sum(), around.sum()) < _FEWEST:
                    continue
                unlikely = (dx**2 + dy**2) / search.place**2 + ((radius - search.mean) / search.radius) ** 2
                score = (float(colored[within].mean()) - float(colored[around].mean())) * np.exp(-0.5 * unlikely)
                if score > best:
                    best, found = score, dataclasses.replace(shape, iris=center, iris_radius=radius * guess)
    return found
