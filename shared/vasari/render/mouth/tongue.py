"""The tongue: a body that lies in the jaw, and a blade from it whose tip goes where a sound wants it.

Both are ellipsoids, joined smoothly: under parallel lines of sight their outline, depth and normals are closed forms.
Put out, the blade is a sheet over the lower lip, with a rounded tip and a groove along its middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.body.light import Light
from vasari.render.canvas.sampling import gaussian, nowhere, sample, smoothstep
from vasari.render.mouth.placement import Placement
from vasari.render.mouth.teeth import Seen

_BODY: Final = ((0.0, 0.07, 0.36), (0.37, 0.20, 0.33))
"""Center from the lower incisors' edge in the jaw, and half axes."""
_ROOT: Final = (0.0, 0.10, 0.24)
_REST: Final = (0.0, 0.075, 0.035)
"""The tip behind the lower incisors."""
_BETWEEN: Final = (0.0, -0.005, -0.05)
_WAY_OUT: Final = ((-0.05, 0.30), (-0.14, 0.02), (-0.10, -0.30), (0.25, -0.22))
"""Control points (y and z from the lower incisors' edge) of the Bezier curve that the middle of a tongue put out takes:
from the body over the lower lip and down."""
PUT_OUT: Final = 0.2
"""tongueOut up to which it lies between the teeth at most."""
_COMING: Final = 0.45
"""Where on that curve the tip is when it comes out between the teeth."""
_SHEET: Final = (0.25, 0.36, 0.07)
"""Half the width of a tongue put out, the length of its tip's rounding, and how far it bulges."""
_GROOVE: Final = (0.035, 0.013)
"""Half the width of the groove along its middle, and its depth."""
_ROUGH: Final = 0.035
"""How much the papillae change its brightness."""
_RIM_OUT, _FADING = 0.12, 0.05
"""How soft its outline is, and interocular distances over which its back goes over into the body."""
_GLOSS: Final = 0.20
_LIT: Final = 0.32
"""Interocular distances behind the upper incisors where half of what is seen is the dark of the throat."""
_STEPS: Final = 96
_RIDGE: Final = (0.0, -0.13, 0.06)
"""Where the tip touches behind the upper incisors, from their edge, fixed to the skull."""
_BLADE: Final = (0.23, 0.06)
"""Half its width and thickness."""
_RIM: Final = (0.4, 0.22)
"""How soft the outlines of body and blade are; the body's back fades into the dark."""

TONGUE_LIGHT: Final = (_GLOSS, _LIT)
TONGUE_FORM: Final = (*_BODY[0], *_BODY[1], *_ROOT, *_REST, *_BETWEEN, *_RIDGE, *_BLADE, *_RIM)
"""As `kernels.cpp` has it."""


