"""What a video shows: the frame itself, or the whole photo with the frame in it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from vasari.render.canvas import Canvas
from vasari.render.layers import Layers, face_layers, portrait_layers
from vasari.render.options import RenderOptions
from vasari.render.sampling import smoothstep
from vasari.values import Appearance
from vasari.values.appearance import MARGIN, photo_digest


@dataclass(frozen=True)
class Surroundings:
    """The photo around the canvas."""

    photo: Tensor
    """(height, width, 3) uint8."""
    row: int
    column: int
    """Where the canvas begins."""
    feather: Tensor
    """(h, w) of the canvas, 1 within and 0 at the edges that lie in the photo."""

    def around(self, drawn: Tensor) -> Tensor:
        """(B, 3, h, w) canvases -> (B, 3, height, width) frames."""
        height, width = self.feather.shape
        frames = self.photo.permute(2, 0, 1).float().repeat(len(drawn), 1, 1, 1)
        part = frames[:, :, self.row : self.row + height, self.column : self.column + width]
        part += (drawn - part) * self.feather
        return frames


@dataclass(frozen=True)
class Scene:
    """The pixels that move, and what surrounds them."""

    height: int
    width: int
    canvas: Canvas
    layers: Layers
    surroundings: Surroundings | None
    """None when the canvas is all."""


def face_scene(appearance: Appearance, options: RenderOptions, device: torch.device) -> Scene:
    canvas = Canvas(options.size, options.size, 0.0, 0.0, float(options.size))
    return Scene(options.size, options.size, canvas, face_layers(appearance, canvas, device), None)


def portrait_scene(appearance: Appearance, options: RenderOptions, device: torch.device) -> Scene:
    """Raises ValueError without the photo that the appearance was made of."""
    photo = options.photo
    if photo is None or photo_digest(photo) != appearance.photo_sha256:
        raise ValueError("framing PORTRAIT needs the photo that the appearance was encoded from")
    scale = options.size / max(photo.shape[:2])
    height, width = (max(2, 2 * round(n * scale / 2)) for n in photo.shape[:2])
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(photo, (width, height), interpolation=interpolation), np.uint8)

    # The canvas is the frame with its margin, as far as the photo goes: hair may move out of the frame.
    left, top, side = (n * scale for n in appearance.crop)
    margin = side * MARGIN
    row, column = max(0, int(top - margin)), max(0, int(left - margin))
    bottom, right = min(height, int(np.ceil(top + side + margin))), min(width, int(np.ceil(left + side + margin)))
    canvas = Canvas(bottom - row, right - column, left - column, top - row, side)
    layers = portrait_layers(appearance, resized, canvas, row, column, device)
    feather = _ramp(canvas.height, row > 0, bottom < height, side)[:, None] * _ramp(
        canvas.width, column > 0, right < width, side
    )
    surroundings = Surroundings(torch.from_numpy(resized).to(device), row, column, feather.to(device))
    return Scene(height, width, canvas, layers, surroundings)


def _ramp(length: int, first: bool, last: bool, side: float) -> Tensor:
    """(length,) 0 to 1 over a part of the frame's side, from the first and to the last place if so told."""
    index = torch.arange(length, dtype=torch.float32)
    near = torch.full_like(index, length)
    if first:
        near = torch.minimum(near, index)
    if last:
        near = torch.minimum(near, index.flip(0))
    return smoothstep(near, 0.0, 0.06 * side)
