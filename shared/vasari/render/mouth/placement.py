"""Where a rigid part of the head lies in front of the camera, and what a line of sight meets there."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Placement:
    """Face space turned and shifted into the frame, depth included: frame = matrix @ point + offset."""

    matrix: Tensor
    """(B, 3, 3) a rotation times the scale."""
    offset: Tensor
    """(B, 3)"""

    @classmethod
    def of_skull(cls, turn: Tensor, place: Tensor, axes: Tensor, center: Tensor) -> Placement:
        """As seen from afar, which near a (3,) center in face space is how it is seen.

        Args:
            turn, place: (B, 3, 3) and (B, 3) what a pose does to the center.
            axes: (3, 3) of face space in the photo, in its columns, a unit long.
        """
        matrix = turn @ axes
        return cls(matrix, place - matrix @ center)

    def turned(self, angle: Tensor, hinge: Tensor, shift: Tensor) -> Placement:
        """The same for a part that turns by (B,) radians about the x axis through (3,) hinge, then moves by (B, 3)."""
        cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
        rows = [torch.stack(r, -1) for r in ((one, zero, zero), (zero, cos, -sin), (zero, sin, cos))]
        turn = torch.stack(rows, 1)
        moved = hinge - turn @ hinge + shift
        return Placement(self.matrix @ turn, self.offset + (self.matrix @ moved[..., None])[..., 0])

    def __call__(self, points: Tensor) -> Tensor:
        """(N, 3) or (B, N, 3) face space -> (B, N, 3) frame."""
        return points @ self.matrix.transpose(1, 2) + self.offset[:, None]

    def vectors(self, vectors: Tensor) -> Tensor:
        """(N, 3) directions of face space -> (B, N, 3) of the frame."""
        return vectors @ self.matrix.transpose(1, 2)

    def into(self, directions: Tensor) -> Tensor:
        """(3,) direction of the frame -> (B, 3) unit direction of face space."""
        turned = directions @ self.matrix
        return F.normalize(turned, dim=-1)

    def sight(self) -> Sight:
        """The lines of sight, all parallel to the frame's z, as face space sees them."""
        inverse = self.matrix.transpose(1, 2) / self.matrix.square().sum(1).mean(-1)[:, None, None]
        start = (inverse @ self.offset[..., None])[..., 0]
        slope = inverse[:, :2, 2] / inverse[:, 2:, 2]
        plane = torch.cat([inverse[:, :, :2], -start[..., None]], -1)  # of (px, py, 1), at the frame's z = 0
        plane = plane[:, :2] - slope[..., None] * plane[:, 2:]  # at face space's z = 0
        depth = self.matrix[:, 2]
        along = depth[:, 2] + (depth[:, :2] * slope).sum(-1)
        across = torch.cat([(depth[:, None, :2] @ plane)[:, 0, :2], (depth[:, None, :2] @ plane)[:, 0, 2:]], -1)
        across = across + F.pad(self.offset[:, 2:], (2, 0))
        return Sight(plane, slope, across, along)


@dataclass(frozen=True)
class Sight:
    """Lines of sight: the one through a pixel (px, py) holds the points (x0 + slope_x z, y0 + slope_y z, z)."""

    plane: Tensor
    """(B, 2, 3) x0 and y0 from (px, py, 1)."""
    slope: Tensor
    """(B, 2)"""
    across: Tensor
    """(B, 3) the frame's depth of the point z = 0 from (px, py, 1), and"""
    along: Tensor
    """(B,) how it grows with z."""

    def at(self, px: Tensor, py: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, w) columns and (B, h, 1) rows of pixels in frame units -> x0 and y0, (B, h, w) each."""
        x, y = self.plane[:, 0, :, None, None], self.plane[:, 1, :, None, None]
        return (x[:, 0] * px + x[:, 2]) + x[:, 1] * py, (y[:, 0] * px + y[:, 2]) + y[:, 1] * py

    def depth(self, px: Tensor, py: Tensor, z: Tensor) -> Tensor:
        """(B, h, w) depth in the frame of the points at face space's z."""
        a = self.across[..., None, None]
        return (a[:, 0] * px + a[:, 2]) + a[:, 1] * py + self.along[:, None, None] * z
