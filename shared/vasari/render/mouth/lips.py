"""The mouth: the lips part, and what lies behind them shows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vasari.render.canvas.canvas import Canvas, Windows
from vasari.render.canvas.layers import Layers
from vasari.render.canvas.sampling import Texture, gaussian, nowhere, smoothstep
from vasari.render.mouth.corners import Corners
from vasari.render.mouth.oral_cavity import OralCavity
from vasari.render.mouth.placement import Placement
from vasari.render.state import State
from vasari.values import Appearance
from vasari.values.landmarks import LOWER_LIP, UPPER_LIP
from vasari.values.motion import JAW_ANGLE

_JAW_ASIDE, _JAW_FORWARD = 0.09, (0.0, -0.005, -0.08)
"""Its shift at jawLeft and at jawForward 1, interocular distances."""
_LIPS, _OPENING = (0.70, 0.42), (0.54, 0.36)
"""Half the width and height of the windows that the upper lip's layer, and what lies between the lips, are drawn in; of
an upright face."""
_LIPS_BELOW, _OPENING_BELOW = -0.16, 0.13
"""How far their middles lie below the incisors' edges; they are fixed to the skull, but"""
_FOLLOW, _FOLLOW_TONGUE = 0.2, 0.35
"""so much of the jaw's way the latter goes along, and more with the tongue put out."""
_SHADOW = (0.03, 0.5)
"""How wide the shadow of a tongue put out is, and how dark."""
_SEALED = 0.14
"""Of light that passes both lips' soft edges where they touch: less than this is none."""

_WEB = 0.5
"""Brightness of the skin between the lips at their corners over that of gums."""


class Mouth:
    """Opens a frame where the lips part. All lengths are interocular distances."""

    def __init__(self, appearance: Appearance, layers: Layers, canvas: Canvas, device: torch.device) -> None:
        a = appearance

        def tensor(x: object) -> Tensor:
            return torch.as_tensor(x, dtype=torch.float32, device=device)

        self._canvas, self._photo, self._unit = canvas, layers.photo, a.interocular
        x, y, half = (float(v) for v in a.mouth_place)
        self._web = tensor(_WEB * a.palette[1])[:, None, None]
        self._corners = Corners(a, device)
        upper, lower, *teeth = tensor(a.mouth.transpose(2, 0, 1)) / 255
        self._above, self._below, shown = (
            Texture(torch.stack(images), x - half, y - half, 2 * half, 2 * half)
            for images in ([upper], [lower, self._corners.height], teeth)
        )
        self._units, self._hinge = tensor(a.axes * a.interocular), tensor(a.jaw_hinge)
        self._forward = tensor(_JAW_FORWARD)
        self._center = tensor(a.incisors.mean(0, keepdims=True))
        source = a.source_motion("jawOpen")[0]
        origin = tensor(a.origin)
        self.place = origin + self._units @ self._center[0]
        """(3,) of the photo: the middle of the incisors. A state tells first what is around it."""
        rest = Placement(self._units[None], origin[None])
        rest_jaw = rest.turned(tensor([JAW_ANGLE * source]), self._hinge, tensor([[0.0, 0.0, 0.0]]))
        self._inside = OralCavity(a, layers.photo, shown, rest, rest_jaw, canvas.side, device)
        self._lips_below, self._opening_below = (
            tensor(a.axes[:2, 1] * n * a.interocular) for n in (_LIPS_BELOW, _OPENING_BELOW)
        )
        self._lips, self._opening = (_upright_half(a, half) for half in (_LIPS, _OPENING))
        active = np.abs(a.shapes).max((1, 2)) > 0
        self._lip_shapes = tensor(a.shapes[active][:, [*UPPER_LIP[0], *LOWER_LIP[0]]]).flatten(1)

    def draw(self, frames: Tensor, state: State) -> None:
        """Draw into (B, 3, H, W) frames of the lower layer, in place."""
        skull = Placement.of_skull(state.turns[:, 0], state.seen[:, 0], self._units, self._center[0])
        shift = self._forward * state("jawForward")[:, None]
        shift[:, 0] += _JAW_ASIDE * (state("jawLeft") - state("jawRight"))
        jaw = skull.turned(JAW_ANGLE * state("jawOpen"), self._hinge, shift)
        center, follower = skull(self._center)[:, 0, :2], jaw(self._center)[:, 0, :2]
        lips = Windows.around(self._canvas, center + self._lips_below, *self._lips)
        upper = state.sources(state.upper, lips)
        above = self._above.at(upper, outside="zeros")

        out = state("tongueOut")
        center = torch.lerp(center, follower, (_FOLLOW + _FOLLOW_TONGUE * out)[:, None]) + self._opening_below
        opening = Windows.around(self._canvas, center, *self._opening)
        lower = state.sources(state.lower, opening)
        above_here = opening.read_from(lips, above)
        below, height = self._below.at(lower).chunk(2, 1)
        parted = (1 - below) * (1 - above_here)
        parted = parted.sub_(_SEALED).mul_(1 / (1 - _SEALED)).clamp_(min=0)
        # Without an opening the frames stay as they are, so that where the host can look, closed mouths cost little.
        if not (nowhere(parted) and nowhere(out)):
            inside, tongue, over_lip = self._inside.draw(opening, parted, above_here, skull, jaw, state)
            inside = torch.lerp(self._web, inside, self._corners.within(lower, height, state.weights))
            as_photographed = self._as_photographed(state)
            if not nowhere(as_photographed):
                inside = inside.lerp_(self._photo.at(lower), as_photographed)
            share = (parted / (1 - above_here).clamp_(min=1e-3)).clamp_(max=1)
            picture = opening.read(frames)
            if not nowhere(over_lip):
                shadow = gaussian(over_lip, _SHADOW[0] * self._unit * self._canvas.side)
                picture = picture.mul_(1 - _SHADOW[1] * shadow).lerp_(tongue, over_lip)
            opening.write(frames, picture.lerp_(inside, share))
        lips.write(frames, lips.read(frames).lerp_(self._photo.at(upper), above))

    def _as_photographed(self, state: State) -> Tensor:
        """(B, 1, 1, 1) 1 while the lips are where the photo has them, and shows what is between them; else 0."""
        moved = (state.weights[:, :-1] @ self._lip_shapes).view(len(state.weights), -1, 3)
        moved = moved.square().sum(2).mean(1).sqrt()
        return 1 - smoothstep(moved, 0.004, 0.03)[:, None, None, None]


def _upright_half(appearance: Appearance, half: tuple[float, float]) -> tuple[float, float]:
    """Half the width and height, in frame units, of the upright window around one that leans as the face does."""
    x, y = appearance.axes[:2, 0] / np.hypot(*appearance.axes[:2, 0]) * appearance.interocular
    width, height = abs(x) * half[0] + abs(y) * half[1], abs(y) * half[0] + abs(x) * half[1]
    return float(width), float(height)
