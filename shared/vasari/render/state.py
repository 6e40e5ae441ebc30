"""What moves in a batch of frames, worked out once for all layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from vasari.render.body.body import Body
from vasari.render.body.fields import GRID, Fields
from vasari.render.body.pose import Places, Pose, thinned
from vasari.render.body.warp import LONGEST_STEP, inverted, refine, searched
from vasari.render.canvas.canvas import Canvas, Windows
from vasari.render.canvas.sampling import enlarge, sample
from vasari.render.native import call, fast
from vasari.values.motion import coefficient_index

_NODE_SPACING: Final = 3.0
"""Pixels between the places whose source is searched for."""
_STEPS: Final = 6
"""Of that search: where a mouth folds, five are not enough."""


class Grid:
    """Regular grids of places of the frame, which are always the same, on a device."""

    def __init__(self, canvas: Canvas, device: torch.device) -> None:
        self.nodes = lattice(canvas, device)
        """(1, h, w, 2) over the canvas,"""
        self.coarse = thinned(self.nodes)
        """and a coarser one;"""
        self.cells = Canvas(GRID, GRID, 0.0, 0.0, float(GRID)).nodes(GRID, GRID, device)[None]
        """(1, GRID, GRID, 2) over the frame."""


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
    turns: Tensor
    """(B, N, 3, 3) how the head turns and scales around some places, see `Pose.near`,"""
    seen: Tensor
    """(B, N, 3) and where these are seen, depth included."""
    canvas: Canvas
    _grid: Grid
    lower: Tensor
    """The lower field's displacement over GRID x GRID cells, as `warp.searched` has it."""
    upper: Tensor
    _expressed: Tensor
    """(B, GRID, GRID, 2) offsets from places in the still head to those of the photo, by the lower field."""
    posed: Tensor
    """(B, h, w, 2) offsets from the canvas's nodes to places in the still head."""

    @classmethod
    def of(
        cls,
        coefficients: Tensor,
        tongue: Tensor,
        weights: Tensor,
        pose: Pose,
        fields: Fields,
        body: Body,
        places: Places,
        canvas: Canvas,
        grid: Grid,
    ) -> State:
        lower, upper = (_displacement(weights, field) for field in (fields.lower, fields.upper))
        low, up = (searched(field[:, :2]) for field in (lower, upper))
        expressed = inverted(low, grid.cells)
        depth = _depth(body, lower[:, 2], expressed, grid.cells)
        posed = pose.sources(depth, body, grid.nodes, grid.coarse)
        return cls(coefficients, tongue, weights, pose, *pose.near(places), canvas, grid, low, up, expressed, posed)

    def __call__(self, name: str) -> Tensor:
        """(B,) one coefficient."""
        return self.coefficients[:, coefficient_index(name)]

    def origins(self) -> Tensor:
        """(B, h, w, 2) offsets from the canvas's nodes to the places of the photo that are seen there."""
        nodes = self._grid.nodes
        if fast(nodes):
            offsets = torch.empty_like(self.posed)
            rows, columns = nodes.shape[1:3]
            for posed, expressed, out in zip(self.posed, self._expressed, offsets, strict=True):
                call("origins", nodes, posed, rows, columns, expressed, GRID, out)
            return offsets
        still = nodes + self.posed
        return still + sample(_planes(self._expressed), 2 * still - 1).permute(0, 2, 3, 1) - nodes

    def still(self, places: Tensor) -> Tensor:
        """(B, h, w, 2) frame units -> the places in the still head that are seen there: what the skull carries."""
        return places + sample(_planes(self.posed), self.canvas.normalize(places)).permute(0, 2, 3, 1)

    def sources(self, field: Tensor, windows: Windows) -> Tensor:
        """(B, height, width, 2) where the pixels of some windows come from.

        Args:
            field: `lower` or `upper`.
        """
        if fast(field):
            found = field.new_empty(len(field), windows.height, windows.width, 2)
            c, (rows, columns) = self.canvas, self.posed.shape[1:3]
            for k, (y, x) in enumerate(zip(windows.y.tolist(), windows.x.tolist(), strict=True)):
                call(
                    "sources", field[k], GRID, self.posed[k], rows, columns, c.height, c.width, c.side, c.left, c.top,
                    y, x, windows.height, windows.width, _STEPS, LONGEST_STEP, _NODE_SPACING, found[k],
                )  # fmt: skip
            return found
        nodes = windows.nodes(_NODE_SPACING)
        still = self.still(nodes)
        offsets = refine(field, still, still, steps=_STEPS) - nodes
        return windows.nodes(1.0) + enlarge(offsets, windows.height, windows.width)


def lattice(canvas: Canvas, device: torch.device) -> Tensor:
    """(1, h, w, 2) frame units of nodes that lie as far apart as the fields' cells."""
    rows, columns = (max(8, round(n * GRID / canvas.side)) for n in (canvas.height, canvas.width))
    return canvas.nodes(rows, columns, device)[None]


def _planes(offsets: Tensor) -> Tensor:
    return offsets.permute(0, 3, 1, 2).contiguous()


def _displacement(weights: Tensor, field: Tensor) -> Tensor:
    """(B, 3, GRID, GRID) the sum of a field's channels."""
    if not fast(weights):
        return (weights @ field).view(-1, 3, GRID, GRID)
    moved = weights.new_empty(len(weights), 3, GRID, GRID)
    for row, out in zip(weights.contiguous(), moved, strict=True):
        call("combined", field, row, *field.shape, out)
    return moved


def _depth(body: Body, raised: Tensor, expressed: Tensor, cells: Tensor) -> Tensor:
    """(B, 1, GRID, GRID) depth over the still head of a surface that the expression has moved and raised."""
    if not fast(raised):
        return body.seen(sample(body.depth + raised[:, None], 2 * (cells + expressed) - 1))
    depth = raised.new_empty(len(raised), 1, GRID, GRID)
    for above, offsets, out in zip(raised, expressed, depth, strict=True):
        call("depths", body.depth, above, offsets, GRID, body.distance, out)
    return depth
