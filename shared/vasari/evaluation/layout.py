"""Pictures in rows under headings, each with a line below it: how a contact sheet is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB."""
Labelled = tuple[Picture, str]

_COLUMNS, _MANY_COLUMNS, _MANY = 8, 16, 32
"""Pictures in a row, and in a row of a sheet that has many under one heading."""
_GAP: Final = 8
_PAPER, _INK, _FAINT = (250, 250, 248), (24, 24, 26), (112, 112, 118)


def laid_out(title: str, above: Image.Image | None, groups: Sequence[tuple[str, Sequence[Labelled]]]) -> Image.Image:
    """A sheet: the title, a picture as wide as the sheet, and the groups under their names.

    Args:
        groups: pictures of one width; those of a group are of one height.
    """
    width = groups[0][1][0][0].shape[1]
    text, heading, head = _font(max(11, width // 15)), _font(max(15, width // 8), bold=True), _font(26, bold=True)
    line, named = round(1.5 * text.size), round(2.2 * heading.size)
    columns = _MANY_COLUMNS if max(len(pictures) for _, pictures in groups) > _MANY else _COLUMNS
    broad = columns * (width + _GAP) + 3 * _GAP
    if above is not None:
        inner = broad - 4 * _GAP
        above = above.resize((inner, round(above.height * inner / above.width)), Image.Resampling.LANCZOS)

    y = 2 * _GAP + (round(1.6 * head.size) if title else 0)
    rows = [named * bool(name) + -(-len(p) // columns) * (p[0][0].shape[0] + line + _GAP) for name, p in groups]
    sheet = Image.new("RGB", (broad, y + (above.height if above else 0) + sum(rows) + _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((2 * _GAP, _GAP), _fitting(title, head, broad - 4 * _GAP), _INK, head)
    if above is not None:
        sheet.paste(above, (2 * _GAP, y))
        y += above.height
    for (name, pictures), row in zip(groups, rows, strict=True):
        draw.text((2 * _GAP, y + 0.7 * heading.size), name, _INK, heading)
        height = pictures[0][0].shape[0]
        for place, (picture, label) in enumerate(pictures):
            left = 2 * _GAP + place % columns * (width + _GAP)
            down = y + named * bool(name) + place // columns * (height + line + _GAP)
            sheet.paste(Image.fromarray(picture), (left, down))
            draw.text((left + 1, down + height + 2), _fitting(label, text, width), _FAINT, text)
        y += row
    return sheet


def plotted(figure: Figure) -> Image.Image:
    """A figure of pyplot's as a picture; closes it."""
    from matplotlib import pyplot

    figure.tight_layout()
    figure.canvas.draw()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])  # type: ignore[attr-defined]
    pyplot.close(figure)
    return picture


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
