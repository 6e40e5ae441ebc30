"""The appearance's pictures as textures on a device, at the density of the canvas."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.render.canvas import Canvas
from vasari.render.sampling import Texture
from vasari.values import Appearance
from vasari.values.appearance import MARGIN


@dataclass(frozen=True)
class Layers:
    """The moving person and the still background.

    A frame is person(source) + still(source) * background(place). The person's texture is the photo less what of the
    background shows through it, so at rest the sum is the photo itself, however good the matte; and what the matte
    missed of the person (a strand of hair) moves as a difference to the background instead of leaving a ghost.
    """

    person: Texture
    """(4, h, w) RGB 0..255 (signed) of the photo less its share of background; and that share, 0..1."""
    photo: Texture
    """(3, h, w) RGB."""
    background: Tensor
    """(3, H, W) on the canvas."""


def build_layers(appearance: Appearance, canvas: Canvas, device: torch.device) -> Layers:
    size = max(8, round(canvas.side * (1 + 2 * MARGIN)))
    pixels, plate, matte = (_resized(image, size) for image in (appearance.pixels, appearance.plate, appearance.matte))
    side = 1 + 2 * MARGIN
    return _layers(pixels, plate, matte / 255, (-MARGIN, -MARGIN, side, side), canvas, device)


def _layers(
    photo: NDArray[np.float32],
    plate: NDArray[np.float32],
    matte: NDArray[np.float32],
    rectangle: tuple[float, float, float, float],
    canvas: Canvas,
    device: torch.device,
) -> Layers:
    def texture(image: NDArray[np.float32]) -> Texture:
        return Texture(torch.from_numpy(image.transpose(2, 0, 1).copy()).to(device), *rectangle)

    share = 1 - matte[..., None]
    person = np.concatenate([photo - share * plate, share], -1)
    places = canvas.nodes(canvas.height, canvas.width, device)[None]
    return Layers(texture(person), texture(photo), texture(plate).at(places)[0])


def _resized(image: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    image = image.astype(np.float32)
    if len(image) == size:
        return image
    interpolation = cv2.INTER_AREA if len(image) > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (size, size), interpolation=interpolation).clip(0, 255), np.float32)
