"""Two rows of teeth, drawn."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

_SCALE: Final = 200
"""Pixels per interocular distance."""
ROW_WIDTH, ROW_HEIGHT = 1.5, 0.6
UPPER_EDGE, LOWER_EDGE = 0.25, 0.20
"""Height of the biting edge above the picture's lower or below its upper end, as a part of an interocular distance."""

_UPPER = ((0.125, 0.098, 0.105, 0.085, 0.06, 0.05), (0.150, 0.132, 0.145, 0.125, 0.11, 0.10))
_LOWER = ((0.078, 0.085, 0.092, 0.085, 0.06, 0.05), (0.115, 0.115, 0.12, 0.11, 0.10, 0.10))
_GUM = 0.2


def upper_row(teeth: NDArray[np.float32], gums: NDArray[np.float32]) -> Image:
    """(H, W, 4) RGBA, RGB 0..255 and A 0..1; the biting edge lies UPPER_EDGE below the top."""
    return _row(*_UPPER, teeth, gums, upper=True)


def lower_row(teeth: NDArray[np.float32], gums: NDArray[np.float32]) -> Image:
    """(H, W, 4) RGBA; the biting edge lies LOWER_EDGE below the top."""
    return _row(*_LOWER, teeth, gums, upper=False)


def _row(widths: tuple[float, ...], heights: tuple[float, ...], teeth: Image, gums: Image, *, upper: bool) -> Image:
    """Widths and heights from the middle outwards, in interocular distances, as seen from the front."""
    height, width = int(ROW_HEIGHT * _SCALE), int(ROW_WIDTH * _SCALE)
    edge = UPPER_EDGE if upper else LOWER_EDGE
    y, x = np.mgrid[:height, :width].astype(np.float64)
    x = np.abs((x + 0.5) / _SCALE - ROW_WIDTH / 2)
    above = ((y + 0.5) / _SCALE - edge) * (-1 if upper else 1)  # from the biting edge towards the gums
    color, opacity = np.zeros((height, width, 3)), np.zeros((height, width))
    start = 0.0
    for wide, tall in zip(widths, heights, strict=True):
        within = (x >= start) & (x < start + wide)
        side = np.abs((x - start) / wide - 0.5) * 2  # 0 in the tooth's middle, 1 at its sides
        rounding = 0.09 * np.clip(side - 0.55, 0, 1) ** 2 * (1.0 if upper else 0.7)
        if upper and start > 0.1:
            rounding = rounding + 0.010  # the lateral incisors are shorter
        top = tall - 0.035 * side**2
        tooth = within & (above > rounding) & (above < top)
        arch = np.clip(1 - 1.15 * max(start + wide / 2 - 0.16, 0), 0.55, 1)
        sheen = 0.86 + 0.14 * np.clip(above / (0.6 * tall), 0, 1) - 0.10 * np.clip((above / tall - 0.75) / 0.3, 0, 1)
        shade = (1.04 - 0.13 * side**3 - 0.2 * start) * sheen * arch
        color[tooth] = (teeth * shade[..., None])[tooth]
        gap = tooth & (side > 0.91)
        color[gap] *= 0.86
        gum = within & (above >= top) & (above < tall + _GUM)
        color[gum] = gums * arch * 0.8
        opacity[tooth | gum] = 1
        start += wide
    opacity_blurred = cv2.GaussianBlur(opacity, (0, 0), 1.6)
    color = cv2.GaussianBlur(color * opacity[..., None], (0, 0), 1.6) / np.maximum(opacity_blurred, 0.02)[..., None]
    return np.concatenate([color, opacity_blurred[..., None]], -1).astype(np.float32)
