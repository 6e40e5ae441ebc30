"""What eyes need to move: a ball with an iris of its own, a closed lid, and the lines of both lids."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.closed_lid import closed_lid, lash_darkness
from vasari.face.eyes.eye_shape import EyeShape, eye_shape, fitted, open_height
from vasari.face.eyes.eyeball import eyeball
from vasari.face.eyes.glasses import glasses, glasses_patch, rigidity
from vasari.face.picture.patches import Patch
from vasari.face.shape.canonical import FaceSpace
from vasari.values.landmarks import EYES
from vasari.values.motion import LIDS_MEET

Array = NDArray[np.float64]
Image = NDArray[np.float32]


@dataclass(frozen=True)
class Eyes:
    """The fields of the same names of an Appearance; and what the photo shows of lowered lids."""

    textures: NDArray[np.uint8]
    places: NDArray[np.float32]
    lids: NDArray[np.float32]
    rigid: NDArray[np.uint8]
    source: dict[str, float]
    """Coefficients by name."""


def both_eyes(pixels: NDArray[np.uint8], points: Array, space: FaceSpace) -> Eyes:
    """points: (478, 3) in frame units."""
    textures, places, lids, source = [], [], [], {}
    around = glasses_patch(space)
    worn = glasses(around, pixels, points, space)
    height = open_height(points)
    shapes = [eye_shape(eye, points, space, height) for eye in EYES]
    images = [shape.patch.sample(pixels) for shape in shapes]
    shapes = [fitted(shape, image) for shape, image in zip(shapes, images, strict=True)]
    darkness = float(np.mean([lash_darkness(shape, image) for shape, image in zip(shapes, images, strict=True)]))
    for eye, shape, image in zip(EYES, shapes, images, strict=True):
        ball, center, radius = eyeball(shape, image)
        closed = closed_lid(shape, eye, image, points, _before(shape, around, worn), darkness)
        layers = np.concatenate([ball, closed], -1)
        textures.append(layers.clip(0, 255).round().astype(np.uint8))
        places.append([*shape.patch.center, *shape.patch.right, shape.patch.half, *center, radius])
        lids.append(shape.curves)
        if shape.shown < 1:
            source[f"eyeBlink{eye.side}"] = LIDS_MEET * (1 - shape.shown)
    rigid = rigidity(around, worn, space)
    return Eyes(np.stack(textures), np.array(places, np.float32), np.stack(lids), rigid, source)


def _before(shape: EyeShape, around: Patch, worn: Image | None) -> Image:
    """(K, K) how far a pixel of the eye's patch is glasses."""
    if worn is None:
        return np.zeros((shape.patch.size, shape.patch.size), np.float32)
    places = around.pixel(shape.patch.frame(np.stack(shape.rows(), -1))).astype(np.float32)
    return np.asarray(cv2.remap(worn, places[..., 0], places[..., 1], cv2.INTER_LINEAR), np.float32)
