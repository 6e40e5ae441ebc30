"""What eyes need to move: a ball with an iris of its own, a closed lid, and the lines of both lids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vasari.face.canonical import FaceSpace
from vasari.face.closed_lid import closed_lid
from vasari.face.eye_shape import eye_shape, fitted
from vasari.face.eyeball import eyeball
from vasari.values.landmarks import EYES
from vasari.values.motion import LIDS_MEET

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Eyes:
    """The fields of the same names of an Appearance; and what the photo shows of lowered lids."""

    textures: NDArray[np.uint8]
    places: NDArray[np.float32]
    lids: NDArray[np.float32]
    source: dict[str, float]
    """Coefficients by name."""


def both_eyes(pixels: NDArray[np.uint8], points: Array, space: FaceSpace) -> Eyes:
    """points: (478, 3) in frame units."""
    textures, places, lids, source = [], [], [], {}
    for eye in EYES:
        shape = eye_shape(eye, points, space)
        image = shape.patch.sample(pixels)
        shape = fitted(shape, image)
        ball, center, radius = eyeball(shape, image)
        layers = np.concatenate([ball, closed_lid(shape, eye, image, points)], -1)
        textures.append(layers.clip(0, 255).round().astype(np.uint8))
        places.append([*shape.patch.center, *shape.patch.right, shape.patch.half, *center, radius])
        lids.append(shape.curves)
        if shape.shown < 1:
            source[f"eyeBlink{eye.side}"] = LIDS_MEET * (1 - shape.shown)
    return Eyes(np.stack(textures), np.array(places, np.float32), np.stack(lids), source)
