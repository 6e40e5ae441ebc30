"""Where the frame lies in the picture, and its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.values.appearance import MARGIN
from vasari.values.landmarks import CHIN, FOREHEAD, OVAL

_FACE_HEIGHT = 0.43
"""Part of the frame that the face takes from forehead to chin, when the picture has room for it."""
_FACE_CENTER = 0.46
"""Height of the face's middle in the frame: hair needs more room than the neck."""
_HEADROOM = 0.06
"""Part of the frame above the hair, if the picture has it, and as long as the chin stays above"""
_LOWEST_CHIN = 0.80
"""this height."""
_NEAR_EDGE, _EVEN = 0.25, 0.1
"""Interocular distances from an edge within which lines tell how they cross it, and along it over which that is much
the same."""
_LEAN = 1.0
"""Columns for a row that lines lean by at most; what lies flatter is not believed."""
_SMALLEST, _LARGEST = 512, 768
"""Pixels along the frame's side: smaller crops are enlarged, larger ones reduced."""


@dataclass(frozen=True)
class Frame:
    """A square of the picture: left, top and side in its pixels, and the side in pixels of its own."""

    left: int
    top: int
    side: int

    @property
    def pixels(self) -> int:
        """Along a side of frame and margin, as the appearance keeps them."""
        return round(min(max(self.side, _SMALLEST), _LARGEST) * (1 + 2 * MARGIN))

    @property
    def density(self) -> float:
        """Pixels of its own for one of the picture."""
        return self.pixels / (self.side * (1 + 2 * MARGIN))

    @property
    def corner(self) -> NDArray[np.float64]:
        """(2,) x and y in the picture where the margin begins."""
        return np.array([self.left, self.top]) - MARGIN * self.side

    def within(self, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns of the aligned pixels that lie in a picture of this size."""
        ends = np.array([[0, 0], [width, height]])
        first, stop = (ends - self.corner) * self.density
        columns, rows = (
            slice(max(0, int(np.ceil(f))), min(self.pixels, int(s))) for f, s in zip(first, stop, strict=True)
        )
        return rows, columns

    def units(self, points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(N, 3) landmarks (pixel i at coordinate i) -> frame units."""
        corner = np.array([self.left - 0.5, self.top - 0.5, 0.0])
        return np.asarray((points - corner) / self.side)


def choose_frame(landmarks: NDArray[np.floating[Any]], crown: float, height: int, width: int) -> Frame:
    """Head and shoulders of the face with these (478, 3) points and the hair's highest row: a square inside a picture
    of this size. So a video shows no place that the photo does not show."""
    face = float(np.linalg.norm((landmarks[CHIN] - landmarks[FOREHEAD])[:2]))
    side = 8 * int(min(face / _FACE_HEIGHT, height, width) / 8)  # the margin: an eighth
    middle = (landmarks[FOREHEAD, 1] + landmarks[CHIN, 1]) / 2
    top = min(middle - _FACE_CENTER * side, crown - _HEADROOM * side)
    top = max(top, min(middle - _FACE_CENTER * side, landmarks[CHIN, 1] - _LOWEST_CHIN * side))
    left = landmarks[list(OVAL), 0].mean() - side / 2
    return Frame(round(float(np.clip(left, 0, width - side))), round(float(np.clip(top, 0, height - side))), side)


def cut(picture: NDArray[np.uint8], frame: Frame) -> NDArray[np.uint8]:
    """(N, N, 3) pixels of the frame and its margin, N as `Frame.pixels` says; outside the picture it is mirrored."""
    margin = int(frame.side * MARGIN)
    length = frame.side + 2 * margin
    rows, columns = (
        _mirrored(np.arange(length) + start - margin, 0, size)
        for start, size in zip((frame.top, frame.left), picture.shape, strict=False)
    )
    region, size = picture[rows[:, None], columns], frame.pixels
    if length == size:
        return region
    interpolation = cv2.INTER_AREA if length > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(region, (size, size), interpolation=interpolation), np.uint8)


def continued(
    image: NDArray[Any], part: tuple[slice, slice], size: int, lean: NDArray[np.float32] | None = None
) -> NDArray[Any]:
    """(h, w, ...) of a part of the aligned pixels, mirrored at its borders -> (size, size, ...)

    Args:
        lean: how far lines that cross the upper border lean there, see `lean_of_lines`; they go on straight.
    """
    rows, columns = (_mirrored(np.arange(size), p.start, p.stop) - p.start for p in part)
    result = np.asarray(image[rows[:, None], columns])
    above = part[0].start
    if lean is None or above == 0:
        return result
    # What is mirrored leans the other way; moved sideways by twice that, it does not.
    height = np.arange(above, 0, -1, dtype=np.float32)[:, None] - 0.5
    across = np.broadcast_to(columns.astype(np.float32), (above, size))
    crossing = cv2.remap(lean[None], across, np.zeros_like(across), cv2.INTER_LINEAR)
    crossing = cv2.remap(lean[None], across + crossing * height, np.zeros_like(across), cv2.INTER_LINEAR)
    inside = np.broadcast_to(height - 0.5, across.shape)
    moved = cv2.remap(image, across + 2 * crossing * height, inside, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    result[:above] = moved
    return result


def lean_of_lines(image: NDArray[np.uint8], unit: float) -> NDArray[np.float32]:
    """(w,) how far to the right the lines go that cross the upper border of an (h, w, 3) picture, for each pixel
    that they go down: hair that a photo cuts off.

    unit: pixels of an interocular distance.
    """
    band = cv2.GaussianBlur(image[: max(8, round(_NEAR_EDGE * unit))].mean(2).astype(np.float32), (0, 0), 1.0)
    across, down = (cv2.Sobel(band, cv2.CV_32F, *axis)[2:-2] for axis in ((1, 0), (0, 1)))
    # Brightness does not change along a line x = lean * y: its gradients obey down = -lean * across.

    def along(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(x.mean(0)[None], (0, 0), _EVEN * unit)[0], np.float32)

    lean = -along(across * down) / (along(across * across) + along(down * down) * 0.1 + 4)
    return np.asarray(cv2.GaussianBlur(lean.clip(-_LEAN, _LEAN)[None], (0, 0), _EVEN * unit)[0], np.float32)


def extended(image: NDArray[Any], part: tuple[slice, slice], size: int) -> NDArray[Any]:
    """Likewise, each pixel beyond the part as the nearest one of it."""
    rows, columns = (np.clip(np.arange(size), p.start, p.stop - 1) - p.start for p in part)
    return np.asarray(image[rows[:, None], columns])


def _mirrored(index: NDArray[np.int64], first: int, end: int) -> NDArray[np.int64]:
    """Indices into first..end for places that may lie outside it."""
    period = 2 * (end - first)
    inside = (index - first) % period
    return first + np.minimum(inside, period - 1 - inside)
