"""`vasari.render.body.warp`: displacements that press the picture together do not fold it."""

from __future__ import annotations

import torch
from torch import Tensor

from vasari.render.body.fields import GRID
from vasari.render.body.warp import unfolded


def test_a_displacement_that_would_fold_is_smoothed_and_no_other() -> None:
    gentle, folding = pinch(0.3), pinch(1.4)
    assert least_area(folding) < 0
    smoothed = unfolded(torch.cat([gentle, folding]))
    assert torch.equal(smoothed[0], gentle[0])
    assert least_area(smoothed[1:]) > 0.1
    far = slice(0, GRID // 4)
    assert torch.equal(smoothed[1, :, far], folding[0, :, far])


def pinch(strength: float) -> Tensor:
    """(1, 2, GRID, GRID) towards a vertical line in the middle, as the cheek's skin is at the corner of a mouth."""
    line = (torch.arange(GRID) + 0.5) / GRID - 0.5
    away = torch.exp(-((line / 0.03) ** 2))
    moved = torch.zeros(1, 2, GRID, GRID)
    moved[0, 0] = -strength * (line * away) * torch.exp(-((line[:, None] / 0.1) ** 2)) * (line[:, None].abs() < 0.2)
    return moved


def least_area(moved: Tensor) -> float:
    """Of a cell, where it was 1."""
    columns = (moved[:, 0, :, 2:] - moved[:, 0, :, :-2]) * GRID / 2
    return float(1 + columns.min())
