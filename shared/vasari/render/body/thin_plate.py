"""Thin-plate spline interpolation of scattered values (Duchon, 1977)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_ROWS: Final = 256
"""Of the kernel that are made at once: they fit a processor's cache."""


def thin_plate(points: Tensor, values: Tensor, places: Tensor, smoothing: float) -> Tensor:
    """The surface of least bending through (or, with smoothing, near) values at scattered points.

    Args:
        points: (N, 2) float64.
        values: (N, C) float64.
        places: (M, 2) float64, where it is wanted.
        smoothing: weight of bending against misfit; 0 interpolates.
    Returns:
        (M, C) float32. The system is solved in double precision, the surface evaluated in single: it costs the
        most by far and is good to a hundredth of a pixel.
    """
    n = len(points)
    affine = torch.cat([torch.ones_like(points[:, :1]), points], 1)
    system = points.new_zeros(n + 3, n + 3)
    system[:n, :n] = _kernel(points, points) + smoothing * torch.eye(n, dtype=points.dtype, device=points.device)
    system[:n, n:], system[n:, :n] = affine, affine.T
    weights = torch.linalg.solve(system, torch.cat([values, values.new_zeros(3, values.shape[1])]))
    single = places.float()
    bent: Tensor = _kernel(single, points.float()) @ weights[:n].float()
    plane: Tensor = torch.cat([torch.ones_like(single[:, :1]), single], 1) @ weights[n:].float()
    return bent + plane


def interpolated(
    places: NDArray[Any], values: NDArray[Any], size: int, smoothing: float, device: torch.device | str = "cpu"
) -> Tensor:
    """(size * size, C) float32 on the CPU: the surface over the frame's cells, given (N, C) values at (N, 2) places."""
    # Points nearer than a five-hundredth of the frame to another cannot be told apart by a spline.
    _, distinct = np.unique(np.round(places * 512).astype(int), axis=0, return_index=True)
    line = (np.arange(size) + 0.5) / size
    cells = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    points, wanted, cell = (torch.from_numpy(a).to(device) for a in (places[distinct], values[distinct], cells))
    return thin_plate(points, wanted, cell, smoothing).cpu()


def _kernel(a: Tensor, b: Tensor) -> Tensor:
    """r^2 log r"""
    made = a.new_empty(len(a), len(b))
    for part, rows in zip(torch.split(a, _ROWS), torch.split(made, _ROWS), strict=True):
        square = (part[:, None, 0] - b[None, :, 0]).square_().add_((part[:, None, 1] - b[None, :, 1]).square_())
        torch.mul(square.clamp(min=1e-24).log_(), square, out=rows).mul_(0.5)
    return made
