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

from vasari.render.canvas.canvas import Canvas
from vasari.render.canvas.sampling import SharpTexture, Texture
from vasari.values import Appearance
from vasari.values.appearance import MARGIN

Image = NDArray[np.float32]

_AROUND_FACE = 0.6
"""How far beyond the face's points the photo's own texture reaches, interocular distances."""
_RIM = 3.0
"""Pixels of the photo inside the edge of a round picture that are half of what lies around it."""
_HAZE = 0.1
"""Before another background a matte up to this is taken for nothing, and one as near to 1 for all."""


@dataclass(frozen=True)
class Layers:
    """The moving person and the still background.

    A frame is person(source) + still(source) * background(place). The person's texture is the photo less what of the
    background shows through it, so at rest the sum is the photo itself, however good the matte.
    """

    person: SharpTexture
    """(4, h, w) RGB 0..255 of the person times the matte; and the background's share, 0..1."""
    photo: SharpTexture
    """(3, h, w) RGB of the face and a little around it."""
    background: Tensor
    """(3, H, W) on the canvas."""
    behind: Texture
    """(3, h, w) the same and what lies around the canvas, for a camera that moves."""


def layers(
    appearance: Appearance,
    canvas: Canvas,
    shown: NDArray[np.uint8] | None,
    background: NDArray[np.uint8] | None,
    device: torch.device,
) -> Layers:
    """Args:
    shown: (canvas.height, canvas.width, 3) the photo on the canvas; if None, what the appearance keeps of it.
    background: likewise, another picture to stand behind the person.
    """
    area, inner = _with_margin(canvas)
    pixels, plate = _over(area, appearance.pixels), _over(area, appearance.plate)
    matte = _over(area, appearance.matte) / 255
    if shown is not None:
        hole = cv2.compare(appearance.plate, appearance.pixels, cv2.CMP_NE).max(2)
        filled = _over(area, np.asarray(cv2.dilate(hole, np.ones((3, 3), np.uint8)), np.uint8)) > 0
        pixels[inner] += (shown - pixels[inner]) * _known(appearance, canvas)
        # Where the encoder filled in nothing the background is the photo's, to the last bit.
        plate = np.where(filled, plate, pixels)
    person = pixels - (1 - matte) * plate
    if background is not None:
        # Nothing of the old background may come along, nor the haze of it that the faintest parts of a matte are.
        clear = np.clip((matte - _HAZE) / (1 - 2 * _HAZE), 0, 1)
        person = person.clip(0, 255 * matte) * (clear / np.maximum(matte, 1e-3))
        matte = clear
        plate[inner] = background

    layered = np.concatenate([person, 1 - matte], 2)
    return Layers(
        _texture(layered, area, device),
        _around_face(pixels, appearance, area, device),
        torch.from_numpy(plate[inner].transpose(2, 0, 1).copy()).to(device),
        _plain(plate, area, device) if background is None else _plain(plate[inner], canvas, device),
    )


def _known(appearance: Appearance, canvas: Canvas) -> Any:
    """(height, width, 1) 1 where the photo shows what is drawn: within the circle of a round picture."""
    x, y, radius = (float(n) for n in appearance.roundel[:3])
    if not radius:
        return np.float32(1)
    return canvas.disk(x, y, radius - _RIM / appearance.crop[2]).numpy()[..., None]


def _plain(image: Image, area: Canvas, device: torch.device) -> Texture:
    left, top = -area.left / area.side, -area.top / area.side
    planes = torch.from_numpy(image.transpose(2, 0, 1).copy()).to(device)
    return Texture(planes, left, top, area.width / area.side, area.height / area.side)


def _texture(image: Image, area: Canvas, device: torch.device) -> SharpTexture:
    return SharpTexture.of(_plain(image, area, device))


def _around_face(pixels: Image, appearance: Appearance, area: Canvas, device: torch.device) -> SharpTexture:
    points = appearance.landmarks[:, :2] * area.side + [area.left, area.top]
    reach = _AROUND_FACE * appearance.interocular * area.side
    left, top = (points.min(0) - reach).astype(int).clip(0)
    right, bottom = (points.max(0) + reach).astype(int)
    part = pixels[top:bottom, left:right]
    return _texture(part, Canvas(part.shape[0], part.shape[1], area.left - left, area.top - top, area.side), device)


def _with_margin(canvas: Canvas) -> tuple[Canvas, tuple[slice, slice]]:
    """A canvas that shows frame and margin too, and the rows and columns of it that are the first."""
    reach = canvas.side * MARGIN
    above, before = (max(0, math.ceil(reach - n)) for n in (canvas.top, canvas.left))
    below = max(0, math.ceil(canvas.top + canvas.side + reach) - canvas.height)
    after = max(0, math.ceil(canvas.left + canvas.side + reach) - canvas.width)
    height, width = above + canvas.height + below, before + canvas.width + after
    area = Canvas(height, width, canvas.left + before, canvas.top + above, canvas.side)
    return area, (slice(above, above + canvas.height), slice(before, before + canvas.width))


def _over(area: Canvas, image: NDArray[np.uint8]) -> Any:
    """(area.height, area.width, C) of the aligned pixels or what lies over them."""
    size = max(8, round(area.side * (1 + 2 * MARGIN)))
    resized = image.astype(np.float32)
    if len(image) != size:
        interpolation = cv2.INTER_AREA if len(image) > size else cv2.INTER_CUBIC
        resized = cv2.resize(resized, (size, size), interpolation=interpolation).clip(0, 255)
    planes = torch.from_numpy(resized.reshape(size, size, -1).transpose(2, 0, 1).copy())
    places = area.nodes(area.height, area.width, torch.device("cpu"))[None]
    sampled = Texture(planes, -MARGIN, -MARGIN, 1 + 2 * MARGIN, 1 + 2 * MARGIN).at(places)
    return sampled[0].permute(1, 2, 0).numpy().copy()
