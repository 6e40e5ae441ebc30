"""Teeth that a photo shows: where they are, and where their edges run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.picture.patches import Image, Patch, blur
from vasari.face.shape.canonical import FaceSpace
from vasari.values.landmarks import LOWER_LIP, UPPER_LIP

Array = NDArray[np.float64]

_PARTED = 0.025
"""Lips less apart than this (interocular distances) show no teeth worth keeping."""
_LEAST = 0.0025
"""Of their area, in squares of the interocular distance."""
_ENOUGH = 0.05
"""Of their area to tell the color of all of them."""
_CHEEKS = (50, 280, 205, 425)
_REDDER = 0.04
"""Teeth are hardly redder than the skin; what is, is tongue, gums or lip."""
_BETWEEN = 0.02
"""Half the width of what is between teeth."""
_DIM = 0.85
"""Teeth that are darker than so many times the skin lie in the lips' shadow, and tell little of themselves."""
_HALF_FRONT = 0.12
"""Half the width of the two upper central incisors and a little."""
_ROW = 0.008
"""Height of the rows in which teeth are counted."""


@dataclass(frozen=True)
class PhotographedTeeth:
    upper: Image
    """(K, K) how far a pixel of the mouth's patch shows an upper tooth, 0..1."""
    lower: Image
    color: NDArray[np.float32] | None
    """(3,) RGB of enamel, if the photo shows teeth."""
    certainty: float
    """How far that tells the color of all teeth, 0..1: a few are shaded by the lips, and blurred with them."""
    upper_edge: float | None
    """How far below the upper lip's margin the upper incisors end (interocular distances), if the photo shows it."""
    lower_edge: float | None
    """Likewise where the lower incisors begin."""

    def layers(self) -> NDArray[np.uint8]:
        """(K, K, 2) 0..255"""
        return (np.stack([self.upper, self.lower], -1) * 255).round().astype(np.uint8)


def photographed_teeth(patch: Patch, pixels: NDArray[np.uint8], points: Array, space: FaceSpace) -> PhotographedTeeth:
    """points: (478, 3) in frame units."""
    unit = space.interocular
    none = np.zeros((patch.size, patch.size), np.float32)
    nothing = PhotographedTeeth(none, none, None, 0.0, None, None)
    upper_lip, lower_lip = patch.pixel(points[list(UPPER_LIP[0]), :2]), patch.pixel(points[list(LOWER_LIP[0]), :2])
    if np.linalg.norm(points[14] - points[13]) < _PARTED * unit:
        return nothing
    image, pixel = patch.sample(pixels), patch.length(unit)
    between = patch.fill(points[[*UPPER_LIP[0], *LOWER_LIP[0][::-1]], :2])
    between = np.asarray(cv2.erode(between, np.ones((3, 3), np.uint8)), np.float32)
    lips = patch.fill(points[[*LOWER_LIP[1], *LOWER_LIP[3][::-1]], :2]) > 0.9

    bright = blur(image.mean(2), 0.008 * pixel)
    redness = blur(_redness(image), 0.012 * pixel)
    inside = between > 0.5
    lip_bright, lip_redness = float(np.median(bright[lips])), float(np.median(redness[lips]))
    brightest = float(np.percentile(bright[inside], 95)) if inside.any() else 0.0
    palest = float(np.percentile(redness[inside], 10)) if inside.any() else 0.0
    if brightest < 0.75 * lip_bright:
        return nothing
    pale = redness < palest + 0.42 * max(lip_redness - palest, 0.06)
    teeth = inside & pale & (bright > 0.62 * brightest)
    teeth = cv2.morphologyEx(teeth.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    skin = np.median([Patch(points[v, :2], 0.04 * unit, 8).sample(pixels).mean((0, 1)) for v in _CHEEKS], 0)
    if teeth.sum() < _LEAST * pixel**2 or _redness(image[teeth].mean(0)) > _redness(skin) + _REDDER:
        return nothing
    if np.percentile(image[teeth].mean(1), 75) < _DIM * skin.mean():
        return nothing

    # What is between teeth is theirs, too, as are the seams along their gums.
    gap = np.ones((2 * round(_BETWEEN * pixel) + 1,) * 2, np.uint8)
    row = (cv2.morphologyEx(teeth.astype(np.uint8), cv2.MORPH_CLOSE, gap) > 0) & inside

    # Coordinates down the face from the line of the upper lip's margin, and across.
    down = space.axes[:2, 1] / np.linalg.norm(space.axes[:2, 1])
    y, x = np.mgrid[: patch.size, : patch.size].astype(float)
    across = np.array([down[1], -down[0]])
    middle = (upper_lip[5] + lower_lip[5]) / 2
    place, depth = ((x - middle[0]) * v[0] + (y - middle[1]) * v[1] for v in (across, down))
    order = np.argsort(upper_lip @ across)
    lip = np.interp(place, (upper_lip - middle)[order] @ across, (upper_lip - middle)[order] @ down)
    below = (depth - lip) / pixel

    front = inside & (np.abs(place) < _HALF_FRONT * pixel)
    edge, seen = _upper_edge(teeth, front, bright, below)
    upper, lower = row & (below < edge + 0.012), row & (below >= edge + 0.012)
    begins = float(np.percentile(below[lower & front], 5)) if (lower & front).sum() > 20 else None
    whole = cv2.erode(teeth.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    color = np.percentile(image[whole if whole.any() else teeth], 75, axis=0).astype(np.float32)
    soft = 0.012 * pixel
    masks = [blur(np.asarray(mask, np.float32), soft) for mask in (upper, lower)]
    certainty = min(float(teeth.sum()) / pixel**2 / _ENOUGH, 1.0)
    return PhotographedTeeth(masks[0], masks[1], color, certainty, edge if seen else None, begins)


def _redness(colors: NDArray[np.floating[Any]]) -> Image:
    """(..., 3) RGB -> (...)"""
    return np.asarray((colors[..., 0] - colors[..., 1]) / np.maximum(colors.mean(-1), 8), np.float32)


def _upper_edge(teeth: NDArray[np.bool_], front: NDArray[np.bool_], bright: Image, below: Array) -> tuple[float, bool]:
    """Down to where teeth are upper ones, and whether their edges are seen there: at the dark below them, or at the
    dark line that parts them from the lower ones. Teeth far from the upper lip are lower ones."""
    rows = np.round(below / _ROW).astype(int)
    last = int(rows[front].max(initial=0))
    counts = [front & (rows == row) for row in range(last + 1)]
    full = max(int(here.sum()) for here in counts)
    seen = [here for here in counts if here.sum() > 0.4 * full]  # the lips' margins are not straight
    shares = np.array([teeth[here].mean() for here in seen])
    means = np.array([bright[here].mean() for here in seen])
    shown = np.flatnonzero(shares > 0.5)
    if not len(shown):
        return np.inf, False
    if shown[0] * _ROW > max(0.045, (len(seen) - shown[-1]) * _ROW):
        return -np.inf, False
    for row in range(int(shown[0]) + 2, len(seen) - 1):
        beside = np.concatenate([means[max(0, row - 5) : row], means[row + 1 : row + 6]])
        line = (
            row * _ROW > 0.06
            and means[row] <= beside.min()
            and means[row] < 0.93 * min(means[max(0, row - 5) : row].max(), means[row + 1 : row + 6].max())
        )
        if line or shares[row : row + 2].max() < 0.4:
            return float(row * _ROW), True
    return np.inf, False
