"""Where the frame lies in the photo, and its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.values.appearance import MARGIN
from vasari.values.landmarks import CHIN, FOREHEAD, OVAL

_FACE_HEIGHT = 0.43
"""Part of the frame that the face takes from forehead to chin, when the photo has room for it."""
_LARGEST_FACE_HEIGHT = 0.54
"""The frame shrinks to stay inside the photo until the face takes this part of it."""
_FACE_CENTER = 0.46
"""Height of the face's middle in the frame: hair needs more room than the neck."""
_LARGEST_SHIFT = 0.18
"""The frame moves by at most this part of its side to stay inside the photo."""
_SMALLEST, _LARGEST = 512, 768
"""Pixels along the frame's side: smaller crops are enlarged, larger ones reduced."""


@dataclass(frozen=True)
class Frame:
    """A square of the photo: left, top and side in its pixels, and the side in pixels of its own."""

    left: int
    top: int
    side: int

    @property
    def resolution(self) -> int:
        return min(max(self.side, _SMALLEST), _LARGEST)

    def units(self, points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(N, 3) landmarks (pixel i at coordinate i) -> frame units."""
        corner = np.array([self.left - 0.5, self.top - 0.5, 0.0])
        return (np.asarray(points, np.float64) - corner) / self.side


def choose_frame(landmarks: NDArray[np.floating[Any]], height: int, width: int) -> Frame:
    """Head and shoulders of the face with these (478, 3) points, in a photo of this size."""
    face = float(np.linalg.norm((landmarks[CHIN] - landmarks[FOREHEAD])[:2]))
    side = min(face / _FACE_HEIGHT, max(float(min(height, width)), face / _LARGEST_FACE_HEIGHT))
    side = 8 * round(side / 8)  # so that the margin is whole pixels
    x = landmarks[list(OVAL), 0].mean()
    y = (landmarks[FOREHEAD, 1] + landmarks[CHIN, 1]) / 2
    left = _inside(x - side / 2, side, width)
    top = _inside(y - side * _FACE_CENTER, side, height)
    return Frame(left, top, side)


def _inside(start: float, side: int, length: int) -> int:
    """Start of the frame along one axis, moved towards the photo (or centered when the photo is the smaller)."""
    nearest = np.clip(start, min(0, length - side), max(0, length - side))
    return round(float(np.clip(nearest, start - _LARGEST_SHIFT * side, start + _LARGEST_SHIFT * side)))


def cut(photo: NDArray[np.uint8], frame: Frame) -> NDArray[np.uint8]:
    """(N, N, 3) pixels of the frame and its margin; where they leave the photo, the photo is continued."""
    margin = int(frame.side * MARGIN)
    size = round(frame.resolution * (1 + 2 * MARGIN))
    region = continued(photo, frame.left - margin, frame.top - margin, frame.side + 2 * margin)
    return np.asarray(_resize(region, size))


def continued(photo: NDArray[np.uint8], left: int, top: int, side: int) -> NDArray[np.uint8]:
    """A square of the photo that may leave it. Outside, the picture is mirrored and ever more blurred, so that
    neither streaks nor a second copy of things draw the eye."""
    height, width = photo.shape[:2]
    before = (max(0, -top), max(0, -left))
    after = (max(0, top + side - height), max(0, left + side - width))
    inside = photo[max(0, top) : top + side, max(0, left) : left + side]
    if not any((*before, *after)):
        return inside
    padded = cv2.copyMakeBorder(inside, before[0], after[0], before[1], after[1], cv2.BORDER_REFLECT_101)
    x, y = np.arange(side) + 0.5, np.arange(side)[:, None] + 0.5
    outside = np.maximum(
        np.maximum(before[1] - x, x - (side - after[1])), np.maximum(before[0] - y, y - (side - after[0]))
    )
    result = padded.astype(np.float32)
    for sigma, begin in ((0.008, 0.0), (0.03, 0.03)):
        blurred = cv2.GaussianBlur(padded, (0, 0), sigma * side).astype(np.float32)
        share = np.clip((outside - begin * side) / (0.04 * side), 0, 1)[..., None]
        result += (blurred - result) * share.astype(np.float32)
    return result.round().astype(np.uint8)


def _resize(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    if len(image) == size:
        return image
    return np.asarray(
        cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if len(image) > size else cv2.INTER_CUBIC),
        np.uint8,
    )
