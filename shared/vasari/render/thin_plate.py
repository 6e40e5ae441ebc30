"""Thin-plate spline interpolation of scattered values (Duchon, 1977)."""

from __future__ import annotations

import torch
from torch import Tensor


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


def _kernel(a: Tensor, b: Tensor) -> Tensor:
    """r^2 log r"""
    square = (a[:, None, 0] - b[None, :, 0]).square_().add_((a[:, None, 1] - b[None, :, 1]).square_())
    return square.clamp(min=1e-24).log_().mul_(square).mul_(0.5)
