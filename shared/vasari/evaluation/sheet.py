"""Contact sheets: many poses and expressions of one face on one picture, to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vasari.evaluation.cells import Cell, Section, cells, posed
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, Motion
from vasari.values.landmarks import EYES, LOWER_LIP, OVAL, UPPER_LIP

Picture = NDArray[np.uint8]
Show = Callable[[str, int, int], None]
"""Called with what is done, and how much of it and in all."""

_COLUMNS, _MANY_COLUMNS, _MANY = 8, 16, 64
"""Pictures in a row, and in a row of a sheet of many."""
_LARGEST: Final = 1024
"""Pixels along the frame's side at which a crop is rendered at most."""
_GAP: Final = 8
_PAPER, _INK, _FAINT = (250, 250, 248), (24, 24, 26), (112, 112, 118)


class Crop(StrEnum):
    """What part of the frame the pictures show."""

    FRAME = "frame"
    FACE = "face"
    EYES = "eyes"
    MOUTH = "mouth"


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
    sections: Sequence[Section],
    *,
    crop: Crop | None = None,
    size: int = 200,
    title: str = "",
    device: str = "cpu",
    show: Show = lambda _what, _done, _total: None,
) -> Image.Image:
    """Draw a sheet; its first pictures are the photo, the expression it was taken with, and the neutral face.

    Args:
        photo: (H, W, 3) RGB that `appearance` was encoded from.
        crop: what the pictures show; without it the face, and the frame where poses are shown.
        size: pixels along the longer side of a picture.
        show: told how many pictures are done.
    """
    first = [Cell("as photographed", appearance.source_motion), Cell("neutral", posed())]
    groups: list[tuple[str, list[Cell]]] = [("", first), *((section.value, cells(section)) for section in sections)]
    every = [(cell, _window(crop, name, appearance)) for name, group in groups for cell in group]

    side = max(size / max(window.width, window.height) for _, window in every)
    renderer = Renderer(appearance, RenderOptions(size=2 * round(min(side, _LARGEST) / 2), photo=photo), device)
    motion = Motion.concatenate(cell.motion for cell, _ in every)
    frames = (frame for batch in renderer.frames(motion) for frame in batch.cpu().numpy())
    pictures = [every[0][1].cut(_frame_of(photo, appearance), size)]
    for frame, (_, window) in zip(frames, every, strict=True):
        pictures.append(window.cut(frame, size))
        show("pictures", len(pictures), len(every) + 1)

    labels = ["the photo", *(cell.label for cell, _ in every)]
    counts = [(name, len(group) + (name == "")) for name, group in groups]
    return _laid_out(title, counts, pictures, labels)


def _window(crop: Crop | None, group: str, appearance: Appearance) -> Window:
    return Window.of(crop or (Crop.FRAME if group == Section.POSES else Crop.FACE), appearance)


def _frame_of(photo: Picture, appearance: Appearance) -> Picture:
    """The photo's own pixels in the place of the frame, grey where the frame leaves it."""
    left, top, side = appearance.crop
    edge = max(0, -left, -top, left + side - photo.shape[1], top + side - photo.shape[0])
    padded = cv2.copyMakeBorder(photo, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(200, 200, 200))
    return np.asarray(padded[top + edge : top + edge + side, left + edge : left + edge + side], np.uint8)


def _laid_out(title: str, groups: Sequence[tuple[str, int]], pictures: list[Picture], labels: list[str]) -> Image.Image:
    """Pictures in rows, groups of them under headings."""
    height, width = pictures[0].shape[:2]
    text, heading, head = _font(max(11, width // 15)), _font(max(15, width // 8), bold=True), _font(26, bold=True)
    line = round(1.5 * text.size)
    columns = _MANY_COLUMNS if len(pictures) > _MANY else _COLUMNS
    step_x, step_y = width + _GAP, height + line + _GAP
    rows = [(name, count, -(-count // columns)) for name, count in groups]
    above = {name: round(2.2 * heading.size) if name else 0 for name, _ in groups}
    top = 2 * _GAP + (round(1.6 * head.size) if title else 0)
    total = top + sum(above[name] + n * step_y for name, _, n in rows) + _GAP

    sheet = Image.new("RGB", (columns * step_x + 3 * _GAP, total), _PAPER)
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((2 * _GAP, _GAP), _fitting(title, head, sheet.width - 4 * _GAP), _INK, head)
    index, y = 0, top
    for name, count, n in rows:
        if name:
            draw.text((2 * _GAP, y + 0.7 * heading.size), name.capitalize(), _INK, heading)
        y += above[name]
        for place in range(count):
            x, down = 2 * _GAP + place % columns * step_x, y + place // columns * step_y
            sheet.paste(Image.fromarray(pictures[index]), (x, down))
            draw.text((x + 1, down + height + 2), _fitting(labels[index], text, width), _FAINT, text)
            index += 1
        y += n * step_y
    return sheet


def _fitting(label: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """The label, cut with an ellipsis to what has room."""
    if font.getlength(label) <= width:
        return label
    while label and font.getlength(label + "…") > width:
        label = label[:-1]
    return label + "…"


def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which matplotlib carries."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), size)
