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
from vasari.values.landmarks import LOWER_LIP, SURFACE, UPPER_LIP

_JAW_ANGLE = 0.3316
"""Radians that the jaw turns at jawOpen 1; the shapes' 19 degrees."""
_JAW_ASIDE, _JAW_FORWARD = 0.09, (0.0, -0.005, -0.08)
"""Its shift at jawLeft and at jawForward 1, interocular distances."""


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
        self._origin, self._axes, self._hinge = tensor(a.origin), tensor(a.axes), tensor(a.jaw_hinge)
        self._forward = tensor(_JAW_FORWARD)
        lips = neutral_surface(a)[[13, 14]]
        middle = np.array([a.mesh[[78, 308], 0].mean(), lips[:, 1].mean(), lips[:, 2].min()], np.float32)
        self._inside = OralCavity(a, middle, canvas.side * a.interocular, device)
        self._center = tensor(middle[None])
        active = np.abs(a.shapes).max((1, 2)) > 0
        self._lip_shapes = tensor(a.shapes[active][:, [*UPPER_LIP[0], *LOWER_LIP[0]]]).flatten(1)

    def draw(self, frames: Tensor, state: State) -> None:
        """Draw into (B, 3, H, W) frames of the lower layer, in place."""
        skull = Placement.of_skull(state.pose, self._origin, self._axes, self._unit, self._center[0])
        shift = self._forward * state("jawForward")[:, None]
        shift[:, 0] += _JAW_ASIDE * (state("jawLeft") - state("jawRight"))
        jaw = skull.turned(_JAW_ANGLE * state("jawOpen"), self._hinge, shift)
        centers = (skull(self._center)[:, 0, :2] + jaw(self._center)[:, 0, :2]) / 2
        windows = Windows.around(self._canvas, centers, 0.72 * self._unit, 0.55 * self._unit)

        lower = state.sources(state.lower, windows)
        upper = state.sources(state.upper, windows)
        below = self._opacities.at(lower)[:, 1:]
        above = self._opacities.at(upper, outside="zeros")[:, :1]

        picture = windows.read(frames)
        inside, over_lip = self._inside.draw(windows, below, above, skull, jaw, state)
        inside = inside + (self._photo.at(lower) - inside) * self._as_photographed(state) * (1 - over_lip)
        picture = inside + (picture - inside) * (below * (1 - over_lip))
        picture = picture + (self._photo.at(upper) - picture) * above
        windows.write(frames, picture)

    def _as_photographed(self, state: State) -> Tensor:
        """(B, 1, 1, 1) 1 while the lips are where the photo has them, and shows what is between them; else 0."""
        moved = (state.weights[:, :-1] @ self._lip_shapes).view(len(state.weights), -1, 3)
        moved = moved.square().sum(2).mean(1).sqrt()
        return 1 - smoothstep(moved, 0.004, 0.03)[:, None, None, None]


def neutral_surface(appearance: Appearance) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(468, 3) the face's surface without the expression of the photo."""
    source = appearance.source_motion.coefficients[0]
    moved = np.tensordot(source, appearance.shapes, 1) if source.any() else np.zeros((SURFACE, 3), np.float32)
    return np.asarray(appearance.mesh - moved + appearance.closure, np.float32)
