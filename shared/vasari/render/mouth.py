"""The mouth: the lips part, and what lies behind them shows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vasari.render.canvas import Canvas, Windows
from vasari.render.layers import Layers
from vasari.render.oral_cavity import OralCavity
from vasari.render.placement import Placement
from vasari.render.sampling import Texture, smoothstep
from vasari.render.state import State
from vasari.values import Appearance
from vasari.values.landmarks import LOWER_LIP, UPPER_LIP

_JAW_ANGLE = 0.3316
"""Radians that the jaw turns at jawOpen 1; the shapes' 19 degrees."""
_JAW_ASIDE, _JAW_FORWARD = 0.09, (0.0, -0.005, -0.08)
"""Its shift at jawLeft and at jawForward 1, interocular distances."""
_LIPS, _OPENING = (0.72, 0.55), (0.60, 0.42)
"""Half the width and height of the windows that the upper lip's layer, and what lies between the lips, are drawn in."""
_DROP = 0.03
"""How much lower the latter lies: a tongue put out hangs down."""


class Mouth:
    """Opens a frame where the lips part. All lengths are interocular distances."""

    def __init__(self, appearance: Appearance, layers: Layers, canvas: Canvas, device: torch.device) -> None:
        a = appearance

        def tensor(x: object) -> Tensor:
            return torch.as_tensor(x, dtype=torch.float32, device=device)

        self._canvas, self._photo, self._unit = canvas, layers.photo, a.interocular
        x, y, half = (float(v) for v in a.mouth_place)
        opacities, teeth = (
            Texture(tensor(a.mouth[..., k].transpose(2, 0, 1)) / 255, x - half, y - half, 2 * half, 2 * half)
            for k in (slice(0, 2), slice(2, 4))
        )
        self._opacities = opacities
        self._origin, self._axes, self._hinge = tensor(a.origin), tensor(a.axes), tensor(a.jaw_hinge)
        self._forward = tensor(_JAW_FORWARD)
        self._center = tensor(a.incisors.mean(0, keepdims=True))
        source = a.source_motion("jawOpen")[0]
        rest = Placement(self._axes[None] * self._unit, self._origin[None])
        rest_jaw = rest.turned(tensor([_JAW_ANGLE * source]), self._hinge, tensor([[0.0, 0.0, 0.0]]))
        self._inside = OralCavity(a, layers.photo, teeth, rest, rest_jaw, canvas.side, device)
        self._drop = tensor(a.axes[:2, 1] * _DROP * a.interocular)
        active = np.abs(a.shapes).max((1, 2)) > 0
        self._lip_shapes = tensor(a.shapes[active][:, [*UPPER_LIP[0], *LOWER_LIP[0]]]).flatten(1)

    def draw(self, frames: Tensor, state: State) -> None:
        """Draw into (B, 3, H, W) frames of the lower layer, in place."""
        skull = Placement.of_skull(state.pose, self._origin, self._axes, self._unit, self._center[0])
        shift = self._forward * state("jawForward")[:, None]
        shift[:, 0] += _JAW_ASIDE * (state("jawLeft") - state("jawRight"))
        jaw = skull.turned(_JAW_ANGLE * state("jawOpen"), self._hinge, shift)
        centers = (skull(self._center)[:, 0, :2] + jaw(self._center)[:, 0, :2]) / 2
        lips = Windows.around(self._canvas, centers, *(n * self._unit for n in _LIPS))
        upper = state.sources(state.upper, lips)
        above = self._opacities.at(upper, outside="zeros")[:, :1]

        opening = Windows.around(self._canvas, centers + self._drop, *(n * self._unit for n in _OPENING))
        lower = state.sources(state.lower, opening)
        below = self._opacities.at(lower)[:, 1:]
        above_here = opening.within(lips).read(above)
        inside, tongue, over_lip = self._inside.draw(opening, below, above_here, skull, jaw, state)
        inside = torch.lerp(inside, self._photo.at(lower), self._as_photographed(state))
        picture = torch.lerp(inside, opening.read(frames), below)
        opening.write(frames, torch.lerp(picture, tongue, over_lip))
        lips.write(frames, torch.lerp(lips.read(frames), self._photo.at(upper), above))

    def _as_photographed(self, state: State) -> Tensor:
        """(B, 1, 1, 1) 1 while the lips are where the photo has them, and shows what is between them; else 0."""
        moved = (state.weights[:, :-1] @ self._lip_shapes).view(len(state.weights), -1, 3)
        moved = moved.square().sum(2).mean(1).sqrt()
        return 1 - smoothstep(moved, 0.004, 0.03)[:, None, None, None]
