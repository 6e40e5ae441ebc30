"""Where a photo's picture ends: bars, margins and what a screen shows around it are no part of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SAMPLES = 256
"""Places along a border that are looked at."""
_EVEN = 8
"""Levels by which the pixels of a bar differ."""
_STEP = 12
"""Levels by which a picture's edge differs from the bar beside it, at least,"""
_SPAN = 4
"""over so many pixels: scaled pictures have soft edges."""
_RISE = (0.15, 0.5)
"""From the first to the second part of what the picture differs by that step leads: all of it, but a little."""
_RINGING = 8
"""Pixels of a bar beside an edge that compression spoils."""
_BESIDE, _OUTSIDE = 0.95, 0.6
"""Part of what lies beside the picture, and of all that lies outside, that has one color: a screen has words and signs
on it, but not at the picture's edge."""
_EDGE = 0.35
"""Part of an edge's length at which the color steps: a picture may be as dark as its bar in places."""
_WIDEST_LINE = 8
"""Pixels of lines along a photo's edges that are cut off, even or not."""
_INTO_FACE = 0.1
"""Of the face's size: so far into its box a bar may reach."""

Rows = NDArray[np.int16]


def picture_extent(photo: NDArray[np.uint8], face: NDArray[np.floating[Any]]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of the picture in a photo: without even bars of any width, without the screen that a
    screenshot shows around it, and without the thin lines that scans and cut-outs leave.

    Only what ends at a straight edge is cut off: a picture that grows dark towards its own border stays whole.

    Args:
        photo: (H, W, 3).
        face: (4,) x0 y0 x1 y1 of the face in it, which stays.

    Returns:
        Rows and columns, the ends excluded.
    """
    height, width = photo.shape[:2]
    into = _INTO_FACE * float(max(face[2:] - face[:2]))
    x0, y0, x1, y1 = face
    room = (np.array([y0, width - x1, height - y1, x0]) + into).astype(int).clip(0)
    cut = [0, 0, 0, 0]  # top, right, bottom, left: the first rows of the photo, turned by no to three quarters
    for find in (_outside, _outside, _line):  # a second time, for edges that other bars made look short
        for side in range(4):
            part = photo[cut[0] : height - cut[2], cut[3] : width - cut[1]]
            cut[side] += find(np.rot90(part, side), int(room[side]) - cut[side])
    return cut[0], height - cut[2], cut[3], width - cut[1]


def _outside(picture: NDArray[np.uint8], most: int) -> int:
    """How many of a picture's first rows, of at most so many, are a bar or a screen."""
    rows: Rows = picture[: most + _SPAN, :: -(-picture.shape[1] // _SAMPLES)].astype(np.int16)
    if len(rows) <= _SPAN:
        return 0
    steps = _unlike(rows[_SPAN:], rows[:-_SPAN], _STEP)
    colors = np.median(rows, 1).astype(np.int16)
    even = _unlike(rows, colors[:, None], _EVEN) < 1 - _BESIDE
    for row in np.flatnonzero(steps > _EDGE)[::-1]:
        before = np.flatnonzero(even[max(0, row - _RINGING) : row + 1])
        if not len(before):
            continue
        last = max(0, int(row) - _RINGING) + int(before[-1])
        color = colors[last]
        alike = 1 - float(_unlike(rows[: last + 1], color, _EVEN).mean())
        if alike > _OUTSIDE:
            away = np.abs(rows[last : row + 3 * _SPAN] - color).max(2).mean(1)
            begun, edge = (int(np.argmax(away > part * away.max())) for part in _RISE)
            if edge - begun < _SPAN:  # slower, it is the picture itself that grows dark
                return min(most, last + edge + 1)  # the first row is half of each
    return 0


def _unlike(rows: Rows, others: Rows, levels: int) -> NDArray[np.float64]:
    """(n,) part of each row that differs by more than so many levels."""
    return np.asarray((np.abs(rows - others).max(2) > levels).mean(1))


def _line(picture: NDArray[np.uint8], most: int) -> int:
    """How many of the first rows are a line that most of the picture differs from."""
    rows = picture[: _WIDEST_LINE + 1].mean(2)
    differs = [np.median(np.abs(row - rows[-1])) > 25 for row in rows[:-1]]
    return min(most, 1 + max(k for k, d in enumerate(differs) if d)) if any(differs) else 0
