"""The appearance's pictures as textures on a device, at the density of the canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

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


_WITH_MARGIN = (-MARGIN, -MARGIN, 1 + 2 * MARGIN, 1 + 2 * MARGIN)
"""The rectangle of the frame that the aligned pixels cover."""


def face_layers(appearance: Appearance, canvas: Canvas, device: torch.device) -> Layers:
    """From the aligned pixels: the canvas shows the frame."""
    size = max(8, round(canvas.side * (1 + 2 * MARGIN)))
    pixels, plate, matte = (_resized(image, size) for image in (appearance.pixels, appearance.plate, appearance.matte))
    return _layers(pixels, plate, matte / 255.0, _WITH_MARGIN, canvas, device)


def portrait_layers(
    appearance: Appearance, photo: NDArray[np.uint8], canvas: Canvas, row: int, column: int, device: torch.device
) -> Layers:
    """From the photo, already of the video's size: the canvas is the part of it that begins at (row, column)."""
    # A texture a little larger than frame and margin; what the photo does not have is as the encoder continued it.
    size = max(8, round(canvas.side * (1 + 2 * MARGIN)))
    reach = canvas.side * MARGIN
    above, beside = (max(0, math.ceil(reach - n)) for n in (canvas.top, canvas.left))
    height = above + max(canvas.height, math.ceil(canvas.top + canvas.side + reach))
    width = beside + max(canvas.width, math.ceil(canvas.left + canvas.side + reach))
    area = Canvas(height, width, canvas.left + beside, canvas.top + above, canvas.side)
    places = area.nodes(height, width, torch.device("cpu"))[None]

    def over_area(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        whole = torch.from_numpy(_resized(image, size).reshape(size, size, -1).transpose(2, 0, 1).copy())
        return np.asarray(Texture(whole, *_WITH_MARGIN).at(places)[0].permute(1, 2, 0).numpy())

    pixels, plate, matte = (over_area(i) for i in (appearance.pixels, appearance.plate, appearance.matte))
    inside = photo[row : row + height - above, column : column + width - beside]
    pixels[above : above + inside.shape[0], beside : beside + inside.shape[1]] = inside
    # Away from the person the plate is the photo, down to lines that the encoder took for a picture frame.
    reach_of_person = 2 * math.ceil(0.03 * canvas.side) + 1
    near = cv2.dilate(matte[..., 0] / 25, np.ones((reach_of_person, reach_of_person), np.uint8)).clip(0, 1)
    plate = pixels + (plate - pixels) * near[..., None]
    rectangle = (-area.left / area.side, -area.top / area.side, width / area.side, height / area.side)
    return _layers(pixels, plate, matte[..., 0] / 255, rectangle, canvas, device)


def _layers(
    photo: NDArray[np.float32],
    plate: NDArray[np.float32],
    matte: NDArray[Any],
    rectangle: tuple[float, float, float, float],
    canvas: Canvas,
    device: torch.device,
) -> Layers:
    def texture(image: NDArray[np.float32]) -> Texture:
        return Texture(torch.from_numpy(image.transpose(2, 0, 1).copy()).to(device), *rectangle)

    share = 1 - matte[..., None]
    person = np.concatenate([photo - share * plate, share], -1).astype(np.float32)
    places = canvas.nodes(canvas.height, canvas.width, device)[None]
    return Layers(texture(person), texture(photo), texture(plate).at(places)[0])


def _resized(image: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    if len(image) == size:
        return image.astype(np.float32)
    interpolation = cv2.INTER_AREA if len(image) > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image.astype(np.float32), (size, size), interpolation=interpolation).clip(0, 255))
