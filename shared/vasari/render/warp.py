"""Where each place of the frame goes, and where each pixel comes from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.fields import GRID, Fields
from vasari.render.sampling import enlarge, sample

_LONGEST_STEP = 0.04
"""Of a search for a source, in frame units."""


@dataclass(frozen=True)
class Pose:
    """Rigid motion of the head for each frame of a batch: x -> matrix (x - pivot) + pivot + shift."""

    matrix: Tensor
    """(B, 3, 3) rotation times scale."""
    pivot: Tensor
    """(3,)"""
    shift: Tensor
    """(B, 3)"""

    def __call__(self, points: Tensor) -> Tensor:
        """(..., 3) frame units, the same for all frames or (B, N, 3) -> (B, N, 3)"""
        return (points - self.pivot) @ self.matrix.transpose(1, 2) + self.pivot + self.shift[:, None]


def displacement(field: Tensor, weights: Tensor, pose: Pose, fields: Fields) -> Tensor:
    """(B, 2, GRID, GRID) how far each place of the photo moves in the picture.

    Args:
        field: `lower` or `upper` of the fields.
        weights: (B, K + 1) of its channels.
    """
    x, y, z = (weights @ field).reshape(len(weights), 3, GRID, GRID).unbind(1)
    line = (torch.arange(GRID, device=x.device, dtype=x.dtype) + 0.5) / GRID
    arm_x = x + (line - fields.pivot[0])
    arm_y = y + (line - fields.pivot[1])[:, None]
    arm_z = z + (fields.depth - fields.pivot[2])
    m = pose.matrix[..., None, None]
    shift = pose.shift[..., None, None]
    w = fields.weight
    dx = x + w * ((m[:, 0, 0] - 1) * arm_x + m[:, 0, 1] * arm_y + m[:, 0, 2] * arm_z + shift[:, 0])
    dy = y + w * (m[:, 1, 0] * arm_x + (m[:, 1, 1] - 1) * arm_y + m[:, 1, 2] * arm_z + shift[:, 1])
    return torch.stack([dx, dy], 1)


def invert(moved: Tensor, places: Tensor) -> Tensor:
    """Where what is seen at some places comes from: solves source + moved(source) = place.

    First on grids four times as coarse, where even the largest motion is found from afar, then on the full ones.

    Args:
        moved: (B, 2, GRID, GRID), see `displacement`.
        places: (1, h, w, 2) frame units, a regular grid.
    Returns:
        (B, h, w, 2)
    """
    rows, columns = (max(2, n // 4) for n in places.shape[1:3])
    coarse = F.interpolate(places.permute(0, 3, 1, 2), (rows, columns), mode="area").permute(0, 2, 3, 1)
    found = refine(F.avg_pool2d(moved, 4), coarse, coarse.expand(len(moved), -1, -1, -1), steps=8)
    return refine(moved, places, places + enlarge(found - coarse, places.shape[1], places.shape[2]), steps=4)


def refine(moved: Tensor, places: Tensor, start: Tensor, steps: int) -> Tensor:
    """The same by Newton's method from a first guess.

    Args:
        moved: (B, 2, n, n) over the frame.
        places: (B, h, w, 2) or (1, h, w, 2) frame units.
        start: (B, h, w, 2) the guess.
    Returns:
        (B, h, w, 2). Where the picture folds, the determinant is held up, which keeps the steps bounded.
    """
    cells = moved.shape[-1]
    pad = F.pad(moved, (1, 1, 1, 1), mode="replicate")
    slope_x = (pad[:, :, 1:-1, 2:] - pad[:, :, 1:-1, :-2]) * (cells / 2)
    slope_y = (pad[:, :, 2:, 1:-1] - pad[:, :, :-2, 1:-1]) * (cells / 2)
    a, c = 1 + slope_x[:, 0], slope_x[:, 1]
    b, d = slope_y[:, 0], 1 + slope_y[:, 1]
    determinant = (a * d - b * c).clamp(min=0.15)
    inverse = torch.stack([d, -b, -c, a], 1) / determinant[:, None]
    packed = torch.cat([moved, inverse], 1)
    target, source = places.permute(0, 3, 1, 2), start.permute(0, 3, 1, 2)
    for _ in range(steps):
        dx, dy, xx, xy, yx, yy = sample(packed, (2 * source - 1).permute(0, 2, 3, 1)).unbind(1)
        miss_x = source[:, 0] + dx - target[:, 0]
        miss_y = source[:, 1] + dy - target[:, 1]
        step = torch.stack([xx * miss_x + xy * miss_y, yx * miss_x + yy * miss_y], 1)
        source = source - step.clamp(-_LONGEST_STEP, _LONGEST_STEP)
    return source.permute(0, 2, 3, 1)
