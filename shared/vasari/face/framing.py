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
_LARGEST_FACE_HEIGHT = 0.56
"""The frame shrinks to stay inside the photo until the face takes this part of it."""
_FACE_CENTER = 0.46
"""Height of the face's middle in the frame: hair needs more room than the neck."""
_LARGEST_SHIFT = 0.18
"""The frame moves by at most this part of its side to stay inside the photo."""
_STRIP = 0.05
"""Part of the frame's side that is mirrored where the photo ends."""
_WIDEST_EDGE = 8
"""Pixels of lines along a photo's edges that are cut off."""
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
        return np.asarray((points - corner) / self.side)


@dataclass(frozen=True)
class Extent:
    """The part of a photo that is picture: rows top..bottom and columns left..right, the ends excluded."""

    top: int
    bottom: int
    left: int
    right: int


def picture_extent(photo: NDArray[np.uint8]) -> Extent:
    """The photo without the thin lines of frame or paper that scans and cut-outs leave along their edges."""
    gray = photo.mean(2)
    return Extent(
        top=_edge(gray),
        bottom=len(gray) - _edge(gray[::-1]),
        left=_edge(gray.T),
        right=gray.shape[1] - _edge(gray.T[::-1]),
    )


def _edge(gray: NDArray[np.float64]) -> int:
    """How many of the first rows are a line that most of the picture differs from."""
    differs = [np.median(np.abs(row - gray[_WIDEST_EDGE])) > 25 for row in gray[:_WIDEST_EDGE]]
    return 1 + max(k for k, d in enumerate(differs) if d) if any(differs) else 0


def choose_frame(landmarks: NDArray[np.floating[Any]], picture: Extent) -> Frame:
    """Head and shoulders of the face with these (478, 3) points."""
    face = float(np.linalg.norm((landmarks[CHIN] - landmarks[FOREHEAD])[:2]))
    room = min(picture.bottom - picture.top, picture.right - picture.left)
    side = min(face / _FACE_HEIGHT, max(float(room), face / _LARGEST_FACE_HEIGHT))
    side = 8 * round(side / 8)  # so that the margin is whole pixels
    x = landmarks[list(OVAL), 0].mean()
    y = (landmarks[FOREHEAD, 1] + landmarks[CHIN, 1]) / 2
    left = _inside(x - side / 2, side, picture.left, picture.right)
    top = _inside(y - side * _FACE_CENTER, side, picture.top, picture.bottom)
    return Frame(left, top, side)


def _inside(start: float, side: int, first: int, end: int) -> int:
    """Start of the frame along one axis, moved towards the picture."""
    nearest = np.clip(start, min(first, end - side), max(first, end - side))
    return round(float(np.clip(nearest, start - _LARGEST_SHIFT * side, start + _LARGEST_SHIFT * side)))


def cut(photo: NDArray[np.uint8], picture: Extent, frame: Frame) -> NDArray[np.uint8]:
    """(N, N, 3) pixels of the frame and its margin; where they leave the photo, the photo is continued."""
    margin = int(frame.side * MARGIN)
    size = round(frame.resolution * (1 + 2 * MARGIN))
    region = continued(photo, picture, frame.left - margin, frame.top - margin, frame.side + 2 * margin)
    return np.asarray(_resize(region, size))


def nearest_inside(image: NDArray[Any], picture: Extent, frame: Frame) -> NDArray[Any]:
    """A picture in the place of what `cut` made, each pixel outside the photo replaced by the photo's nearest one."""
    (rows, _), (columns, _) = _inside_of(len(image), picture, frame)
    return np.asarray(image[rows[:, None], columns])


def mirrored_inside(image: NDArray[Any], picture: Extent, frame: Frame) -> NDArray[Any]:
    """Likewise, continued outside the photo as `cut` continues it."""
    (_, rows), (_, columns) = _inside_of(len(image), picture, frame)
    return np.asarray(image[rows[:, None], columns])


def _inside_of(
    size: int, picture: Extent, frame: Frame
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For rows and for columns of the cut pixels: the nearest ones inside the picture, and the mirrored ones."""
    scale = size / (frame.side * (1 + 2 * MARGIN))
    axes = []
    for corner, first, end in ((frame.top, picture.top, picture.bottom), (frame.left, picture.left, picture.right)):
        begin, stop = (np.array([first, end]) - corner + frame.side * MARGIN) * scale
        begin, stop = max(0, int(np.ceil(begin))), min(size, int(stop))
        index = np.arange(size)
        axes.append((np.clip(index, begin, stop - 1), _mirrored(index, begin, stop, round(frame.side * scale))[0]))
    return axes[0], axes[1]


def continued(photo: NDArray[np.uint8], picture: Extent, left: int, top: int, side: int) -> NDArray[np.uint8]:
    """A square of the photo that may leave the picture. Outside, the picture's nearest strip is mirrored to and fro and
    ever more blurred, so that neither streaks nor a second copy of things draw the eye."""
    rows, below = _mirrored(np.arange(top, top + side), picture.top, picture.bottom, side)
    columns, beside = _mirrored(np.arange(left, left + side), picture.left, picture.right, side)
    region = photo[rows[:, None], columns]
    outside = np.maximum(below[:, None], beside)
    if not outside.any():
        return region
    result = region.astype(np.float32)
    for sigma, begin in ((0.008, 0.0), (0.03, 0.03)):
        blurred = cv2.GaussianBlur(region, (0, 0), sigma * side).astype(np.float32)
        share = np.clip((outside - begin * side) / (0.04 * side), 0, 1)[..., None]
        result += (blurred - result) * share.astype(np.float32)
    return result.round().astype(np.uint8)


def _mirrored(index: NDArray[np.int64], first: int, end: int, side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices into first..end for places that may lie outside it; and how far outside they lie."""
    strip = max(1, min(end - first - 1, int(_STRIP * side)))
    nearest = np.clip(index, first, end - 1)
    outside = np.abs(index - nearest)
    back = strip - np.abs(outside % (2 * strip) - strip)
    return nearest + np.sign(nearest - index) * back, outside


def _resize(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    if len(image) == size:
        return image
    return np.asarray(
        cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if len(image) > size else cv2.INTER_CUBIC),
        np.uint8,
    )
