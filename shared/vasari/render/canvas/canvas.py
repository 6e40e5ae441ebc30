"""The pixels that are drawn, and where they lie in the appearance's frame."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.canvas.operations import operations


@dataclass(frozen=True)
class Canvas:
    """A grid of `height` x `width` pixels. The frame's corner lies at (left, top) in its pixels (0 is the first
    pixel's edge), and the frame's side is `side` pixels long."""

    height: int
    width: int
    left: float
    top: float
    side: float

    def nodes(self, rows: int, columns: int, device: torch.device) -> Tensor:
        """(rows, columns, 2) frame units of a coarser grid whose bilinear interpolation covers the canvas."""
        x = (torch.arange(columns, device=device) + 0.5) * (self.width / columns)
        y = (torch.arange(rows, device=device) + 0.5) * (self.height / rows)
        return torch.stack(torch.meshgrid((x - self.left) / self.side, (y - self.top) / self.side, indexing="xy"), -1)

    def normalize(self, places: Tensor) -> Tensor:
        """(..., 2) frame units -> -1..1 over the canvas, as grid_sample has it."""
        x = (places[..., 0] * self.side + self.left) * (2 / self.width) - 1
        y = (places[..., 1] * self.side + self.top) * (2 / self.height) - 1
        return torch.stack([x, y], -1)

    def disk(self, x: float, y: float, radius: float) -> Tensor:
        """(height, width) 1 within a circle of the frame, in its units, and 0 outside, with an edge of one pixel."""
        rows = torch.arange(self.height) + 0.5 - self.top - y * self.side
        columns = torch.arange(self.width) + 0.5 - self.left - x * self.side
        return (radius * self.side - torch.hypot(columns, rows[:, None]) + 0.5).clamp(0, 1)


@dataclass(frozen=True)
class Windows:
    """One window of the canvas for each frame of a batch: all of one size, each at a place of its own."""

    canvas: Canvas
    height: int
    width: int
    x: Tensor
    """(B,) first column."""
    y: Tensor
    """(B,) first row."""

    @classmethod
    def around(cls, canvas: Canvas, centers: Tensor, half_width: float, half_height: float) -> Windows:
        """centers: (B, 2) in frame units, as are the half sides. Windows are pushed into the canvas."""
        width = min(2 * round(half_width * canvas.side), canvas.width)
        height = min(2 * round(half_height * canvas.side), canvas.height)
        x = (centers[:, 0] * canvas.side + canvas.left - width / 2).round().long().clamp(0, canvas.width - width)
        y = (centers[:, 1] * canvas.side + canvas.top - height / 2).round().long().clamp(0, canvas.height - height)
        return cls(canvas, height, width, x, y)

    def nodes(self, spacing: float) -> Tensor:
        """(B, h, w, 2) frame units of a grid, one node for about `spacing` pixels each way; 1 gives every pixel."""
        rows, columns = (max(2, round(n / spacing)) for n in (self.height, self.width))
        x = (torch.arange(columns, device=self.x.device) + 0.5) * (self.width / columns) + self.x[:, None]
        y = (torch.arange(rows, device=self.y.device) + 0.5) * (self.height / rows) + self.y[:, None]
        x, y = (x - self.canvas.left) / self.canvas.side, (y - self.canvas.top) / self.canvas.side
        return torch.stack([x[:, None, :].expand(-1, rows, -1), y[:, :, None].expand(-1, -1, columns)], -1)

    def read_from(self, outer: Windows, images: Tensor) -> Tensor:
        """(B, C, height, width) of the (B, C, h, w) pictures of other windows, 0 where these do not reach."""
        padded = F.pad(images, (self.width, self.width, self.height, self.height))
        canvas = Canvas(padded.shape[2], padded.shape[3], 0.0, 0.0, self.canvas.side)
        x = (self.x - outer.x + self.width).clamp(0, outer.width + self.width)
        y = (self.y - outer.y + self.height).clamp(0, outer.height + self.height)
        return Windows(canvas, self.height, self.width, x, y).read(padded)

    def lines(self) -> tuple[Tensor, Tensor]:
        """x of every column, (B, 1, width), and y of every row, (B, height, 1), in frame units."""
        columns = torch.arange(self.width, device=self.x.device) + 0.5 - self.canvas.left
        rows = torch.arange(self.height, device=self.y.device) + 0.5 - self.canvas.top
        x, y = self.x[:, None] + columns, self.y[:, None] + rows
        return (x / self.canvas.side)[:, None, :], (y / self.canvas.side)[:, :, None]

    def read(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, height, width)"""
        return operations(images).read(images, self.x, self.y, self.height, self.width)

    def write(self, images: Tensor, windows: Tensor) -> None:
        """Put (B, C, height, width) back in place."""
        operations(images).write(images, self.x, self.y, windows)
