"""What the face mesh sees in rendered frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from vasari.face.finding import region
from vasari.face.finding.mesh import LANDMARKS, MIN_PRESENCE, face_mesh
from vasari.render import Renderer
from vasari.values import Appearance, Motion
from vasari.values.landmarks import EYES, EyePoints

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]

_VIEWS: Final = (
    (0.0, 0.0, 1.0, 0.0),
    (0.04, 0.02, 1.05, 0.05),
    (-0.04, -0.02, 1.05, -0.05),
    (0.02, -0.04, 0.95, -0.1),
    (-0.02, 0.04, 0.95, 0.1),
    (0.0, 0.0, 1.12, 0.0),
)
"""How the views of one face differ: shift right and down as parts of the region's side, zoom, turn in radians."""


def drawn(renderer: Renderer, motion: Motion) -> list[Picture]:
    """The frames of a motion, (H, W, 3) RGB each."""
    return [frame for batch in renderer.pictures(motion) for frame in batch]


def tracked(stills: Iterable[Picture], near: Points, device: str = "cpu") -> Points:
    """(T, 478, 3) landmarks of pictures of one face that need not follow one another; NaN where it is not found.

    Each is the mean of several views: a single one is off by up to a hundredth of the interocular distance, differently
    for every framing, which in a sweep of small steps would pass for jumps.

    Args:
        stills: (H, W, 3) RGB each.
        near: (478, 3) landmarks of the face in a picture much like the first.
    """
    mesh = face_mesh(device)
    views = torch.tensor(_VIEWS, device=device)
    first = region.around_landmarks(torch.from_numpy(near)[None].to(device))
    found, regions = [], first
    for still in stills:
        points, sure = mesh(still, torch.cat([regions, first]))
        if not (sure >= MIN_PRESENCE).any():
            found.append(np.full((LANDMARKS, 3), np.nan))
            continue
        regions = region.around_landmarks(points[sure.argmax()][None])
        points, _ = mesh(still, _seen_from(regions[0], views))
        regions = region.around_landmarks(points.mean(0, keepdim=True))
        found.append(points.mean(0).cpu().numpy())
    return np.array(found, np.float32).reshape(-1, LANDMARKS, 3)


def expected(appearance: Appearance, left: float, top: float, side: float) -> Points:
    """(478, 3) where an appearance's landmarks lie in a picture in which its frame has this place, in pixels."""
    corner = np.array([left - 0.5, top - 0.5, 0.0])
    return np.asarray(appearance.landmarks * side + corner, np.float32)


def _seen_from(one: torch.Tensor, views: torch.Tensor) -> torch.Tensor:
    """A (4,) region seen in (V, 4) views -> (V, 4)."""
    shift_x, shift_y, zoom, turn = views.unbind(1)
    x, y, side, angle = one
    return torch.stack([x + shift_x * side, y + shift_y * side, zoom * side, angle + turn], 1)


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
