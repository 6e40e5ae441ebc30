"""The photo's light on surfaces of our own."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vasari.render.placement import Placement


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
        self._share = float(light.norm())
        direction = light / light.norm().clamp(min=1e-6)
        view = light.new_tensor([0.0, 0.0, -1.0])
        self._direction = direction
        self._half = (direction + view) / (direction + view).norm()
        self._front = -float(direction[2])
        self._white = white

    def on(self, normals: Tensor, placement: Placement | None, gloss: float) -> Shading:
        """Light on (B, 3, h, w) unit normals, of face space as it is placed, or of the frame without a placement."""
        if placement is None:
            direction, half = (v[None] for v in (self._direction, self._half))
        else:
            direction, half = placement.into(self._direction), placement.into(self._half)
        facing = _dot(normals, direction).clamp(min=0)
        shine = _dot(normals, half).clamp(min=0).square().square().square().square()
        # A surface that faces the camera keeps its color: palettes are read from faces that do.
        return Shading(1 + self._share * (facing - self._front), gloss * self._white * shine.square() * shine)


def _dot(normals: Tensor, direction: Tensor) -> Tensor:
    x, y, z = direction[:, :, None, None, None].unbind(1)
    return normals[:, 0:1] * x + normals[:, 1:2] * y + normals[:, 2:3] * z
