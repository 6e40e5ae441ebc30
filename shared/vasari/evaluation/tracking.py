"""What the face mesh sees in rendered frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vasari.face.track import track_faces
from vasari.render import Renderer
from vasari.values import Motion
from vasari.values.landmarks import EYES, EyePoints

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]

_LOOKS: Final = 3
"""Times that each still is shown to the tracker: its region then comes from the still's own landmarks."""


def drawn(renderer: Renderer, motion: Motion) -> list[Picture]:
    """The frames of a motion, (H, W, 3) RGB each."""
    return [frame for batch in renderer.frames(motion) for frame in batch.cpu().numpy()]


def tracked(stills: Iterable[Picture], device: str = "cpu") -> Points:
    """(T, 478, 3) landmarks of pictures that need not follow one another; NaN where no face is found."""
    frames = (still for still in stills for _ in range(_LOOKS))
    return track_faces(frames, device).landmarks[_LOOKS - 1 :: _LOOKS]


def interocular(points: NDArray[Any]) -> NDArray[np.float64]:
    """(..., 478, 3) -> (...) distance between the midpoints of each eye's corners, in the picture."""
    right, left = (points[..., a, :2] + points[..., b, :2] for a, b in ((33, 133), (263, 362)))
    return np.asarray(np.linalg.norm((left - right) / 2, axis=-1), np.float64)


def lip_opening(points: Points) -> NDArray[np.float64]:
    """Distance of the inner lips at the middle, interocular distances."""
    return _apart(points, 13, 14) / interocular(points)


def lip_width(points: Points) -> NDArray[np.float64]:
    """Distance of the mouth's corners, interocular distances."""
    return _apart(points, 61, 291) / interocular(points)


def eye_opening(points: Points) -> NDArray[np.float64]:
    """Height over width of the eyes, their mean."""
    openings = [_height(points, eye) / _apart(points, eye.upper[0], eye.upper[-1]) for eye in EYES]
    return np.asarray(np.mean(openings, 0), np.float64)


def brow_height(points: Points) -> NDArray[np.float64]:
    """Mean height of the brows over the line through the corners of their eye, interocular distances."""
    heights = []
    for eye in EYES:
        corners = points[..., [eye.upper[0], eye.upper[-1]], 1].mean(-1)
        heights.append(corners - points[..., list(eye.brow), 1].mean(-1))
    return np.asarray(np.mean(heights, 0) / interocular(points), np.float64)


def gaze(points: Points) -> NDArray[np.float64]:
    """(..., 2) place of the irises between the corners of their eyes, to the image's right and up, interocular
    distances; the mean of both eyes."""
    places = []
    for eye in EYES:
        corners = points[..., [eye.upper[0], eye.upper[-1]], :2].mean(-2)
        places.append(points[..., eye.iris[0], :2] - corners)
    return np.asarray(np.mean(places, 0) * [1, -1] / interocular(points)[..., None], np.float64)


def _height(points: Points, eye: EyePoints) -> NDArray[np.float64]:
    return np.asarray(np.mean([_apart(points, eye.upper[k], eye.lower[k]) for k in (3, 4, 5)], 0))


def _apart(points: Points, a: int, b: int) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(points[..., a, :2] - points[..., b, :2], axis=-1), np.float64)
