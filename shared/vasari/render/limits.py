"""What one photo can carry: poses are bent, smoothly, into the range in which its pixels still hold."""

from __future__ import annotations

import torch
from torch import Tensor

from vasari.values.motion import CAMERA_DISTANCE

_TURN = (25.0, 16.0, 13.0)
"""Largest yaw, pitch and roll in degrees."""
_SHIFT = 0.35
"""Largest shift in the picture, interocular distances."""
_TOGETHER = 1.3
"""Largest root of the sum of squares of all these, each over its limit."""
_SCALE = 0.18
"""Largest relative change of size (as a logarithm)."""


def carried_pose(rotation: Tensor, translation: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(B, 3) degrees and (B, 3) interocular distances -> rotation, (B, 2) shift, (B,) scale, each within its limit."""
    limits = rotation.new_tensor([*_TURN, _SHIFT, _SHIFT])
    pose = _bend(torch.cat([rotation, translation[:, :2]], 1), limits)
    reach = (pose / limits).norm(dim=1, keepdim=True).clamp(min=1e-6)
    pose = pose * (_bend(reach, _TOGETHER) / reach)
    closeness = -torch.log1p((translation[:, 2] / CAMERA_DISTANCE).clamp(min=-0.9))
    return pose[:, :3], pose[:, 3:], _bend(closeness, _SCALE).exp()


def _bend(x: Tensor, limit: Tensor | float) -> Tensor:
    """The identity up to 0.6 of the limit, then a smooth approach to it."""
    limit = torch.as_tensor(limit, dtype=x.dtype, device=x.device)
    knee = 0.6 * limit
    beyond = (x.abs() - knee).clamp(min=0)
    return x.sign() * (torch.minimum(x.abs(), knee) + (limit - knee) * torch.tanh(beyond / (limit - knee)))
