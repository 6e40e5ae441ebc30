"""What one photo can carry: poses are bent, smoothly, into the range in which its pixels still hold."""

from __future__ import annotations

import torch
from torch import Tensor

from vasari.values.motion import CAMERA_DISTANCE

_TURN = (34.0, 25.0, 20.0)
"""Largest yaw, pitch and roll in degrees."""
_SHIFT = 0.5
"""Largest shift in the picture, interocular distances."""
_TOGETHER = 1.3
"""Largest root of the sum of squares of all these, each over its limit."""
_CLOSENESS = 0.45
"""Largest relative change of size (as a logarithm)."""


def carried_pose(rotation: Tensor, translation: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 3) degrees and (B, 3) interocular distances -> the same, each within its limit."""
    limits = rotation.new_tensor([*_TURN, _SHIFT, _SHIFT])
    pose = _bend(torch.cat([rotation, translation[:, :2]], 1), limits)
    reach = (pose / limits).norm(dim=1, keepdim=True).clamp(min=1e-6)
    pose = pose * (_bend(reach, _TOGETHER) / reach)
    closeness = -torch.log1p((translation[:, 2:] / CAMERA_DISTANCE).clamp(min=-0.9))
    away = CAMERA_DISTANCE * torch.expm1(-_bend(closeness, _CLOSENESS, knee=0.8))
    return pose[:, :3], torch.cat([pose[:, 3:], away], 1)


def _bend(x: Tensor, limit: Tensor | float, knee: float = 0.6) -> Tensor:
    """The identity up to a part of the limit, then a smooth approach to it."""
    limit = torch.as_tensor(limit, dtype=x.dtype, device=x.device)
    start = knee * limit
    beyond = (x.abs() - start).clamp(min=0)
    return x.sign() * (torch.minimum(x.abs(), start) + (limit - start) * torch.tanh(beyond / (limit - start)))
