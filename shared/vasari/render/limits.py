"""What one photo can carry: motions are bent, smoothly, into the range in which its pixels still hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.render.body.body import Body, face_share, picture_ends
from vasari.values import Appearance
from vasari.values.appearance import MARGIN
from vasari.values.motion import CAMERA_DISTANCE, rotation_angles, rotation_matrix

_TURN: Final = (34.0, 25.0, 20.0)
"""Largest yaw, pitch and roll in degrees of a head that the photo shows from the front."""
_TURNED: Final = (44.0, 38.0, 40.0)
"""The same against a head that faces the camera: one that was turned when photographed turns back farther."""
_SHIFT: Final = 0.5
"""Largest shift in the picture, interocular distances."""
_TOGETHER: Final = 1.3
"""Largest root of the sum of squares of all these, each over its limit."""
_CLOSENESS: Final = 0.45
"""Largest relative change of size (as a logarithm)."""
_UNSEEN: Final = 0.05
"""Part of the frame's side by which hair that the photo cuts off may be made up beyond its edge."""
_EDGE_POINTS: Final = 24
_ASIDE: Final = 0.7
"""Of the direction into the picture: beyond it an edge is one of its sides."""
_ORBIT: Final = (25.0, 15.0)
"""How far a camera goes round the person and above it, in degrees: behind the ears the photo shows nothing."""


@dataclass(frozen=True)
class Limits:
    """Of the poses of one appearance."""

    low: Tensor
    """(5,) limits of yaw, pitch, roll (degrees) and shifts (interocular distances), below zero,"""
    high: Tensor
    """and above."""
    edge: Tensor
    """(N, 3) points at the edge of the photo at which it cuts off the head, from the eyes, interocular distances;
    perspective is taken out of them."""
    inward: Tensor
    """(N, 2) direction from each into the picture."""
    room: Tensor
    """(N,) how far each lies outside of what the video shows."""
    cheek: Tensor
    """(N,) whether it cuts off the face itself at a side."""
    pivot: Tensor
    """(3,) from the eyes."""
    unseen: float
    """How far beyond the edge may be shown. All in interocular distances."""

    def __call__(self, rotation: Tensor, translation: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3) degrees and (B, 3) interocular distances -> the same, as far as the photo carries them."""
        wanted = torch.cat([rotation, translation[:, :2]], 1)
        limit = torch.where(wanted < 0, -self.low, self.high)
        pose = _bend(wanted, limit)
        reach = (pose / limit).norm(dim=1, keepdim=True).clamp(min=1e-6)
        pose = pose * (_bend(reach, _TOGETHER) / reach)
        closeness = _bend(-torch.log1p((translation[:, 2:] / CAMERA_DISTANCE).clamp(min=-0.9)), _CLOSENESS, knee=0.8)

        # A yaw shows what lies beyond cheeks that are cut off; what it does to hair is too little to be seen.
        yaw, rest = pose.split([1, 4], 1)
        yaw = yaw * self._share(torch.cat([yaw, 0 * rest], 1), 0 * closeness, self.cheek)
        share = self._share(torch.cat([yaw, rest], 1), closeness, torch.ones_like(self.cheek))
        away = CAMERA_DISTANCE * torch.expm1(-closeness * share)
        return torch.cat([yaw, rest[:, :2] * share], 1), torch.cat([rest[:, 2:] * share, away], 1)

    def _share(self, pose: Tensor, closeness: Tensor, counted: Tensor) -> Tensor:
        """(B, 1) part of a motion that shows no more of what lies beyond some points of the edge than may be shown."""
        if not counted.any():
            return torch.ones_like(closeness)
        edge = self.edge[counted]
        matrix = torch.from_numpy(rotation_matrix(pose[:, :3].double().numpy()))
        shift = torch.cat([pose[:, 3:], CAMERA_DISTANCE * torch.expm1(-closeness)], 1)
        moved = (edge - self.pivot) @ matrix.transpose(1, 2) + (self.pivot + shift)[:, None]
        before = edge[:, :2] / (1 + edge[:, 2:] / CAMERA_DISTANCE)
        after = moved[..., :2] / (1 + moved[..., 2:] / CAMERA_DISTANCE)
        shown = ((after - before) * self.inward[counted]).sum(-1) - self.room[counted]
        most = shown.amax(1, keepdim=True).clamp(min=1e-6)
        return _bend(most, self.unseen) / most


def orbit(camera: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 3) yaw, pitch and distance of a camera -> (B, 3, 3) the turn of the person that it sees, (B, 1) distance."""
    angles = -_bend(camera[:, :2], camera.new_tensor(_ORBIT), knee=0.8)
    turned = rotation_matrix(torch.nn.functional.pad(angles, (0, 1)).double().numpy())
    return torch.from_numpy(turned), camera[:, 2:].clamp(min=0.1)


