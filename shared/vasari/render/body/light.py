"""The photo's light on surfaces of our own."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vasari.render.mouth.placement import Placement


@dataclass(frozen=True)
class Shading:
    """(B, 1, h, w) factors for a surface's color, and what its gloss adds."""

    diffuse: Tensor
    gloss: Tensor

    def surface(self, color: Tensor) -> Tensor:
        return color * self.diffuse + self.gloss


class Light:
    """Light from all around and from one direction, fixed in the frame while the head turns."""

    def __init__(self, light: Tensor, white: float) -> None:
        """light: `Appearance.light`. white: 0..255, as bright as a highlight may get."""
        self.share = float(light.norm())
        direction = light / light.norm().clamp(min=1e-6)
        halfway = direction + light.new_tensor([0.0, 0.0, -1.0])
        self.towards = torch.stack([direction, halfway / halfway.norm()])
        """(2, 3) towards the light, and halfway between it and the camera; frame axes."""
        self.front = -float(direction[2])
        self.white = white
        self.directions: list[list[float]] = self.towards.tolist()
        """The same for the host."""

    def on(self, normals: Tensor, placement: Placement, gloss: float) -> Shading:
        """Light on (B, 3, h, w) unit normals of face space, placed so."""
        facing, shine = (_dot(normals, placement.into(direction)) for direction in self.towards)
        return self.shading(facing, shine, gloss)

    def shading(self, facing: Tensor, shine: Tensor, gloss: float, share: float = 1.0) -> Shading:
        """Args:
        facing, shine: (B, h, w) cosines of the normals with `directions`.
        gloss: 0..1, of a highlight's middle.
        share: of the direct light that reaches the surface, 0..1.
        """
        # A surface that faces the camera keeps its color: palettes are read from faces that do.
        diffuse = facing.clamp(min=0).mul_(share * self.share).add_(1 - share * self.share * self.front)
        sharp = shine.clamp(min=0).square_().square_().square_().square_()
        highlight = (sharp.square() * sharp).mul_(gloss * self.white)
        return Shading(diffuse[:, None], highlight[:, None])


def _dot(normals: Tensor, direction: Tensor) -> Tensor:
    x, y, z = direction[:, :, None, None].unbind(1)
    return (normals[:, 0] * x).add_(normals[:, 1] * y).add_(normals[:, 2] * z)
