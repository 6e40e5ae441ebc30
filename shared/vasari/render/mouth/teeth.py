"""An arch of teeth in front of the camera: lines of sight meet its curved surface, and its painting clothes it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.body.light import Light
from vasari.render.canvas.sampling import SharpTexture, Texture, gaussian, nowhere, sample, smoothstep
from vasari.render.mouth.dentition import ABOVE, BELOW, DEPTH, HALF_LENGTH, HALF_WIDTH, Arch, Row
from vasari.render.mouth.placement import Placement

TILT: Final = 0.14
"""The plane of the edges rises towards the back by 8 degrees (to the Frankfort plane: Downs 1948)."""
GLOSS: Final = 0.08
_BESIDE: Final = 0.02
"""How far from a photo's teeth ours look like them."""
_STEPS: Final = 256
HALF_SPAN: Final = 0.75
_WIDEST: Final = 0.56
_FAR: Final = 9.0
GRAZED: Final = (3.0, 5.0)
"""How far teeth are pressed together, seen along the row, where they begin to and where they do fade."""


@dataclass(frozen=True)
class Seen:
    """What the camera sees of an arch."""

    color: Tensor
    """(B, 3, h, w) RGB, lit."""
    opacity: Tensor
    """(B, 1, h, w)"""
    depth: Tensor
    """(B, 1, h, w) frame units."""
    photographed: Tensor | None = None
    """(B, 1, h, w) how far the photo's own pixels are shown, light and all; None where it has none."""


