"""One face's shapes as fields over the frame, so that a frame of motion is a sum of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.render.body.thin_plate import interpolated
from vasari.values import Appearance
from vasari.values.landmarks import LOWER_LIP, LOWER_LIP_ONLY, OVAL, SURFACE, UPPER_LIP, UPPER_LIP_ONLY

Array = NDArray[np.float64]

GRID: Final = 128
"""Cells along the frame's side."""

_RINGS = ((1.22, 0.74), (1.5, 0.32), (2.0, 0.06))
"""Around the face's oval: scale, share of its motion."""
_SMOOTHING = 2e-5


@dataclass(frozen=True)
class Fields:
    """Displacements over the frame, in frame units, at the centers of GRID x GRID cells.

    Two sets of displacements: in the lower one the lower lip continues across the opening of the mouth as if the upper
    did not exist, in the upper one the reverse. That is what lets the opening be a sharp slit.
    """

    channels: Tensor
    """(K,) the coefficients that have a field."""
    lower: Tensor
    """(K + 1, 3 * GRID * GRID); the last is the closure of the lips."""
    upper: Tensor


def build_fields(appearance: Appearance, device: torch.device) -> Fields:
    a = appearance
    unit, axes = a.interocular, a.axes.astype(np.float64)
    points = a.mesh.astype(np.float64) @ axes.T * unit + a.origin  # frame units, with the depth that can be turned
    points[:, :2] = a.landmarks[:SURFACE, :2]
    active = np.flatnonzero(np.abs(a.shapes).max((1, 2)) > 0)
    shapes = np.concatenate([a.shapes[active], a.closure[None]]).astype(np.float64) @ axes.T * unit
    displacements = shapes.transpose(1, 0, 2).reshape(SURFACE, -1)

    place, value = _surroundings(points, displacements)
    places = np.concatenate([points[:, :2], place])
    values = np.concatenate([displacements, value])

    face = _near_face(points)
    down = axes[:2, 1] / np.linalg.norm(axes[:2, 1]) * unit
    lower, upper = (
        _field(places, values, points, displacements, keep, down * sign, device)
        for keep, sign in (("lower", -1.0), ("upper", 1.0))
    )

    def tensor(x: Any) -> Tensor:
        return torch.as_tensor(x, dtype=torch.float32, device=device)

    free = (face * (1 - torch.from_numpy(cv2.resize(a.rigid, (GRID, GRID)) / np.float32(255)))).to(device)
    return Fields(
        channels=torch.as_tensor(active, device=device),
        lower=(tensor(lower).view(-1, 3, GRID, GRID) * free).view(len(lower), -1),
        upper=(tensor(upper).view(-1, 3, GRID, GRID) * free).view(len(upper), -1),
    )


def _surroundings(points: Array, displacements: Array) -> tuple[Array, Array]:
    """Places and displacements around the face: what is near follows the oval, the border stays."""
    oval = list(OVAL)
    center = points[oval, :2].mean(0)
    place = [center + (points[oval, :2] - center) * scale for scale, _ in _RINGS]
    value = [displacements[oval] * follow for _, follow in _RINGS]
    line = np.linspace(-0.04, 1.04, 9)
    border = np.array([p for t in line for p in ((t, -0.04), (t, 1.04), (-0.04, t), (1.04, t))])
    return (
        np.concatenate([*place, border]),
        np.concatenate([*value, np.zeros((len(border), displacements.shape[1]))]),
    )


def _field(
    places: Array,
    values: Array,
    points: Array,
    displacements: Array,
    keep: str,
    onward: Array,
    device: torch.device,
) -> Tensor:
    """(K + 1, 3 * GRID * GRID) displacements in which only one of the lips counts.

    Beyond its margin (in the direction `onward`) the kept lip continues rigidly for a short way.
    """
    lips = (LOWER_LIP, UPPER_LIP_ONLY) if keep == "lower" else (UPPER_LIP, LOWER_LIP_ONLY)
    rest = np.setdiff1d(np.arange(len(places)), lips[1])
    more = [(v, step) for v in lips[0][0][2:9] for step in (0.04, 0.09)]
    beyond = [v for v, _ in more]
    extra = points[beyond, :2] + np.array([step for _, step in more])[:, None] * onward
    scattered = np.concatenate([places[rest], extra])
    wanted = np.concatenate([values[rest], displacements[beyond]])
    field = interpolated(scattered, wanted, GRID, _SMOOTHING, device)
    return field.T.reshape(len(wanted[0]) // 3, -1)


def _near_face(points: Array) -> Tensor:
    """(GRID, GRID) 1 within the outermost ring around the face, exactly 0 far from it."""
    oval = points[list(OVAL), :2]
    ring = oval.mean(0) + (oval - oval.mean(0)) * _RINGS[-1][0]
    inside = np.zeros((GRID, GRID), np.uint8)
    cv2.fillPoly(inside, [np.round(ring * GRID - 0.5).astype(np.int32)], 1)
    return torch.from_numpy(cv2.boxFilter(inside.astype(np.float32), -1, (9, 9)))
