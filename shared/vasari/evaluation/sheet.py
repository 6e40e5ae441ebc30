"""Contact sheets: many poses and expressions of one face on one picture, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import cv2
import numpy as np
from PIL import Image

from vasari.evaluation.cells import Cell, Crop, Strip, posed
from vasari.evaluation.figures import Show
from vasari.evaluation.layout import Picture, laid_out
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, Motion
from vasari.values.landmarks import EYES, LOWER_LIP, OVAL, UPPER_LIP

_LARGEST: Final = 1024
"""Pixels along the frame's side at which a crop is rendered at most."""


@dataclass(frozen=True)
class Window:
    """A part of the frame, in frame units."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, crop: Crop, appearance: Appearance) -> Window:
        """Around a feature as the photo has it; moved heads are seen through the same window."""
        points, unit = appearance.landmarks[:, :2], appearance.interocular
        match crop:
            case Crop.FRAME:
                return cls(0.0, 0.0, 1.0, 1.0)
            case Crop.FACE:
                center, width, height = points[list(OVAL)].mean(0) - [0, 0.1 * unit], 3.3, 3.3
            case Crop.EYES:
                lids = [v for eye in EYES for v in (*eye.upper, *eye.lower)]
                center, width, height = points[lids].mean(0) - [0, 0.12 * unit], 2.2, 1.1
            case Crop.MOUTH:
                center, width, height = points[[*UPPER_LIP[3], *LOWER_LIP[3]]].mean(0), 1.5, 1.25
                center = center + np.array([0, 0.1 * unit])
        x, y = center
        return cls(float(x - width * unit / 2), float(y - height * unit / 2), width * unit, height * unit)

    def cut(self, frame: Picture, size: int) -> Picture:
        """The window of an (N, N, 3) frame, `size` pixels along its longer side; white where it leaves the frame."""
        scale = size / max(self.width, self.height) / len(frame)
        shape = (round(self.width * len(frame) * scale), round(self.height * len(frame) * scale))
        # Pixel centres: place x of the window is pixel x - 0.5.
        offset = np.array([self.left, self.top]) * len(frame) * scale
        place = np.array([[scale, 0, 0.5 * scale - 0.5 - offset[0]], [0, scale, 0.5 * scale - 0.5 - offset[1]]])
        if scale < 1:  # no finer detail than the smaller picture holds
            frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 0.4 * (1 / scale - 1) + 1e-3), np.uint8)
        cut = cv2.warpAffine(frame, place, shape, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
        return np.asarray(cut, np.uint8)


def contact_sheet(
    photo: Picture,
    appearance: Appearance,
    strips: Sequence[Strip],
    *,
    crop: Crop | None = None,
    size: int = 200,
    title: str = "",
    above: Image.Image | None = None,
    device: str = "cpu",
    show: Show = lambda _what, _done, _total: None,
) -> Image.Image:
    """Draw a sheet; its first pictures are the photo, the expression it was taken with, and the neutral face.

    Args:
        photo: (H, W, 3) RGB that `appearance` was encoded from.
        crop: what the pictures show, instead of what each strip is best seen in.
        size: pixels along the longer side of a picture.
        above: a picture to stand above all others.
        show: told how many pictures are done.
    """
    first = [Cell("as photographed", appearance.source_motion), Cell("neutral", posed())]
    strips = [Strip("", first), *strips]
    every = [(cell, Window.of(crop or strip.crop, appearance)) for strip in strips for cell in strip.cells]

    side = max(size / max(window.width, window.height) for _, window in every)
    renderer = Renderer(appearance, RenderOptions(size=2 * round(min(side, _LARGEST) / 2), photo=photo), device)
    motion = Motion.concatenate(cell.motion for cell, _ in every)
    frames = (frame for batch in renderer.pictures(motion) for frame in batch)
    pictures = [every[0][1].cut(_frame_of(photo, appearance), size)]
    for frame, (_, window) in zip(frames, every, strict=True):
        pictures.append(window.cut(frame, size))
        show("pictures", len(pictures), len(every) + 1)

    labels = ["the photo", *(cell.label for cell, _ in every)]
    shown = zip(pictures, labels, strict=True)
    counts = [(strip.name, len(strip.cells) + (strip.name == "")) for strip in strips]
    return laid_out(title, above, [(name, list(islice(shown, count))) for name, count in counts])


def _frame_of(photo: Picture, appearance: Appearance) -> Picture:
    """The photo's own pixels in the place of the frame."""
    left, top, side = appearance.crop
    return appearance.upright.of(photo)[top : top + side, left : left + side]