class Tongue:
    def __init__(self, color: Tensor, dark: Tensor, lower_edge: Tensor, upper_edge: Tensor) -> None:
        """color, dark: (3,) RGB, its own and that of the throat. lower_edge, upper_edge: (3,) middles of the incisors'
        edges in face space."""
        self._dark = dark[:, None, None]
        self._color, self._lower, self._upper = color[:, None, None], lower_edge, upper_edge
        self._papillae = _papillae().to(color.device)
        # Copied to the device once: a copy for each frame would have a GPU wait for the host.
        self._in_jaw = {name: (lower_edge + lower_edge.new_tensor(place))[None] for name, place in _PLACES.items()}
        self._ridge = (upper_edge + upper_edge.new_tensor(_RIDGE))[None]
        self._half_axes, self._way_out = lower_edge.new_tensor(_BODY[1]), lower_edge.new_tensor(_WAY_OUT)

    def seen(
        self, skull: Placement, jaw: Placement, raised: Tensor, out: Tensor, px: Tensor, py: Tensor, light: Light
    ) -> tuple[Seen, Tensor]:
        """The tongue, and (B, 1, h, w) the part of its opacity that is the blade's.

        raised: (B,) tip to the ridge, 0..1. out: (B,) tongueOut, 0..1; px, py: as for `Teeth.seen`.
        """
        unit = skull.matrix[:, :, 0].norm(dim=1)[:, None]
        tip_of = {name: jaw(place)[:, 0] for name, place in self._in_jaw.items()}
        ridge = skull(self._ridge)[:, 0]
        a = smoothstep(out, 0.0, 0.3)[:, None]
        tip = tip_of["rest"] + (tip_of["between"] - tip_of["rest"]) * a
        tip = tip + (ridge - tip) * (raised[:, None] * (1 - a))
        root, center = tip_of["root"], tip_of["body"]

        across = jaw.matrix[:, :, 0] / unit
        body = _Part.ellipsoid(center, jaw.matrix * self._half_axes, _RIM[0], px, py, light)
        along = (tip - root) / 2
        normal = torch.linalg.cross(across, along)
        normal = F.normalize(normal, dim=1)
        half, thick = _BLADE
        blade_axes = torch.stack([across * half * unit, normal * thick * unit, along * 1.12], -1)
        blade = _Part.ellipsoid((tip + root) / 2, blade_axes, _RIM[1], px, py, light)
        middle = center[:, 0, None, None]
        tone = 1 - 0.12 * torch.exp(-((px - middle) / (0.035 * unit[:, :, None])).square())
        come = smoothstep(out, PUT_OUT, 0.32)[:, None, None]
        if not nowhere(come):
            sheet, own_tone = self._sheet(jaw, unit, out, px, py, light)
            blade = blade.turned_into(sheet, come)
            tone = torch.lerp(tone, own_tone, come * blade.cover)

        # Joined where they are within `soft` of one another in depth.
        soft = 0.07 * unit[:, :, None]
        nearer = 0.5 + (blade.depth - body.depth) / (2 * soft)  # 1 where the body is in front
        share = (nearer + body.cover - blade.cover).clamp(0, 1) * body.cover
        facing, shine = torch.lerp(blade.facing, body.facing, share), torch.lerp(blade.shine, body.shine, share)
        lit = light.shading(facing, shine, gloss=_GLOSS, share=0.9)
        depth = torch.lerp(blade.depth, body.depth, share)
        cover = body.cover + blade.cover * (1 - body.cover)

        # How far behind the upper incisors: from the plane through them that stands across the head.
        front, into = skull(self._upper[None])[:, 0, :, None, None], skull.matrix[:, :, 2, None, None]
        slope_x, slope_y = (into[:, k] / into[:, 2] for k in (0, 1))
        behind = depth - front[:, 2] + (px - front[:, 0]) * slope_x + (py - front[:, 1]) * slope_y
        near = 1 / (1 + (behind.clamp(min=0) / (_LIT * unit[:, :, None])) ** 3)
        color = torch.lerp(self._dark, lit.surface(self._color) * tone[:, None], near[:, None])
        return Seen(color, cover[:, None], depth[:, None]), (blade.cover * (1 - share))[:, None]

    def _sheet(
        self, jaw: Placement, unit: Tensor, out: Tensor, px: Tensor, py: Tensor, light: Light
    ) -> tuple[_Part, Tensor]:
        """A tongue put out, and (B, h, w) how bright its skin is.

        Along the middle line the picture goes one way only, seen from the front: what of the line lies higher is
        hidden. So a pixel's height tells its place on the line, and what is left is the distance from it.
        """
        reach = _COMING + (1 - _COMING) * smoothstep(out, 0.2, 1.0)
        t = torch.linspace(0, 1.12, _STEPS, device=out.device) * reach[:, None]
        line, slope = _bezier(t, self._way_out)  # (B, STEPS, 2) y and z
        points = F.pad(line, (1, 0)) + self._lower
        placed = points @ jaw.matrix.transpose(1, 2) + jaw.offset[:, None]
        lengths = F.pad((line[:, 1:] - line[:, :-1]).norm(dim=2).cumsum(1), (1, 0))
        tip = (lengths * (t <= reach[:, None])).amax(1, keepdim=True)

        across = jaw.matrix[:, :2, 0]
        size = across.norm(dim=1, keepdim=True)
        across = across / size
        beside = placed[:, :, 0] * across[:, :1] + placed[:, :, 1] * across[:, 1:]
        down = placed[:, :, 1] * across[:, :1] - placed[:, :, 0] * across[:, 1:]
        lowest = down.cummax(1).values + torch.arange(_STEPS, device=out.device) * (1e-5 * unit)
        first, last = lowest[:, :1], lowest[:, -1:]
        targets = torch.lerp(first, last, torch.linspace(0, 1, _STEPS, device=out.device))
        after = torch.searchsorted(lowest, targets.contiguous()).clamp(1, _STEPS - 1)
        start, end = lowest.gather(1, after - 1), lowest.gather(1, after)
        part = ((targets - start) / (end - start)).clamp(0, 1)
        slope = F.normalize(slope, dim=2)
        columns = [tip - lengths, beside, placed[:, :, 2], slope[:, :, 0], slope[:, :, 1]]
        table = torch.stack([torch.lerp(c.gather(1, after - 1), c.gather(1, after), part) for c in columns], 1)

        ax, ay = across[:, 0, None, None], across[:, 1, None, None]
        row = py * ax - px * ay
        above = ((first[:, :, None] - row) / (_FADING * unit[:, :, None])).clamp(0, 1)
        place = (row - first[:, :, None]) / (last - first)[:, :, None] * 2 - 1
        place = place * (1 - 1 / _STEPS)  # the first and last entries' centers
        left, middle, depth, slope_y, slope_z = sample(
            table[:, :, None], torch.stack([place, torch.zeros_like(place)], -1)
        ).unbind(1)
        left = left - (place - 1).clamp(min=0)  # nothing is below the tip
        x = (px * ax + py * ay - middle) / size[:, :, None]

        # Height over the middle line's plane and its derivatives, across and along.
        half, rounding, bulge = _SHEET
        u, v = x / half, (1 - left / rounding).clamp(min=0)
        inside = 1 - u.square() - v.square() * v.sqrt()
        height = bulge * inside.clamp(min=0.02).sqrt()
        groove = _GROOVE[1] * torch.exp(-(x / _GROOVE[0]).square()) * smoothstep(left, 0.03, 0.25)
        dx = -(bulge * bulge / height) * u / half + 2 * x / _GROOVE[0] ** 2 * groove
        along = -(bulge * bulge / height) * 1.25 * v * v.sqrt() / rounding
        ny, nz = slope_z - along * slope_y, -slope_y - along * slope_z
        length = (dx * dx + ny * ny + nz * nz).rsqrt()
        facing, shine = (
            (ny * d[:, 1] - dx * d[:, 0] + nz * d[:, 2]) * length
            for d in (v[:, :, None, None] for v in (jaw.into(n) for n in light.towards))
        )
        rough = sample(self._papillae, torch.stack([x / half, left / 0.8 * 2 - 1], -1), "reflection")[:, 0]
        tone = (1 + _ROUGH * rough) * (1 - 9 * groove) * (1 - 0.12 * (1 - inside.clamp(0, 1)).square())
        cover = (inside / _RIM_OUT).clamp(0, 1) * (1 - above)
        return _Part(depth - height * unit[:, :, None], cover, facing, shine * (0.97 + 0.012 * rough)), tone


