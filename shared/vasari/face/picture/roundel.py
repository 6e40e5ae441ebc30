"""Round pictures: avatars that are cut out as a circle, on one color or on nothing.

The circle's edge is no part of what is seen through it: the picture goes on behind it, and the head moves there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.picture.filling import mirrored_fill
from vasari.face.picture.framing import Frame

_LOOKED_AT = 1024
"""Pixels along the longer side of the copy in which circles are looked for and filled around."""
_EVEN = 20
"""Levels by which the color around a circle varies."""
_CORNER = 0.02
"""Side of the corners that tell this color, parts of the picture's."""
_EDGE = 2.5
"""Pixels of the copy within which the edge lies on the circle."""
_SEEN = 0.2
"""Part of the circle at which an edge is seen: the picture may be as bright as what lies around it."""
_STRAY = 0.002
"""Part of the picture that may lie outside of the circle: noise."""
_DIRECTIONS = 720


@dataclass(frozen=True)
class Roundel:
    """A circle in a picture, in its pixels (pixel i at coordinate i), and the RGB of what lies around it."""

    x: float
    y: float
    radius: float
    color: NDArray[np.float64]

    def opened(self, picture: NDArray[np.uint8], unit: float) -> NDArray[np.uint8]:
        """(H, W, 3) the picture, going on beyond the circle.

        Args:
            unit: pixels of an interocular distance.
        """
        height, width = picture.shape[:2]
        shrink = min(1.0, _LOOKED_AT / max(height, width))
        small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        known = self._away(height, width) < -_EDGE / shrink
        known_small = cv2.resize(known.astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA) == 1
        filled = mirrored_fill(small.astype(np.float32), known_small, unit * shrink)
        enlarged = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.where(known[..., None], picture, enlarged.round().astype(np.uint8))

    def within(self, frame: Frame) -> NDArray[np.float32]:
        """(6,) as an Appearance has it."""
        x, y, _ = frame.units(np.array([[self.x, self.y, 0.0]]))[0]
        return np.array([x, y, self.radius / frame.side, *self.color], np.float32)

    def _away(self, height: int, width: int) -> NDArray[np.float64]:
        """(height, width) distance from the circle, less than 0 within."""
        y, x = np.ogrid[:height, :width]
        return np.asarray(np.hypot(x - self.x, y - self.y) - self.radius)


NO_ROUNDEL = np.zeros(6, np.float32)


def find_roundel(picture: NDArray[np.uint8]) -> Roundel | None:
    """The circle that an (H, W, 3) picture is, if it is one: outside of it all has one color, and along enough of it
    the color changes."""
    height, width = picture.shape[:2]
    shrink = min(1.0, _LOOKED_AT / max(height, width))
    small = np.asarray(cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.int16)
    corner = max(3, round(_CORNER * min(small.shape[:2])))
    corners = [np.median(small[y, x].reshape(-1, 3), 0) for y in _ends(corner) for x in _ends(corner)]
    color = np.mean(corners, 0)
    if np.abs(corners - color).max() > _EVEN / 2:
        return None
    alike = (np.abs(small - color).max(2) <= _EVEN).astype(np.uint8)
    _, parts = cv2.connectedComponents(alike, connectivity=4)
    outside = np.isin(parts, [parts[y, x] for y in (0, -1) for x in (0, -1)]) & (alike > 0)
    inside = cv2.morphologyEx((~outside).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outline, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outline:
        return None
    rows, columns = inside.shape
    inscribed = ((columns - 1) / 2, (rows - 1) / 2), min(rows, columns) / 2
    for (x, y), radius in (inscribed, cv2.minEnclosingCircle(np.concatenate(outline))):
        if _is_edge(inside > 0, x, y, radius):
            return Roundel((x + 0.5) / shrink - 0.5, (y + 0.5) / shrink - 0.5, radius / shrink, color)
    return None


def _is_edge(inside: NDArray[np.bool_], x: float, y: float, radius: float) -> bool:
    """Whether what is inside ends at this circle."""
    rows, columns = np.ogrid[: inside.shape[0], : inside.shape[1]]
    beyond = np.hypot(columns - x, rows - y) > radius + _EDGE
    if not beyond.any() or (inside & beyond).sum() > _STRAY * inside.size:
        return False
    angles = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    at = np.stack([x + (radius - _EDGE) * np.cos(angles), y + (radius - _EDGE) * np.sin(angles)])
    column, row = at.round().astype(int)
    there = (row >= 0) & (row < inside.shape[0]) & (column >= 0) & (column < inside.shape[1])
    return bool(inside[row[there], column[there]].sum() > _SEEN * _DIRECTIONS)


def _ends(size: int) -> tuple[Any, Any]:
    return slice(None, size), slice(-size, None)
