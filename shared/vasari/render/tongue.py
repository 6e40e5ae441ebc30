"""The tongue: a body that lies in the jaw, and a blade from it whose tip goes where a sound wants it.

Both are ellipsoids, joined smoothly. Under parallel lines of sight an ellipsoid's outline and depth are closed forms:
with the matrix S = E E' of its half axes E, a pixel d from its center hits it where d' P d < 1, P the inverse of S's
part in the picture, at the depth s P d - sqrt((1 - d' P d) (S_zz - s P s')).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from vasari.render.light import Light
from vasari.render.placement import Placement
from vasari.render.sampling import smoothstep
from vasari.render.teeth import Seen

_BODY: Final = ((0.0, 0.14, 0.42), (0.30, 0.19, 0.36))
"""Center from the lower incisors' edge in the jaw, and half axes."""
_ROOT: Final = (0.0, 0.11, 0.30)
_ROOT_OUT: Final = (0.0, 0.02, 0.06)
_REST: Final = (0.0, 0.075, 0.035)
"""The tip behind the lower incisors."""
_BETWEEN: Final = (0.0, -0.005, -0.05)
_OUT: Final = (0.0, 0.33, -0.26)
_RIDGE: Final = (0.0, -0.13, 0.06)
"""Where the tip touches behind the upper incisors, from their edge, fixed to the skull."""
_BLADE: Final = (0.20, 0.055)
"""Half its width and thickness."""


@dataclass(frozen=True)
class _Ellipsoid:
    depth: Tensor
    normal: Tensor
    inside: Tensor
    """(B, h, w) 1 - d' P d"""


class Tongue:
    def __init__(self, color: Tensor, lower_edge: Tensor, upper_edge: Tensor) -> None:
        """color: (3,) RGB. lower_edge, upper_edge: (3,) middles of the incisors' edges in face space."""
        self._color, self._lower, self._upper = color[:, None, None], lower_edge, upper_edge

    def seen(
        self, skull: Placement, jaw: Placement, raised: Tensor, out: Tensor, px: Tensor, py: Tensor, light: Light
    ) -> tuple[Seen, Tensor]:
        """The tongue, and (B, 1, h, w) the part of its opacity that is the blade's.

        raised: (B,) tip to the ridge, 0..1. out: (B,) tongueOut, 0..1; px, py: as for `Teeth.seen`.
        """
        unit = skull.matrix[:, :, 0].norm(dim=1)[:, None]
        lower, upper = self._lower, self._upper
        tip_of = {name: jaw((lower + lower.new_tensor(p))[None])[:, 0] for name, p in _PLACES.items()}
        ridge = skull((upper + upper.new_tensor(_RIDGE))[None])[:, 0]
        a, b = smoothstep(out, 0.0, 0.3)[:, None], smoothstep(out, 0.25, 1.0)[:, None]
        tip = tip_of["rest"] + (tip_of["between"] - tip_of["rest"]) * a
        tip = tip + (tip_of["out"] - tip) * b
        tip = tip + (ridge - tip) * (raised[:, None] * (1 - a))
        root = tip_of["root"] + (tip_of["root out"] - tip_of["root"]) * b

        across = jaw.matrix[:, :, 0] / unit
        center = jaw((lower + lower.new_tensor(_BODY[0]))[None])[:, 0]
        axes = jaw.matrix * lower.new_tensor(_BODY[1])
        body = _ellipsoid(center, axes, px, py)
        along = (tip - root) / 2
        normal = torch.linalg.cross(across, along)
        normal = normal / normal.norm(dim=1, keepdim=True)
        half, thick = _BLADE
        blade_axes = torch.stack([across * half * unit, normal * thick * unit, along * 1.12], -1)
        blade = _ellipsoid((tip + root) / 2, blade_axes, px, py)

        # Joined where they are within `soft` of one another in depth.
        rim = 0.06
        covers = [((e.inside / rim) + 0.5).clamp(0, 1) for e in (body, blade)]
        soft = 0.07 * unit[:, :, None]
        nearer = 0.5 + (blade.depth - body.depth) / (2 * soft)  # 1 where the body is in front
        share = (nearer + covers[0] - covers[1]).clamp(0, 1)[:, None] * covers[0][:, None]
        share = share.clamp(min=0)
        normals = blade.normal + (body.normal - blade.normal) * share
        normals = normals / normals.norm(dim=1, keepdim=True).clamp(min=1e-3)
        depth = blade.depth[:, None] + (body.depth - blade.depth)[:, None] * share
        cover = (covers[0] + covers[1] - covers[0] * covers[1])[:, None]

        middle = center[:, 0, None, None]
        groove = torch.exp(-((px - middle) / (0.03 * unit[:, :, None])).square())[:, None]
        front = skull(upper[None])[:, 0, 2, None, None, None]
        deep = ((depth - front) / unit[..., None, None]).clamp(min=0)
        shade = torch.exp(-deep / 1.3) * (1 - 0.07 * groove)
        lit = light.on(normals, None, gloss=0.22)
        color = lit.surface(self._color) * shade
        return Seen(color, cover, depth), covers[1][:, None] * (1 - share)


_PLACES: Final = {"rest": _REST, "between": _BETWEEN, "out": _OUT, "root": _ROOT, "root out": _ROOT_OUT}


def _ellipsoid(center: Tensor, axes: Tensor, px: Tensor, py: Tensor) -> _Ellipsoid:
    """(B, 3) center and (B, 3, 3) half axes in its columns, frame units."""
    s = axes @ axes.transpose(1, 2)
    a, b, c = s[:, 0, 0], s[:, 0, 1], s[:, 1, 1]
    determinant = a * c - b * b
    p = [v[:, None, None] for v in (c / determinant, -b / determinant, a / determinant)]
    lean = [
        v[:, None, None]
        for v in (
            (s[:, 2, 0] * c - s[:, 2, 1] * b) / determinant,
            (s[:, 2, 1] * a - s[:, 2, 0] * b) / determinant,
        )
    ]
    through = s[:, 2, 2, None, None] - lean[0] * s[:, 2, 0, None, None] - lean[1] * s[:, 2, 1, None, None]
    dx, dy = px - center[:, 0, None, None], py - center[:, 1, None, None]
    inside = 1 - (p[0] * dx * dx + (2 * p[1] * dx + p[2] * dy) * dy)
    dz = lean[0] * dx + lean[1] * dy - (inside.clamp(min=0) * through).sqrt()
    # The half axes are square to one another: S inverse is the sum of e e' / |e|^4.
    scaled = axes / axes.square().sum(1, keepdim=True).square()
    inverse = (scaled @ axes.transpose(1, 2))[..., None, None]
    normal = torch.stack([inverse[:, k, 0] * dx + inverse[:, k, 1] * dy + inverse[:, k, 2] * dz for k in range(3)], 1)
    normal = normal / normal.norm(dim=1, keepdim=True).clamp(min=1e-6)
    return _Ellipsoid(center[:, 2, None, None] + dz, normal, inside)