_PLACES: Final = {"rest": _REST, "between": _BETWEEN, "root": _ROOT, "body": _BODY[0]}


def _bezier(t: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """(B, N) -> (B, N, 2) places on the curve of (4, 2) control points, and its derivative."""
    p0, p1, p2, p3 = points
    t = t[..., None]
    u = 1 - t
    place = u**3 * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t**3 * p3
    return place, 3 * (u * u * (p1 - p0) + 2 * u * t * (p2 - p1) + t * t * (p3 - p2))


def _papillae() -> Tensor:
    """(1, 48, 32) spots of spread 1, over a tongue's length and width."""
    noise = torch.randn(1, 1, 48, 32, generator=torch.Generator().manual_seed(0))
    spots = gaussian(noise, 0.8)[0]
    return spots / spots.std()


@dataclass(frozen=True)
class _Part:
    """What the camera sees of it, (B, h, w) each."""

    depth: Tensor
    cover: Tensor
    """Opacity, with a soft outline."""
    facing: Tensor
    """Cosine of its normal with the light's direction, and"""
    shine: Tensor
    """with the direction halfway to the camera."""

    def turned_into(self, other: _Part, share: Tensor) -> _Part:
        """share: 0 for this one, 1 for the other."""
        return _Part(
            *(
                torch.lerp(a, b, share)
                for a, b in (
                    (self.depth, other.depth),
                    (self.cover, other.cover),
                    (self.facing, other.facing),
                    (self.shine, other.shine),
                )
            )
        )

    @classmethod
    def ellipsoid(cls, center: Tensor, axes: Tensor, rim: float, px: Tensor, py: Tensor, light: Light) -> _Part:
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