def build_limits(appearance: Appearance, body: Body, *, whole: bool) -> Limits:
    """Args:
    whole: the video shows the picture beyond the frame, too.
    """
    a = appearance
    turned = rotation_angles(a.axes.astype(np.float64))
    free, most = np.array(_TURN), np.array(_TURNED)
    high = np.clip(most - turned, 0.35 * free, np.where(turned < 0, 1.4, 1.0) * free)
    low = np.clip(most + turned, 0.35 * free, np.where(turned > 0, 1.4, 1.0) * free)
    shifts = np.full(2, _SHIFT)

    places, inward, room = _cut_off(a)
    if whole:
        room = np.zeros_like(room)
    cheek = (np.abs(inward[:, 0]) > _ASIDE) & (_at(face_share(a), places)[:, 0] > 0.5)
    z = _at(body.depth.cpu().numpy(), places)
    edge = np.concatenate([(places - a.origin[:2]) * (1 + z / body.distance), z], 1) / a.interocular

    def tensor(x: NDArray[np.float64]) -> Tensor:
        return torch.from_numpy(x.astype(np.float32))

    return Limits(
        low=-tensor(np.concatenate([low, shifts])),
        high=tensor(np.concatenate([high, shifts])),
        edge=tensor(edge),
        inward=tensor(inward),
        room=tensor(room / a.interocular),
        cheek=torch.from_numpy(cheek),
        pivot=(body.pivot - body.eye).cpu() / a.interocular,
        unseen=_UNSEEN / a.interocular,
    )


def _cut_off(a: Appearance) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(N, 2) places of the picture's edge at which it cuts off head or hair, (N, 2) directions into the picture, and
    (N,) how far they lie outside the frame."""
    left, top, right, bottom = picture_ends(a)
    line = (np.arange(_EDGE_POINTS) + 0.5) / _EDGE_POINTS
    still = np.full(_EDGE_POINTS, 0.0)
    x, y, radius = a.roundel[:3].astype(np.float64)
    outward = np.stack([np.cos(2 * np.pi * line), np.sin(2 * np.pi * line)], 1)
    sides = (
        (np.stack([line, still + top], 1), still[:, None] + (0.0, 1.0), -top),
        (np.stack([still + left, line], 1), still[:, None] + (1.0, 0.0), -left),
        (np.stack([still + right, line], 1), still[:, None] + (-1.0, 0.0), right - 1),
        (np.stack([line, still + bottom], 1), still[:, None] + (0.0, -1.0), bottom - 1),
        *([([x, y] + radius * outward, -outward, 0.0)] if radius else []),
    )
    places, inward = (np.concatenate([side[k] for side in sides]) for k in (0, 1))
    room = np.repeat([max(outside, 0.0) for _, _, outside in sides], _EDGE_POINTS)
    within = places + 0.01 * inward
    person = _at(a.matte, (within + MARGIN) / (1 + 2 * MARGIN))[:, 0] > 127
    # Below, a neck may give way, but no face.
    follows = np.where(inward[:, 1] < -_ASIDE, _at(face_share(a), within)[:, 0], _at(a.pose_weight, within)[:, 0])
    head = person & (follows > 0.5)
    return places[head], inward[head], room[head]


def _at(image: NDArray[np.generic], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 1) values of a square picture at (N, 2) places of 0..1; outside, those at its edge."""
    column, row = np.clip((places * len(image)).astype(int), 0, len(image) - 1).T
    return image[row, column, None].astype(np.float64)


def _bend(x: Tensor, limit: Tensor | float, knee: float = 0.6) -> Tensor:
    """The identity up to a part of the limit, then a smooth approach to it."""
    limit = torch.as_tensor(limit, dtype=x.dtype, device=x.device)
    start = knee * limit
    beyond = (x.abs() - start).clamp(min=0)
    return x.sign() * (torch.minimum(x.abs(), start) + (limit - start) * torch.tanh(beyond / (limit - start)))
