"""What lies behind the lips: two arches of teeth, the tongue, and the dark between."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.render import dentition
from vasari.render.canvas import Windows
from vasari.render.light import Light
from vasari.render.placement import Placement
from vasari.render.sampling import gaussian, smoothstep
from vasari.render.state import State
from vasari.render.teeth import Teeth
from vasari.render.tongue import Tongue
from vasari.values import Appearance

_UPPER_EDGE: Final = (0.0, 0.048, 0.085)
"""The upper incisors' edge from the middle of the closed lips' line: 3 mm below it (Vig and Brundo 1978: so much shows
when the lips hang apart), behind the lips."""
_LOWER_EDGE: Final = (0.0, 0.040, 0.125)
"""The lower ones': an overjet of 2.5 mm. At rest the jaw hangs by 2 to 3 mm, which takes up the overbite."""
_FINEST: Final = 1.25
"""Pixels of a painting for one of the canvas."""


class OralCavity:
    def __init__(self, appearance: Appearance, lips: NDArray[np.float32], density: float, device: torch.device) -> None:
        """lips: (3,) the middle of the closed lips in face space. density: canvas pixels an interocular distance."""
        a = appearance

        def tensor(x: object) -> Tensor:
            return torch.as_tensor(x, dtype=torch.float32, device=device)

        enamel, gums, tongue, dark = a.palette
        upper, lower = (lips + np.array(edge, np.float32) for edge in (_UPPER_EDGE, _LOWER_EDGE))
        native = a.crop[2] * a.interocular  # no sharper than the photo
        fineness = min(max(_FINEST * density, 40), max(1.1 * native, 30))
        self._upper, self._lower = (
            Teeth(
                arch,
                dentition.painted(arch, upward, fineness, enamel, gums, dark),
                (float(edge[0]), float(edge[1]), float(edge[2])),
                upward,
                device,
            )
            for arch, upward, edge in ((dentition.UPPER, -1, upper), (dentition.LOWER, 1, lower))
        )
        self._tongue = Tongue(tensor(tongue), tensor(lower), tensor(upper))
        self._dark = tensor(dark)[:, None, None]
        self._light = Light(tensor(a.light), float(enamel.max()))
        self._pixels = density

    def draw(
        self, windows: Windows, below: Tensor, above: Tensor, skull: Placement, jaw: Placement, state: State
    ) -> tuple[Tensor, Tensor]:
        """What windows show behind the lips, whose layers have the opacities (B, 1, h, w) `below` and `above`.

        Returns (B, 3, h, w) colors, and (B, 1, h, w) how far the tongue lies over the lower lip.
        """
        px, py = windows.lines()
        light = self._light
        tongue, blade = self._tongue.seen(skull, jaw, state.tongue, state("tongueOut"), px, py, light)
        lower = self._lower.seen(jaw, px, py, light)
        upper = self._upper.seen(skull, px, py, light)

        opening = (1 - below) * (1 - above)
        pixels = self._pixels
        near, wide = (gaussian(opening, max(s * pixels, 0.6)) for s in (0.035, 0.10))
        lip_shadow = gaussian(above, max(0.03 * pixels, 0.6))
        at_teeth = (0.80 + 0.30 * near + 0.10 * wide).clamp(max=1) * (1 - 0.20 * (1.3 * lip_shadow).clamp(max=1))
        deep = (0.50 + 1.1 * wide).clamp(max=1)

        unit = skull.matrix[:, :, 0].norm(dim=1)[:, None, None, None]
        inside = self._dark.expand(len(px), -1, py.shape[1], px.shape[2])
        inside = inside + (tongue.color * deep - inside) * tongue.opacity
        for teeth in (lower, upper):
            behind = (0.5 + (tongue.depth - teeth.depth) / (0.03 * unit)).clamp(0, 1)
            share = teeth.opacity * (1 - tongue.opacity * (1 - behind))
            inside = inside + (teeth.color * at_teeth - inside) * share

        over = blade * smoothstep(state("tongueOut"), 0.2, 0.5)[:, None, None, None]
        return inside + (tongue.color - inside) * over, over
