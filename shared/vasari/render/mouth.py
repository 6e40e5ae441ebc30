"""The mouth: the inside drawn between the lips."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vasari.render import teeth
from vasari.render.canvas import Canvas, Windows
from vasari.render.layers import Layers
from vasari.render.sampling import Texture, gaussian, smoothstep
from vasari.render.state import Plane, State
from vasari.values import Appearance

_JAW_ANGLE = 0.3316
"""Radians that the jaw turns at jawOpen 1; the shapes' 19 degrees."""
_UPPER_BELOW, _LOWER_BELOW = 0.045, 0.085
"""Biting edges below the closed lips' line, interocular distances."""
_UPPER_BEHIND, _LOWER_BEHIND = 0.10, 0.12
_ARCH_BEND = 2.2


class Mouth:
    """Opens a frame where the lips part. All lengths are interocular distances."""

    def __init__(self, appearance: Appearance, layers: Layers, canvas: Canvas, device: torch.device) -> None:
        a = appearance

        def tensor(x: object) -> Tensor:
            return torch.as_tensor(x, dtype=torch.float32, device=device)

        self._canvas, self._photo, self._unit = canvas, layers.photo, a.interocular
        x, y, half = (float(v) for v in a.mouth_place)
        opacities = tensor(a.mouth.transpose(2, 0, 1)) / 255
        self._opacities = Texture(opacities, x - half, y - half, 2 * half, 2 * half)
        enamel, gums, tongue, dark = a.palette
        self._upper_row = tensor(teeth.upper_row(enamel, gums).transpose(2, 0, 1))
        self._lower_row = tensor(teeth.lower_row(enamel, gums).transpose(2, 0, 1))
        self._tongue, self._dark = (tensor(c)[:, None, None] for c in (tongue, dark))

        self._origin, self._axes, self._hinge = tensor(a.origin), tensor(a.axes), tensor(a.jaw_hinge)
        mesh = a.mesh
        self._corners = tensor(mesh[[78, 308]])
        self._middle = float(mesh[[78, 308], 0].mean())
        self._line = float(mesh[[13, 14], 1].mean())
        self._front = float(mesh[[13, 14], 2].min())
        self._center = tensor([[self._middle, self._line, self._front]])
        self._place = (self._origin + self._center[0] @ self._axes.T * self._unit)[:2]
        active = np.abs(a.shapes).max((1, 2)) > 0
        self._corner_shapes = tensor(
            np.concatenate([a.shapes[active][:, [78, 308]], a.closure[None, [78, 308]]])
        ).flatten(1)

    def draw(self, frames: Tensor, state: State) -> None:
        """Draw into (B, 3, H, W) frames of the lower layer, in place."""
        skull = Plane.of_skull(state.pose, self._origin, self._axes, self._unit)
        jaw_open, sideways = state("jawOpen"), 0.09 * (state("jawLeft") - state("jawRight"))
        jaw = skull.turned(_JAW_ANGLE * jaw_open, self._hinge, sideways)
        centers = (skull.project(self._center) + jaw.project(self._center))[:, 0] / 2
        windows = Windows.around(self._canvas, centers, 0.72 * self._unit, 0.55 * self._unit)

        start = skull.project(self._center)[:, 0]
        lower = state.sources(state.lower, windows, self._place, start)
        upper = state.sources(state.upper, windows, self._place, start)
        below = self._opacities.at(lower)[:, 1:]
        above = self._opacities.at(upper, outside="zeros")[:, :1]
        opening = (1 - below) * (1 - above)

        picture = windows.read(frames)
        inside = self._inside(windows.nodes(1.0), opening, above, skull, jaw, state)
        picture = inside + (picture - inside) * below
        picture = picture + (self._photo.at(upper) - picture) * above
        windows.write(frames, picture)

    def _inside(self, places: Tensor, opening: Tensor, above: Tensor, skull: Plane, jaw: Plane, state: State) -> Tensor:
        """(B, 3, h, w) what lies behind the lips, in the shade of them."""
        pixels = self._canvas.side * self._unit
        x, y = skull.meet(places, self._middle, self._front + _UPPER_BEHIND, _ARCH_BEND)
        lower_x, lower_y = jaw.meet(places, self._middle, self._front + _LOWER_BEHIND, _ARCH_BEND)

        corners = self._corners.flatten() + state.weights @ self._corner_shapes
        half_width = ((corners[:, 3] - corners[:, 0]) / 2).clamp(min=0.1)[:, None, None]
        aside = ((x - self._middle).abs() / half_width)[:, None]
        sides = 1 - 0.75 * smoothstep(aside, 0.40, 0.98)
        lip_shadow = gaussian(above, max(0.035 * pixels, 0.6))
        upper_shade = 1 - 0.32 * (1.6 * lip_shadow).clamp(max=1)

        inside = self._dark.expand(len(places), -1, *places.shape[1:3])
        tongue_y = lower_y - (self._line + _LOWER_BELOW + 0.06)
        mound = ((lower_x - self._middle) / 0.29).square() + (tongue_y / 0.20).square()
        tongue_share = ((1.25 - mound) / 0.9).clamp(0, 1)[:, None] * 0.9
        height = (-tongue_y / 0.20 + 0.15).clamp(0, 1)
        groove = torch.exp(-((lower_x - self._middle) / 0.03).square())
        tongue = self._tongue * (0.82 - 0.34 * height - 0.07 * groove)[:, None]
        inside = inside + (tongue - inside) * tongue_share

        row = self._row(self._lower_row, lower_x, lower_y - self._line - _LOWER_BELOW, teeth.LOWER_EDGE)
        inside = inside + (row[:, :3] * 0.74 * sides - inside) * row[:, 3:]
        row = self._row(self._upper_row, x, y - self._line - _UPPER_BELOW, teeth.UPPER_EDGE)
        inside = inside + (row[:, :3] * sides * upper_shade - inside) * row[:, 3:]

        wide, narrow = (gaussian(opening, max(s * pixels, 0.6)) for s in (0.07, 0.02))
        return inside * (0.64 + 0.36 * (1.4 * wide + 0.55 * narrow - 0.05).clamp(0, 1))

    def _row(self, row: Tensor, x: Tensor, y: Tensor, edge: float) -> Tensor:
        """(B, 4, h, w) a row of teeth at face-space places relative to the middle of its biting edge."""
        texture = Texture(row, self._middle - teeth.ROW_WIDTH / 2, -edge, teeth.ROW_WIDTH, teeth.ROW_HEIGHT)
        return texture.at(torch.stack([x, y], -1), outside="zeros")
