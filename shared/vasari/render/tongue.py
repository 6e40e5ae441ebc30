"""The tongue: a body that lies in the jaw, and a blade from it whose tip goes where a sound wants it.

Both are ellipsoids, joined smoothly: under parallel lines of sight their outline, depth and normals are closed forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.light import Light
from vasari.render.placement import Placement
from vasari.render.sampling import smoothstep
from vasari.render.teeth import Seen

_BODY: Final = ((0.0, 0.06, 0.34), (0.34, 0.20, 0.30))
"""Center from the lower incisors' edge in the jaw, and half axes."""
_ROOT: Final = (0.0, 0.10, 0.24)
_ROOT_OUT: Final = (0.0, -0.07, 0.22)
"""Where the blade begins when it is put out: so far back that it is widest where it lies on the lip."""
_REST: Final = (0.0, 0.075, 0.035)
"""The tip behind the lower incisors."""
_BETWEEN: Final = (0.0, -0.005, -0.05)
_OUT: Final = (0.0, 0.17, -0.24)
_OVER_LIP: Final = (0.0, -0.35, 0.0)
"""Four times how far the tip rises on its way out, to pass over the lower lip."""
_RIDGE: Final = (0.0, -0.13, 0.06)
"""Where the tip touches behind the upper incisors, from their edge, fixed to the skull."""
_BLADE: Final = (0.23, 0.06)
"""Half its width and thickness."""
_RIM: Final = (0.4, 0.22)
"""How soft the outlines of body and blade are; the body's back fades into the dark."""


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
        tip = tip + (tip_of["out"] - tip) * b + jaw.vectors(lower.new_tensor([_OVER_LIP]))[:, 0] * (b * (1 - b))
        tip = tip + (ridge - tip) * (raised[:, None] * (1 - a))
        root = tip_of["root"] + (tip_of["root out"] - tip_of["root"]) * b

        across = jaw.matrix[:, :, 0] / unit
        center = jaw((lower + lower.new_tensor(_BODY[0]))[None])[:, 0]
        axes = jaw.matrix * lower.new_tensor(_BODY[1])
        body = _Ellipsoid.at(center, axes, _RIM[0], px, py, light)
        along = (tip - root) / 2
        normal = torch.linalg.cross(across, along)
        normal = F.normalize(normal, dim=1)
        half, thick = _BLADE
        blade_axes = torch.stack([across * half * unit, normal * thick * unit, along * 1.12], -1)
        blade = _Ellipsoid.at((tip + root) / 2, blade_axes, _RIM[1], px, py, light)

        # Joined where they are within `soft` of one another in depth.
        soft = 0.07 * unit[:, :, None]
        nearer = 0.5 + (blade.depth - body.depth) / (2 * soft)  # 1 where the body is in front
        share = (nearer + body.cover - blade.cover).clamp(0, 1) * body.cover
        facing, shine = torch.lerp(blade.facing, body.facing, share), torch.lerp(blade.shine, body.shine, share)
        lit = light.shading(facing, shine, gloss=0.2, share=0.9)
        depth = torch.lerp(blade.depth, body.depth, share)
        cover = body.cover + blade.cover * (1 - body.cover)

        middle = center[:, 0, None, None]
        groove = 1 - 0.09 * torch.exp(-((px - middle) / (0.04 * unit[:, :, None])).square())
        front = skull(upper[None])[:, 0, 2, None, None]
        shade = torch.exp((front - depth).clamp(max=0) / (0.6 * unit[:, :, None])) * groove
        color = lit.surface(self._color) * shade[:, None]
        return Seen(color, cover[:, None], depth[:, None]), (blade.cover * (1 - share))[:, None]


_PLACES: Final = {"rest": _REST, "between": _BETWEEN, "out": _OUT, "root": _ROOT, "root out": _ROOT_OUT}


@dataclass(frozen=True)
class _Ellipsoid:
    """What the camera sees of one, (B, h, w) each."""

    depth: Tensor
    cover: Tensor
    """Opacity, with a soft outline."""
    facing: Tensor
    """Cosine of its normal with the light's direction, and"""
    shine: Tensor
    """with the direction halfway to the camera."""

    @classmethod
    def at(cls, center: Tensor, axes: Tensor, rim: float, px: Tensor, py: Tensor, light: Light) -> _Ellipsoid:
        """(B, 3) center and (B, 3, 3) half axes in its columns, frame units.

        With S = E E' = A A', A lower triangular (Cholesky), the surface is center + A q for all q of length 1: a line
        of sight fixes q's first two elements, the third follows, and the normal is A'^-1 q.
        """
        s = axes @ axes.transpose(1, 2)
        xx = s[:, 0, 0].sqrt()
        yx, zx = s[:, 1, 0] / xx, s[:, 2, 0] / xx
        yy = (s[:, 1, 1] - yx * yx).sqrt()
        zy = (s[:, 2, 1] - yx * zx) / yy
        zz = (s[:, 2, 2] - zx * zx - zy * zy).sqrt()
        xx, yx, zx, yy, zy, zz, x, y, z = (v[:, None, None] for v in (xx, yx, zx, yy, zy, zz, *center.unbind(1)))
        u = (px - x) / xx
        v = ((py - y) / yy) - u * (yx / yy)
        inside = (1 - u * u) - v * v
        w = inside.clamp(min=0).sqrt_()
        depth = (z + zx * u) + zy * v - zz * w
        # The normal (nx, ny, nz) solves A' n = (u, v, -w).
        nz = w * (-1 / zz)
        ny = (v - zy * nz) / yy
        nx = (u - yx * ny - zx * nz) / xx
        length = (nx * nx).addcmul_(ny, ny).addcmul_(nz, nz).rsqrt_()
        facing, shine = ((nx * d[0]).add_(ny * d[1]).add_(nz * d[2]).mul_(length) for d in light.directions)
        return cls(depth, (inside / rim).clamp_(0, 1), facing, shine)
