"""What moves in a batch of frames, worked out once for all layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from vasari.render.body.body import Body
from vasari.render.body.fields import GRID, Fields
from vasari.render.body.pose import Pose
from vasari.render.body.warp import invert, refine, searched, unfolded
from vasari.render.canvas.canvas import Canvas, Windows
from vasari.render.canvas.sampling import enlarge, sample
from vasari.values.motion import coefficient_index

_NODE_SPACING: Final = 3.0
"""Pixels between the places whose source is searched for."""


@dataclass(frozen=True)
class State:
    """A batch of B frames of motion, within what the face can carry.

    A picture is made of the photo in two steps: the expression moves its places, then the head turns as a body. So a
    pixel is followed back in two: to the place in the still head, then to that place of the photo.
    """

    coefficients: Tensor
    """(B, 52), absolute."""
    tongue: Tensor
    """(B,) how far its tip is raised."""
    weights: Tensor
    """(B, K + 1) of the fields' channels: the difference to the photo's expression, and the closure."""
    pose: Pose
    canvas: Canvas
    lower: Tensor
    """(B, 6, GRID, GRID) the lower field's displacement, as `warp.searched` has it."""
    upper: Tensor
    _expressed: Tensor
    """(B, 2, GRID, GRID) offsets from places in the still head to those of the photo, by the lower field."""
    _posed: Tensor
    """(B, 2, h, w) offsets from the canvas's nodes to places in the still head."""

    @classmethod
    def of(
        cls,
        coefficients: Tensor,
        tongue: Tensor,
        weights: Tensor,
        pose: Pose,
        fields: Fields,
        body: Body,
        canvas: Canvas,
    ) -> State:
        lower, upper = ((weights @ field).view(-1, 3, GRID, GRID) for field in (fields.lower, fields.upper))
        cells = Canvas(GRID, GRID, 0.0, 0.0, float(GRID)).nodes(GRID, GRID, weights.device)[None]
        low, up = (searched(unfolded(field[:, :2])) for field in (lower, upper))
        expressed = invert(low, cells)
        depth = body.seen(sample(body.depth + lower[:, 2:], 2 * expressed - 1))
        nodes = lattice(canvas, weights.device)
        posed = pose.sources(depth, body, nodes)
        planar = ((expressed - cells).permute(0, 3, 1, 2).contiguous(), posed.permute(0, 3, 1, 2).contiguous())
        return cls(coefficients, tongue, weights, pose, canvas, low, up, *planar)

    def __call__(self, name: str) -> Tensor:
        """(B,) one coefficient."""
        return self.coefficients[:, coefficient_index(name)]

    def origins(self) -> Tensor:
        """(B, h, w, 2) offsets from the canvas's nodes to the places of the photo that are seen there."""
        nodes = lattice(self.canvas, self._posed.device)
        still = nodes + self._posed.permute(0, 2, 3, 1)
        return still + sample(self._expressed, 2 * still - 1).permute(0, 2, 3, 1) - nodes

    def still(self, places: Tensor) -> Tensor:
        """(B, h, w, 2) frame units -> the places in the still head that are seen there: what the skull carries."""
        return places + sample(self._posed, self.canvas.normalize(places)).permute(0, 2, 3, 1)

    def sources(self, field: Tensor, windows: Windows) -> Tensor:
        """(B, height, width, 2) where the pixels of some windows come from.

        Args:
            field: `lower` or `upper`.
        """
        nodes = windows.nodes(_NODE_SPACING)
        still = self.still(nodes)
        offsets = refine(field, still, still, steps=6) - nodes
        return windows.nodes(1.0) + enlarge(offsets, windows.height, windows.width)


def lattice(canvas: Canvas, device: torch.device) -> Tensor:
    """(1, h, w, 2) frame units of nodes that lie as far apart as the fields' cells."""
    rows, columns = (max(8, round(n * GRID / canvas.side)) for n in (canvas.height, canvas.width))
    return canvas.nodes(rows, columns, device)[None]
