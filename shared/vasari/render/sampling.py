"""Textures: pictures that are sampled at places of the frame."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Texture:
    """(C, H, W) float32 over a rectangle of the frame."""

    image: Tensor
    left: float
    top: float
    width: float
    height: float

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.width, self.height

    def at(self, places: Tensor, *, outside: str = "border") -> Tensor:
        """Sample bilinearly at (B, h, w, 2) frame units -> (B, C, h, w). outside: "border" or "zeros"."""
        return sample(self.image, self.normalize(places), outside)

    def normalize(self, places: Tensor) -> Tensor:
        """(..., 2) frame units -> grid_sample's -1..1."""
        scale = self.scale
        return torch.addcmul(places.new_tensor([self.left, self.top]) * -scale - 1, places, scale)

    def place(self, grid: Tensor) -> Tensor:
        """The reverse of `normalize`."""
        return (grid + 1) / self.scale + grid.new_tensor([self.left, self.top])

    @property
    def scale(self) -> Tensor:
        """(2,) grid_sample's units for a unit of the frame."""
        return self.image.new_tensor([2 / self.width, 2 / self.height])


def sample(image: Tensor, grid: Tensor, outside: str = "border") -> Tensor:
    """(C, H, W) or (B, C, H, W) at (B, h, w, 2) -> (B, C, h, w)"""
    images = image.expand(len(grid), -1, -1, -1) if image.dim() == 3 else image
    return F.grid_sample(images, grid, mode="bilinear", padding_mode=outside, align_corners=False)


def enlarge(offsets: Tensor, height: int, width: int) -> Tensor:
    """(B, h, w, 2) at a coarse grid's nodes -> (B, height, width, 2) at every pixel; at the rim as at the last node."""
    planar = offsets.permute(0, 3, 1, 2).contiguous()
    return F.interpolate(planar, (height, width), mode="bilinear", align_corners=False).permute(0, 2, 3, 1)


def gaussian(images: Tensor, sigma: float) -> Tensor:
    """Blur (B, C, h, w), edges replicated. sigma in pixels; a wide blur is done at half the resolution."""
    if sigma > 3:
        height, width = images.shape[2:]
        half = gaussian(F.interpolate(images, (-(-height // 2), -(-width // 2)), mode="area"), sigma / 2)
        return F.interpolate(half, (height, width), mode="bilinear", align_corners=False)
    radius = max(1, round(2.5 * sigma))
    offsets = torch.arange(-radius, radius + 1, device=images.device, dtype=images.dtype)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = kernel / kernel.sum()
    b, c, h, w = images.shape
    flat = F.pad(images.reshape(b * c, 1, h, w), (radius,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(flat, kernel[None, None, :, None]), kernel[None, None, None]).reshape(b, c, h, w)


def smoothstep(x: Tensor, start: float, end: float) -> Tensor:
    """0 up to start, 1 from end on, smooth between."""
    t = ((x - start) / (end - start)).clamp(0, 1)
    return t * t * (3 - 2 * t)
