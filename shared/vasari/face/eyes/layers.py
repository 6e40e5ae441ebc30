"""What eyes need to move: a ball with an iris of its own, a closed lid, and the lines of both lids."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.closed_lid import closed_lid, lash_darkness
from vasari.face.eyes.eye_shape import EyeShape, eye_shape, fitted
from vasari.face.eyes.eyeball import eyeball, unshaded
from vasari.face.eyes.glasses import glasses, glasses_patch, rigidity
from vasari.face.eyes.iris import with_irises
from vasari.face.eyes.opening import lowered, opened
from vasari.face.eyes.unseen import carried, made_up
from vasari.face.picture.patches import Patch
from vasari.face.picture.tones import Tones
from vasari.face.shape.canonical import FaceSpace
from vasari.values.landmarks import EYES, EyePoints

Array = NDArray[np.float64]
Image = NDArray[np.float32]

_SMALL = 0.04
"""Half the side of what is looked at of the skin, in interocular distances."""
_CHEEKS = (EYES[0].cheek, EYES[1].cheek)
_UNEVEN = (0.5, 1.4)
"""Light on one eye over that on the other, at least and at most."""


@dataclass(frozen=True)
class Eyes:
    """The fields of the same names of an Appearance; and what the photo shows of lowered lids."""

    textures: NDArray[np.uint8]
    places: NDArray[np.float32]
    lids: NDArray[np.float32]
    rigid: NDArray[np.uint8]
    source: dict[str, float]
    """Coefficients by name."""


def both_eyes(
    pixels: NDArray[np.uint8], points: Array, space: FaceSpace, tones: Tones, light: NDArray[np.floating]
) -> Eyes:
    """Args:
    points: (478, 3) in frame units.
    light: (2,) direction towards the light, right and down.
    """
    around = glasses_patch(space)
    worn = glasses(around, pixels, points, space)
    meshes = [eye_shape(eye, points, space) for eye in EYES]
    images = [mesh.patch.sample(pixels) for mesh in meshes]
    lowest = [fitted(mesh, image, lowered=True) for mesh, image in zip(meshes, images, strict=True)]
    how_low = lowered(meshes, lowest)
    shapes = [
        low if share > 0.5 else fitted(mesh, image)
        for mesh, low, image, share in zip(meshes, lowest, images, how_low, strict=True)
    ]
    bright = [unshaded(shape, image) for shape, image in zip(shapes, images, strict=True)]
    shapes, photographed = opened(with_irises(shapes, bright, float(space.axes[0, 2])), how_low)
    balls = _balls(shapes, bright, [_skin(eye, pixels, points, space) for eye in EYES], tones, light)
    darkness = float(np.mean([lash_darkness(shape, image) for shape, image in zip(shapes, images, strict=True)]))
    textures, places = [], []
    source: dict[str, float] = {}
    for eye, shape, image, ball, lids in zip(EYES, shapes, images, balls, photographed, strict=True):
        closed = closed_lid(shape, eye, image, points, _before(shape, around, worn), darkness)
        textures.append(np.concatenate([ball, closed], -1).clip(0, 255).round().astype(np.uint8))
        iris = (*shape.iris, shape.iris_radius)
        places.append([*shape.patch.center, *shape.patch.right, shape.patch.half, *iris])
        source |= {f"{name}{eye.side}": amount for name, amount in lids.items() if amount > 0}
    curves = np.stack([shape.curves for shape in shapes])
    return Eyes(np.stack(textures), np.array(places, np.float32), curves, rigidity(around, worn, space), source)


def _balls(
    shapes: list[EyeShape], images: list[Image], skins: list[Array], tones: Tones, light: NDArray[np.floating]
) -> list[Image]:
    """The layers of both balls. The eye that is more open tells what the other's is usually like, if it is open."""
    clear, other = np.argsort([-shape.shown for shape in shapes], kind="stable")
    layers: dict[int, Image] = {}
    ball, layers[clear] = eyeball(
        shapes[clear], images[clear], made_up(shapes[clear], EYES[clear].outward, skins[clear], tones, light)
    )
    usual = made_up(shapes[other], EYES[other].outward, skins[other], tones, light)
    if shapes[clear].shown == 1:
        relative = float(skins[other].mean() / max(skins[clear].mean(), 1.0))
        usual = carried(
            ball, shapes[clear], shapes[other], EYES[other].outward, skins[other], float(np.clip(relative, *_UNEVEN))
        )
    _, layers[other] = eyeball(shapes[other], images[other], usual)
    return [layers[k] for k in range(2)]


def _skin(eye: EyePoints, pixels: NDArray[np.uint8], points: Array, space: FaceSpace) -> Array:
    """(3,) RGB of the skin that faces the light as the eye does: the cheek below it, and both."""
    small = [Patch(points[v, :2], _SMALL * space.interocular, 8).sample(pixels) for v in (eye.cheek, *_CHEEKS)]
    return np.asarray(np.median(np.concatenate(small), (0, 1)))


def _before(shape: EyeShape, around: Patch, worn: Image | None) -> Image:
    """(K, K) how far a pixel of the eye's patch is glasses."""
    if worn is None:
        return np.zeros((shape.patch.size, shape.patch.size), np.float32)
    places = around.pixel(shape.patch.frame(np.stack(shape.rows(), -1))).astype(np.float32)
    return np.asarray(cv2.remap(worn, places[..., 0], places[..., 1], cv2.INTER_LINEAR), np.float32)
