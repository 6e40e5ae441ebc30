"""The eyes: a ball that turns, and lids that close over it."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from vasari.render.canvas import Canvas, Windows
from vasari.render.layers import Layers
from vasari.render.sampling import Texture, gaussian, smoothstep
from vasari.render.state import Plane, State
from vasari.values import Appearance
from vasari.values.landmarks import EYES, EyePoints

_TRAVEL: Final = (0.09, 0.06)
"""How far the iris moves at eyeLook 1, sideways and up or down, in interocular distances."""
_IRIS, _REACH = 1.15, 3.0
"""The iris moves rigidly to this many radii; the white around it gives way up to that many."""


class Eye:
    """Draws one eye into frames of the lower layer."""

    def __init__(
        self, index: int, eye: EyePoints, appearance: Appearance, layers: Layers, canvas: Canvas, device: torch.device
    ) -> None:
        a = appearance

        def tensor(x: object) -> Tensor:
            return torch.as_tensor(x, dtype=torch.float32, device=device)

        self._side, self._outward = eye.side, eye.outward
        self._canvas, self._photo, self._unit = canvas, layers.photo, a.interocular
        x, y, half, radius = (float(v) for v in a.eye_places[index])
        image = tensor(a.eyes[index].transpose(2, 0, 1))
        image[6:] /= 255

        def texture(channels: slice) -> Texture:
            return Texture(image[channels], x - half, y - half, 2 * half, 2 * half)

        self._eyeball, self._lid = texture(slice(0, 3)), texture(slice(3, 6))
        self._upper, self._lower = texture(slice(6, 7)), texture(slice(7, 8))
        self._radius = radius / a.interocular

        self._origin, self._axes = tensor(a.origin), tensor(a.axes)
        self._depth = float(a.mesh[list(eye.upper), 2].mean())
        center = (a.landmarks[eye.iris[0]] - a.origin) @ a.axes / a.interocular
        self._center = tensor([[center[0], center[1], self._depth]])
        # face space to the photo, for a point at the eye's depth
        self._rest = Plane(self._axes[None, :2] * a.interocular, self._origin[None, :2])

    def draw(self, frames: Tensor, state: State) -> None:
        """Draw into (B, 3, H, W) frames, in place."""
        skull = Plane.of_skull(state.pose, self._origin, self._axes, self._unit, self._center[0])
        centers = skull.project(self._center)[:, 0]
        windows = Windows.around(self._canvas, centers, 0.38 * self._unit, 0.32 * self._unit)

        lower = state.sources(state.lower, windows)
        upper = state.sources(state.upper, windows)
        below = self._lower.at(lower)
        above = self._upper.at(upper, outside="zeros")

        blink = state(f"eyeBlink{self._side}")[:, None, None, None]
        ball = self._ball(windows.nodes(1.0), skull, state)
        shadow = gaussian(above, max(0.035 * self._unit * self._canvas.side, 0.6))
        ball = ball * (1 - 0.35 * blink * (2 * shadow).clamp(max=1))

        picture = windows.read(frames)
        picture = ball + (picture - ball) * below
        skin = self._photo.at(upper)
        skin = skin + (self._lid.at(upper) - skin) * smoothstep(blink, 0.1, 0.7)
        windows.write(frames, picture + (skin - picture) * above)

    def _ball(self, places: Tensor, skull: Plane, state: State) -> Tensor:
        """(B, 3, h, w) the eyeball: the iris shifted by the gaze, the white stretched and squeezed around it."""
        x, y = skull.meet(places, 0.0, self._depth)
        away = state(f"eyeLookOut{self._side}") - state(f"eyeLookIn{self._side}")
        down = state(f"eyeLookDown{self._side}") - state(f"eyeLookUp{self._side}")
        shift_x = (self._outward * _TRAVEL[0] * away)[:, None, None]
        shift_y = (_TRAVEL[1] * down)[:, None, None]
        center = self._center[0]
        distance = torch.hypot(x - shift_x - center[0], y - shift_y - center[1]) / self._radius
        share = 1 - smoothstep(distance, _IRIS, _REACH)
        return self._eyeball.at(self._in_photo(x - shift_x * share, y - shift_y * share))

    def _in_photo(self, x: Tensor, y: Tensor) -> Tensor:
        """(B, h, w, 2) frame units of points of face space at the eye's depth, in the photo."""
        z = torch.full_like(x, self._depth)
        return self._rest.project(torch.stack([x, y, z], -1).flatten(1, 2)).view(*x.shape, 2)


def both_eyes(appearance: Appearance, layers: Layers, canvas: Canvas, device: torch.device) -> tuple[Eye, ...]:
    return tuple(Eye(i, eye, appearance, layers, canvas, device) for i, eye in enumerate(EYES))
