"""The person as a body that can be turned: its depth, and how far each part follows the head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.render.body.fields import GRID
from vasari.render.body.volume import head_depth
from vasari.values import Appearance
from vasari.values.appearance import MARGIN
from vasari.values.landmarks import OVAL
from vasari.values.motion import CAMERA_DISTANCE

_TURN, _SHIFT = 0.10, 0.35
"""What the shoulders take of the head's turns and of its shifts: a head bobs because the body does."""
_STRETCH: Final = 0.3
"""Part of the frame's side over which a body that the photo cuts off is stretched by what the head does."""
_BESIDE_FACE: Final = 0.5
"""Interocular distances around the face over which it changes whether a place is held."""
_FARTHEST: Final = 1.5
"""Largest distance of the head, over that of the photo."""
_EXPRESSION = 0.3
"""How far an expression may bring a part of the face forward, interocular distances."""


@dataclass(frozen=True)
class Body:
    """Depths are z / (1 + z / distance) with z from the eyes' plane, in frame units: along a line of sight the places
    of the photo go evenly with it."""

    depth: Tensor
    """(GRID, GRID) z of the surface over the frame, from the eyes' plane, in frame units."""
    front: float
    back: float
    """Depths between which everything lies."""
    follow: Tensor
    """(4, GRID, GRID) how far a place follows the head's turns, its shifts in the picture, its steps back, and the
    turns of the whole person."""
    pivot: Tensor
    """(3,) the point about which the head turns, in the frame."""
    eye: Tensor
    """(3,) midway between the eyes: there the camera looks."""
    distance: float
    """From the camera to the eyes, in frame units."""

    @cached_property
    def follow_by_place(self) -> Tensor:
        """(GRID, GRID, 4) the same as `follow`, as `kernels.cpp` has it, and"""
        return self.follow.permute(1, 2, 0).contiguous()

    @cached_property
    def figures(self) -> Tensor:
        """(8,) the pivot from the eye, the eye's place, distance, front and back."""
        depths = self.eye.new_tensor([self.distance, self.front, self.back])
        return torch.cat([self.pivot - self.eye, self.eye[:2], depths])

    def seen(self, z: Tensor) -> Tensor:
        """z from the eyes' plane -> depth."""
        return z / (1 + z / self.distance)


def build_body(appearance: Appearance, device: torch.device, *, at_rest: bool) -> Body:
    """Args:
    at_rest: shoulders do not follow the head at all, for pasting the frame into the photo.
    """
    a = appearance
    unit, distance = a.interocular, CAMERA_DISTANCE * a.interocular
    z = head_depth(a, GRID) - float(a.origin[2])
    head = cv2.resize(a.pose_weight, (GRID, GRID), interpolation=cv2.INTER_LINEAR).clip(0, 1)
    turn, shift, step = (0.0, 0.0, 0.0) if at_rest else (_TURN, _SHIFT, 1.0)
    # A face is moved as a whole even where the picture ends beside it.
    held = _held(a)
    held = held + (1 - held) * face_share(a)
    shares = [share + (1 - share) * head for share in (turn, shift, step, step)]
    follow = np.stack(shares) * held

    def tensor(x: object) -> Tensor:
        return torch.as_tensor(x, dtype=torch.float32, device=device)

    return Body(
        depth=tensor(z),
        front=_seen(float(z.min()) - _EXPRESSION * unit, distance),
        back=_seen(float(z.max()) + 0.01 * unit, distance),
        follow=tensor(follow),
        pivot=tensor(a.origin + a.axes @ a.joint * unit),
        eye=tensor(a.origin),
        distance=distance,
    )


def picture_ends(appearance: Appearance) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what the appearance knows of the picture, in frame units."""
    left, top, side = appearance.crop
    height, width = appearance.upright.size
    return (
        max(-left / side, -MARGIN),
        max(-top / side, -MARGIN),
        min((width - left) / side, 1 + MARGIN),
        min((height - top) / side, 1 + MARGIN),
    )


def face_share(appearance: Appearance) -> NDArray[np.float64]:
    """(GRID, GRID) 1 on the face, falling to 0 around it."""
    mask = np.zeros((GRID, GRID), np.uint8)
    points = appearance.landmarks[list(OVAL), :2] * GRID - 0.5
    cv2.fillPoly(mask, [points.round().astype(np.int32)], 1)
    away = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5) / (GRID * appearance.interocular)
    near = np.clip(1 - away / _BESIDE_FACE, 0, 1)
    return np.asarray(near * near * (3 - 2 * near))


def _held(a: Appearance) -> NDArray[np.float64]:
    """(GRID, GRID) 1, less where the photo cuts the body off: there it stays, so that nothing beyond is wanted.

    At a side or below, what lies between the frame's edge and the photo's may come in.
    """
    left, _, right, bottom = picture_ends(a)
    line = (np.arange(GRID) + 0.5) / GRID
    inward = 1 - 1 / _FARTHEST

    def ramp(end: float, edge: float, center: float) -> NDArray[np.float64]:
        outward = 1 if edge > center else -1
        room = np.clip((end - edge) * outward / (inward * abs(end - center)), 0, 1)
        reach = np.clip((end - line) * outward / _STRETCH, 0, 1)
        return np.asarray(room + (1 - room) * reach * reach * (3 - 2 * reach))

    sides = ramp(left, 0.0, float(a.origin[0])) * ramp(right, 1.0, float(a.origin[0]))
    return np.asarray(ramp(bottom, 1.0, float(a.origin[1]))[:, None] * sides)


def _seen(z: float, distance: float) -> float:
    return z / (1 + z / distance)
