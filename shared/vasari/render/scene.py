"""What a video shows: the frame itself, or the whole picture with the frame in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.render.canvas.canvas import Canvas
from vasari.render.canvas.layers import Layers, layers
from vasari.render.canvas.sampling import smoothstep, to_bytes
from vasari.render.options import RenderOptions
from vasari.values import Appearance
from vasari.values.appearance import MARGIN, photo_digest


@dataclass(frozen=True)
class Surroundings:
    """What stands still around what is drawn: the picture around the canvas, and what lies around a round picture."""

    picture: Tensor
    """(height, width, 3) uint8."""
    row: int
    column: int
    """Where the canvas begins."""
    feather: Tensor
    """(h, w) of the canvas, 1 within, 0 outside a round picture and at the edges that lie in the picture."""

    def around(self, drawn: Tensor) -> Tensor:
        """(B, 3, h, w) canvases, which are used up -> (B, height, width, 3) uint8 frames.

        What lies around the canvas is copied, to the last bit: its cost does not grow with the picture's."""
        frames = self.picture.repeat(len(drawn), 1, 1, 1)
        still, share = self._still
        frames[:, *self._part] = to_bytes(drawn.lerp_(still, share))
        return frames

    @property
    def _part(self) -> tuple[slice, slice]:
        height, width = self.feather.shape
        return slice(self.row, self.row + height), slice(self.column, self.column + width)

    @cached_property
    def _still(self) -> tuple[Tensor, Tensor]:
        """(1, 3, h, w) what the picture shows where the canvas lies, and (h, w) its share."""
        return self.picture[self._part].permute(2, 0, 1)[None].float(), 1 - self.feather


@dataclass(frozen=True)
class Scene:
    """The pixels that move, and what surrounds them."""

    height: int
    width: int
    canvas: Canvas
    layers: Layers
    surroundings: Surroundings | None
    """None when the canvas is all."""
    whole: bool
    """Whether it shows the whole picture, which no camera moves."""


def face_scene(appearance: Appearance, options: RenderOptions, device: torch.device) -> Scene:
    """Raises ValueError for another photo than the appearance was made of."""
    canvas = Canvas(options.size, options.size, 0.0, 0.0, float(options.size))
    left, top, side = appearance.crop
    shown = None
    if options.photo is not None:
        shown = _resized(_picture(options.photo, appearance)[top : top + side, left : left + side], canvas)
    background = None if options.background is None else _covering(options.background, canvas)
    drawn = layers(appearance, canvas, shown, background, device)
    surroundings = None
    if (disk := _disk(appearance, canvas)) is not None:
        plain = np.empty((canvas.height, canvas.width, 3), np.uint8)
        plain[:] = appearance.roundel[3:].round()
        around = torch.from_numpy(plain if background is None else background)
        surroundings = Surroundings(around.to(device), 0, 0, disk.to(device))
    return Scene(options.size, options.size, canvas, drawn, surroundings, whole=False)


def portrait_scene(appearance: Appearance, options: RenderOptions, device: torch.device) -> Scene:
    """Raises ValueError without the photo that the appearance was made of, or with a background: the person is parted
    from the photo's own around the head only."""
    if options.background is not None:
        raise ValueError("a background needs framing FACE")
    picture = _picture(options.photo, appearance)
    scale = options.size / max(picture.shape[:2])
    height, width = (max(2, 2 * round(n * scale / 2)) for n in picture.shape[:2])
    whole = _resized(picture, Canvas(height, width, 0.0, 0.0, float(options.size)))

    # The canvas is the frame with its margin, as far as the picture goes: hair may move out of the frame.
    left, top, side = (n * scale for n in appearance.crop)
    margin = side * MARGIN
    row, column = max(0, int(top - margin)), max(0, int(left - margin))
    bottom, right = min(height, int(np.ceil(top + side + margin))), min(width, int(np.ceil(left + side + margin)))
    canvas = Canvas(bottom - row, right - column, left - column, top - row, side)
    feather = _ramp(canvas.height, row > 0, bottom < height, side)[:, None] * _ramp(
        canvas.width, column > 0, right < width, side
    )
    if (disk := _disk(appearance, canvas)) is not None:
        feather = feather * disk
    surroundings = Surroundings(torch.from_numpy(whole).to(device), row, column, feather.to(device))
    drawn = layers(appearance, canvas, whole[row:bottom, column:right], None, device)
    return Scene(height, width, canvas, drawn, surroundings, whole=True)


def _picture(photo: NDArray[np.uint8] | None, appearance: Appearance) -> NDArray[np.uint8]:
    if photo is None or photo_digest(photo) != appearance.photo_sha256:
        raise ValueError("the photo must be the one that the appearance was encoded from")
    return appearance.upright.of(photo)


def _resized(picture: NDArray[np.uint8], canvas: Canvas) -> NDArray[np.uint8]:
    interpolation = cv2.INTER_AREA if canvas.height < len(picture) else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (canvas.width, canvas.height), interpolation=interpolation), np.uint8)


def _covering(picture: NDArray[np.uint8], canvas: Canvas) -> NDArray[np.uint8]:
    """The middle of a picture, as large as fills the canvas."""
    height, width = picture.shape[:2]
    scale = max(canvas.height / height, canvas.width / width)
    rows, columns = min(height, round(canvas.height / scale)), min(width, round(canvas.width / scale))
    top, left = (height - rows) // 2, (width - columns) // 2
    return _resized(np.ascontiguousarray(picture[top : top + rows, left : left + columns]), canvas)


def _disk(appearance: Appearance, canvas: Canvas) -> Tensor | None:
    """(h, w) of the canvas, 1 within a round picture; None when it is not round."""
    x, y, radius = (float(n) for n in appearance.roundel[:3])
    return canvas.disk(x, y, radius) if radius else None


def _ramp(length: int, first: bool, last: bool, side: float) -> Tensor:
    """(length,) 0 to 1 over a part of the frame's side, from the first and to the last place if so told."""
    index = torch.arange(length, dtype=torch.float32)
    near = torch.full_like(index, length)
    if first:
        near = torch.minimum(near, index)
    if last:
        near = torch.minimum(near, index.flip(0))
    return smoothstep(near, 0.0, 0.06 * side)
