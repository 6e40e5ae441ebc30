"""What lies behind the lips: two arches of teeth, the tongue, and the dark between."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from vasari.render.canvas import Windows
from vasari.render.dentition import LOWER, UPPER, painted
from vasari.render.light import Light
from vasari.render.placement import Placement
from vasari.render.sampling import SharpTexture, Texture, gaussian, smoothstep
from vasari.render.state import State
from vasari.render.teeth import Teeth
from vasari.render.tongue import Tongue
from vasari.values import Appearance

_NEAR, _WIDE = 0.033, 0.10
"""How far around a place the lips' opening counts for the light there: at the teeth, and deeper in."""
_FINEST: Final = 1.25
"""Pixels of a painting for one of the canvas."""


class OralCavity:
    def __init__(
        self,
        appearance: Appearance,
        photo: SharpTexture,
        photographed: Texture,
        skull: Placement,
        jaw: Placement,
        side: float,
        device: torch.device,
    ) -> None:
        """Args:
        photographed: (2, h, w) how far the photo shows an upper, and a lower tooth.
        skull, jaw: where they are in the photo.
        side: of the frame in pixels.
        """
        a = appearance
        enamel, gums, tongue, dark = a.palette
        self._light = Light(torch.as_tensor(a.light, device=device), float(enamel.max()))
        self._pixels = side * a.interocular
        native = a.crop[2] * a.interocular  # no sharper than the photo
        fineness = min(max(_FINEST * self._pixels, 40), max(1.1 * native, 30))
        rows = []
        for k, (arch, upward, placement) in enumerate(((UPPER, -1, skull), (LOWER, 1, jaw))):
            row = painted(arch, upward, fineness, enamel, gums, dark)
            x, y, z = (float(v) for v in a.incisors[k])
            shown = Texture(photographed.image[k : k + 1], *photographed.rectangle)
            rows.append(Teeth(arch, row, (x, y, z), upward, device).as_in(photo, shown, placement, self._light))
        self._upper, self._lower = rows
        upper, lower = torch.as_tensor(a.incisors, device=device)
        self._tongue = Tongue(torch.as_tensor(tongue, device=device), lower, upper)
        self._dark = torch.as_tensor(dark, device=device)[:, None, None]

    def draw(
        self, windows: Windows, below: Tensor, above: Tensor, skull: Placement, jaw: Placement, state: State
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What windows show behind the lips, whose layers have the opacities (B, 1, h, w) `below` and `above`.

        Returns (B, 3, h, w) colors of all that and of the tongue alone, and (B, 1, h, w) how far it lies over the lip.
        """
        px, py = windows.lines()
        light = self._light
        tongue, blade = self._tongue.seen(skull, jaw, state.tongue, state("tongueOut"), px, py, light)
        lower = self._lower.seen(jaw, px, py, light)
        upper = self._upper.seen(skull, px, py, light)

        opening = (1 - below) * (1 - above)
        close = gaussian(torch.cat([opening, above], 1), max(_NEAR * self._pixels, 0.6))
        near, lip_shadow = close[:, :1], close[:, 1:]
        wide = gaussian(near, max(_WIDE * self._pixels, 0.6))
        at_teeth = (0.84 + 0.26 * near + 0.10 * wide).clamp_(max=1) * (1 - (0.24 * lip_shadow).clamp_(max=0.16))
        deep = (0.50 + 1.1 * wide).clamp_(max=1)

        nearer = 1 / (0.03 * skull.matrix[:, 0].norm(dim=1)[:, None, None, None])
        inside = torch.lerp(self._dark, tongue.color * deep, tongue.opacity)
        for teeth in (lower, upper):
            before = ((teeth.depth - tongue.depth) * nearer + 0.5).clamp_(0, 1) * tongue.opacity
            shade = at_teeth if teeth.photographed is None else at_teeth + (1 - at_teeth) * teeth.photographed
            inside = torch.lerp(inside, teeth.color * shade, teeth.opacity * (1 - before))

        over = blade * smoothstep(state("tongueOut"), 0.2, 0.5)[:, None, None, None]
        return inside, tongue.color, over
