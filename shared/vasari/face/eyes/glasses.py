"""Glasses on the photo: their rims move with the skull, whatever the skin behind them does.

No network knows them here. What tells them is the bridge: no bare face has a thin dark or bright line from one eye to
the other across the nose. Rims are what hangs together with that line. The least contrast along the best such line,
over the skin's brightness, is 0.21 and 0.44 on two faces with glasses, and at most 0.06 on 28 bare ones.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.picture.patches import Patch, blur
from vasari.face.shape.canonical import FaceSpace
from vasari.values.appearance import RIGID_GRID
from vasari.values.landmarks import EYES

Array = NDArray[np.float64]
Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

_HALF_PATCH, _SIZE = 1.1, 256
_THICKEST = 0.15
"""Of a rim, in interocular distances."""
_BRIDGE = 0.11
"""Contrast of the line across the nose from which on it is a bridge."""
_NOSE, _ABOVE, _BELOW = 0.16, 0.16, 0.24
"""Where the bridge is looked for: half the width, and how far above and below the eyes, in interocular distances."""
_HIGHEST, _LOWEST = -0.45, 0.55
"""Where rims may lie below the eyes, in interocular distances."""
_HELD = 0.04
"""How far around rims the skin is held, in interocular distances."""
_SKIN = (50, 280, 205, 425, 6, 197)
_LENS = 0.30
"""Radius of what sunglasses surely cover."""
_DARK_LENS = 0.45
"""Brightness over the skin's that all of a dark lens stays below."""


def glasses_patch(space: FaceSpace) -> Patch:
    right = space.axes[:2, 0] / np.linalg.norm(space.axes[:2, 0])
    return Patch(space.origin[:2], _HALF_PATCH * space.interocular, _SIZE, right)


def glasses(patch: Patch, pixels: NDArray[np.uint8], points: Array, space: FaceSpace) -> Image | None:
    """(G, G) how far a pixel is glasses, 0..1: the rims, and the whole of dark lenses. None on a bare face.

    Args:
        points: (478, 3) in frame units.
    """
    unit = patch.length(space.interocular)
    brightness = patch.sample(pixels).mean(2)
    places = patch.pixel(points[:, :2])
    inside = places[list(_SKIN)].round().astype(int).clip(0, patch.size - 1)
    brightness = brightness / max(float(np.median(brightness[inside[:, 1], inside[:, 0]])), 8.0)
    fine = blur(brightness, 0.008 * unit)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * int(_THICKEST * unit / 2) + 1,) * 2)
    lines = [
        np.asarray(cv2.morphologyEx(fine, operation, kernel), np.float32)
        for operation in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT)
    ]
    contrasts = [_bridge(line, unit) for line in lines]
    contrast = max(contrasts)
    if contrast < _BRIDGE:
        return None
    line = lines[int(np.argmax(contrasts))]
    rims = _hanging_together(line > 0.4 * contrast, line > 0.95 * contrast, unit)
    lenses = _dark_lenses(fine, places, unit)
    near = np.asarray(cv2.dilate(rims.astype(np.float32), np.ones((3, 3), np.uint8)), np.float32)
    # Near the eyes, where folds of the lids run into the rims, only what is as clear as the clearest of these counts.
    clear = _near_eyes(patch, points, unit) * (0.7 * float(np.percentile(line[rims], 95)) - contrast)
    soft = np.clip((line / (contrast + np.maximum(clear, 0)) - 0.25) / 0.3, 0, 1) * near
    return np.asarray(np.maximum(soft, lenses), np.float32)


def rigidity(patch: Patch, worn: Image | None, space: FaceSpace) -> NDArray[np.uint8]:
    """(RIGID_GRID, RIGID_GRID) over the frame: how far glasses keep the face's expression from moving a place."""
    if worn is None:
        return np.zeros((RIGID_GRID, RIGID_GRID), np.uint8)
    unit = patch.length(space.interocular)
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * int(_HELD * unit) + 1,) * 2)
    held = blur(np.asarray(cv2.dilate(worn, reach), np.float32), 0.7 * _HELD * unit)
    line = (np.arange(RIGID_GRID) + 0.5) / RIGID_GRID
    places = patch.pixel(np.stack(np.meshgrid(line, line), -1)).astype(np.float32)
    return np.asarray((255 * cv2.remap(held, places[..., 0], places[..., 1], cv2.INTER_LINEAR)).round(), np.uint8)


def _bridge(line: Image, unit: float) -> float:
    """The least contrast along the line across the nose whose least contrast is the largest."""
    middle = len(line) / 2
    strip = line[
        int(middle - _ABOVE * unit) : int(middle + _BELOW * unit),
        int(middle - _NOSE * unit) : int(middle + _NOSE * unit) + 1,
    ]
    best = strip[:, 0]
    for column in strip.T[1:]:
        near = best.copy()
        for step in (1, 2):
            near[step:] = np.maximum(near[step:], best[:-step])
            near[:-step] = np.maximum(near[:-step], best[step:])
        best = np.minimum(near, column)
    return float(best.max())


def _hanging_together(line: Mask, bridge: Mask, unit: float) -> Mask:
    """What hangs together with the bridge. That may be the lids' lines and the brows as well: see `closed_lid`."""
    rows, columns = np.mgrid[: len(line), : len(line)] - len(line) / 2
    _, labels = cv2.connectedComponents((line & (rows > _HIGHEST * unit) & (rows < _LOWEST * unit)).astype(np.uint8))
    nose = (np.abs(columns) < _NOSE * unit) & (rows > -_ABOVE * unit) & (rows < _BELOW * unit)
    return np.isin(labels, np.setdiff1d(np.unique(labels[bridge & nose]), [0]))


def _near_eyes(patch: Patch, points: Array, unit: float) -> Image:
    """(G, G) 1 at the eyes and their lids, 0 farther away."""
    eyes = np.max([patch.fill(points[[*eye.upper, *eye.lower[::-1]], :2]) for eye in EYES], 0)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * int(0.11 * unit) + 1,) * 2)
    return blur(np.asarray(cv2.dilate(eyes, around), np.float32), 0.02 * unit)


def _dark_lenses(brightness: Image, places: Array, unit: float) -> Image:
    """Discs around the eyes when both are hidden by something dark all over."""
    rows, columns = np.mgrid[: len(brightness), : len(brightness)]
    discs = []
    for eye in EYES:
        x, y = places[[eye.upper[0], eye.upper[-1]]].mean(0)
        distance = np.hypot(columns - x, rows - y - 0.04 * unit) / unit
        if np.percentile(brightness[distance < 0.2], 95) > _DARK_LENS:
            return np.zeros_like(brightness)
        discs.append(np.clip((_LENS - distance) / 0.04, 0, 1))
    return np.asarray(np.maximum(*discs), np.float32)