class Teeth:
    def __init__(
        self, arch: Arch, row: Row, edge: tuple[float, float, float], upward: float, device: torch.device
    ) -> None:
        """edge: the middle of the incisors' edges in face space. upward: as for `dentition.painted`."""
        self._middle, self._edge, self._front = edge
        self._upward, self._curve, self._photographed = upward, arch.curve, False

        def texture(image: object, *place: float) -> Texture:
            return Texture(torch.as_tensor(image, device=device).permute(2, 0, 1).contiguous(), *place)

        self._outside = texture(row.outside, -HALF_LENGTH, -BELOW, 2 * HALF_LENGTH, BELOW + ABOVE)
        self._chewing = texture(row.chewing, -HALF_WIDTH, -0.04, 2 * HALF_WIDTH, DEPTH + 0.04)
        x = torch.linspace(-_WIDEST, _WIDEST, 2 * _STEPS, device=device)
        self._x = x
        self._z = arch.curve * (torch.cosh(x / arch.curve) - 1)
        self._s = arch.curve * torch.sinh(x / arch.curve)
        self._targets = ((torch.arange(_STEPS, device=device) + 0.5) / _STEPS * 2 - 1) * HALF_SPAN

    def as_in(self, photo: SharpTexture, shown: Texture, placement: Placement, light: Light) -> Teeth:
        """Painted over with the teeth that a photo shows, and the rest given their color.

        Args:
            photo: RGB.
            shown: (1, h, w) how far a pixel of it is a tooth of this arch.
            placement: where the arch is in the photo.
        """
        if not shown.image.any():
            return self
        image = self._outside.image
        _, h, w = image.shape
        s = (torch.arange(w, device=image.device) + 0.5) / w * 2 * HALF_LENGTH - HALF_LENGTH
        height = (torch.arange(h, device=image.device) + 0.5) / h * (BELOW + ABOVE) - BELOW
        x = self._curve * torch.asinh(s / self._curve)
        z = self._curve * (torch.cosh(x / self._curve) - 1)
        y = self._edge + self._upward * height[:, None] - TILT * z
        points = torch.stack([(x + self._middle).expand(h, -1), y, (z + self._front).expand(h, -1)], -1)
        places = placement(points.flatten(0, 1))[:, :, :2].view(1, h, w, 2)
        own = shown.at(places, outside="zeros")
        normals = image[None, 4:]
        bent = x / self._curve
        arch = torch.stack([torch.tanh(bent), torch.zeros_like(bent), -1 / torch.cosh(bent)])[None, :, None]
        ahead = placement.into(image.new_tensor([0.0, 0.0, -1.0]))[..., None, None]
        facing = smoothstep((arch * ahead).sum(1, True), 0.2, 0.4)
        own = own * facing
        pixels = photo.at(places)
        lit = light.on(normals, placement, gloss=GLOSS).surface(image[None, :3])
        fine = w / (2 * HALF_LENGTH)
        ratio = torch.ones_like(pixels)
        for sigma in (0.15, 0.06, 0.02):  # ever nearer to the photo's teeth, ever more like them
            weight = gaussian(own, sigma * fine)
            there = gaussian(pixels * own, sigma * fine) / gaussian(lit * own, sigma * fine).clamp(min=1)
            ratio = torch.lerp(ratio, there.clamp(0.3, 2), (weight * 20).clamp(max=1))
        # Beside them they go on, so that no seam of ours shows between theirs.
        weight = gaussian(own, _BESIDE * fine)
        onward = gaussian(pixels * own, _BESIDE * fine) / weight.clamp(min=1e-3)
        near = torch.maximum(own, (weight * 6).clamp(max=1))
        color = torch.lerp(torch.lerp(image[None, :3] * ratio, onward, near), pixels, own)
        opacity = torch.maximum(image[None, 3:4], own)
        self._outside = dataclasses.replace(self._outside, image=torch.cat([color, opacity, normals, near], 1)[0])
        self._photographed = True
        return self

    def seen(self, placement: Placement, px: Tensor, py: Tensor, light: Light) -> Seen:
        """At (B, 1, w) columns and (B, h, 1) rows of the frame."""
        sight = placement.sight()
        slope_x, slope_y = sight.slope[:, 0, None, None], sight.slope[:, 1, None, None]
        x0, y0 = sight.at(px, py)
        x0 = x0 - self._middle + slope_x * self._front  # at the arch's front instead of z = 0
        y0 = y0 - self._edge + slope_y * self._front
        met = self._meeting(sight.slope[:, :1])
        s, z, whole = sample(met, _places(x0 / HALF_SPAN, torch.zeros_like(x0))).unbind(1)
        height = self._upward * (y0 + (slope_y + TILT) * z)
        picture = self._outside.at(_places(s, height), outside="zeros")
        color = light.on(picture[:, 4:7], placement, GLOSS).surface(picture[:, :3])
        opacity = picture[:, 3:4] * whole[:, None]
        own = picture[:, 7:] if self._photographed else None
        if own is not None:
            color = torch.lerp(color, picture[:, :3], own)

        # The plane of the chewing surfaces, seen from the other arch's side only.
        incline = (slope_y + TILT) * self._upward
        z_plane = -(self._upward * y0 - 0.012) / incline.clamp(min=0.02)
        # From the side they are hidden by the cheek.
        facing = (smoothstep(incline, 0.02, 0.10) * (1 - smoothstep(slope_x.abs(), 0.25, 0.5)))[:, None]
        if not nowhere(facing):
            chewing = self._chewing.at(_places(x0 + slope_x * z_plane, z_plane), outside="zeros")
            top = chewing[:, 3:] * facing * (1 - opacity)
            opacity = opacity + top
            color = color.lerp(chewing[:, :3] * (0.55 + 0.3 * facing), top / opacity.clamp(min=1e-3))
        return Seen(color, opacity, sight.depth(px, py, z + self._front)[:, None], own)

    def for_kernel(self) -> tuple[list[Tensor | int], list[float]]:
        """What `kernels.cpp` calls Arch, and ArchFigures."""
        outside, chewing = self._outside.image, self._chewing.image
        outside = torch.cat([outside, outside.new_zeros(8 - len(outside), *outside.shape[1:])])
        pictures = [image.permute(1, 2, 0).contiguous() for image in (outside, chewing)]
        place = [self._middle, self._edge, self._front, self._upward]
        figures = [*place, *self._outside.rectangle, *self._chewing.rectangle]
        shape = (*outside.shape[1:], *chewing.shape[1:], len(self._x))
        return [*pictures, self._x, self._z, self._s, *shape], [float(n) for n in figures]

    def _meeting(self, slope: Tensor) -> Tensor:
        """(B, 1) -> (B, 3, 1, STEPS) s and z where lines of sight of that slope first meet the arch, by their x at its
        front; s is far away where they miss it. The third is 0 beside a place where s jumps, since a tooth hides others
        behind it: between the two there is none; and where they graze it."""
        start = self._x - slope * self._z
        # Behind the outermost point to which a slanting line of sight is a tangent, the arch hides itself.
        middle = len(self._x) // 2
        rising = torch.cat(
            [-(-start[:, :middle]).flip(1).cummax(1).values.flip(1), start[:, middle:].cummax(1).values], 1
        )
        targets = self._targets.expand(len(slope), -1).contiguous()
        index = torch.searchsorted(rising.contiguous(), targets).clamp(1, rising.shape[1] - 1)
        before, after = rising.gather(1, index - 1), rising.gather(1, index)
        part = ((targets - before) / (after - before).clamp(min=1e-5)).clamp(0, 1)
        s, z = (v[index - 1] + (v[index] - v[index - 1]) * part for v in (self._s, self._z))
        pressed = F.pad((s[:, 1:] - s[:, :-1]).abs() * (_STEPS / 2 / HALF_SPAN), (1, 1))
        whole = 1 - smoothstep(torch.maximum(pressed[:, 1:], pressed[:, :-1]), *GRAZED)
        missed = (targets < rising[:, :1]) | (targets > rising[:, -1:])
        return torch.stack([s.masked_fill(missed, _FAR), z, whole], 1)[:, :, None]


def _places(x: Tensor, y: Tensor) -> Tensor:
    """(B, h, w) each -> (B, h, w, 2), held as planes, as grid_sample likes them."""
    return torch.stack([x, y], 1).permute(0, 2, 3, 1)
