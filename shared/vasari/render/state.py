"""What moves in a batch of frames, worked out once for all layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from vasari.render.canvas import Windows
from vasari.render.fields import Fields
from vasari.render.sampling import enlarge
from vasari.render.warp import Pose, displacement, refine
from vasari.values.motion import coefficient_index

_NODE_SPACING: Final = 3.0
"""Pixels between the places whose source is searched for."""


@dataclass(frozen=True)
class State:
    """A batch of B frames of motion, within what the face can carry."""

    coefficients: Tensor
    """(B, 52), absolute."""
    tongue: Tensor
    """(B,) how far its tip is raised."""
    weights: Tensor
    """(B, K + 1) of the fields' channels: the difference to the photo's expression, and the closure."""
    pose: Pose
    lower: Tensor
    """(B, 2, GRID, GRID) displacement of the lower field."""
    upper: Tensor

    @classmethod
    def of(cls, coefficients: Tensor, tongue: Tensor, weights: Tensor, pose: Pose, fields: Fields) -> State:
        lower, upper = (displacement(field, weights, pose, fields) for field in (fields.lower, fields.upper))
        return cls(coefficients, tongue, weights, pose, lower, upper)

    def __call__(self, name: str) -> Tensor:
        """(B,) one coefficient."""
        return self.coefficients[:, coefficient_index(name)]

    def sources(self, moved: Tensor, windows: Windows, center: Tensor, moved_center: Tensor) -> Tensor:
        """(B, height, width, 2) where the pixels of some windows come from.

        Lids travel far over few pixels: the search needs to start near, at what the head's motion alone would give.

        Args:
            moved: `lower` or `upper`.
            center: (2,) a point of the photo, and
            moved_center: (B, 2) where the head's motion takes it.
        """
        nodes = windows.nodes(_NODE_SPACING)
        start = nodes - (moved_center - center)[:, None, None]
        offsets = refine(moved, nodes, start, steps=6) - nodes
        return windows.nodes(1.0) + enlarge(offsets, windows.height, windows.width)


@dataclass(frozen=True)
class Plane:
    """Face space turned with the head, as the picture sees it: picture = matrix @ point + offset."""

    matrix: Tensor
    """(B, 2, 3) frame units for an interocular distance."""
    offset: Tensor
    """(B, 2)"""

    @classmethod
    def of_skull(cls, pose: Pose, origin: Tensor, axes: Tensor, interocular: float) -> Plane:
        matrix = pose.matrix @ axes * interocular
        offset = pose(origin[None].expand(len(matrix), 1, 3))[:, 0]
        return cls(matrix[:, :2], offset[:, :2])

    def turned(self, angle: Tensor, hinge: Tensor, sideways: Tensor) -> Plane:
        """The same for a part that turns by (B,) radians about the x axis through the hinge, then shifts along x."""
        cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
        rows = [torch.stack(r, -1) for r in ((one, zero, zero), (zero, cos, -sin), (zero, sin, cos))]
        turn = torch.stack(rows, 1)
        moved = hinge - (turn @ hinge) + torch.stack([sideways, zero, zero], -1)
        return Plane(self.matrix @ turn, self.offset + (self.matrix @ moved[..., None])[..., 0])

    def project(self, points: Tensor) -> Tensor:
        """(N, 3) or (B, N, 3) face space -> (B, N, 2) frame units."""
        return points @ self.matrix.transpose(1, 2) + self.offset[:, None]

    def meet(
        self, places: Tensor, middle: Tensor | float, depth: Tensor | float, bend: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Where the lines of sight through (B, h, w, 2) places meet the surface z = depth + bend (x - middle)^2.

        Returns x and y in face space, (B, h, w) each. Two rounds of substitution; the surface is nearly a plane.
        """
        m = self.matrix[:, :, :, None, None]
        px = places[..., 0] - self.offset[:, 0, None, None]
        py = places[..., 1] - self.offset[:, 1, None, None]
        determinant = m[:, 0, 0] * m[:, 1, 1] - m[:, 0, 1] * m[:, 1, 0]
        z: Tensor | float = depth
        for _ in range(3 if bend else 1):
            qx, qy = px - m[:, 0, 2] * z, py - m[:, 1, 2] * z
            x = (m[:, 1, 1] * qx - m[:, 0, 1] * qy) / determinant
            y = (m[:, 0, 0] * qy - m[:, 1, 0] * qx) / determinant
            z = depth + bend * (x - middle).square().clamp(max=0.12)
        return x, y
