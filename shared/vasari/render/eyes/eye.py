"""The eyes: balls that turn, and lids that slide over them."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

from vasari.render.canvas.canvas import Canvas, Windows
from vasari.render.canvas.layers import Layers
from vasari.render.canvas.sampling import Sources, sample, smoothstep, turned
from vasari.render.state import State
from vasari.values import Appearance
from vasari.values.landmarks import EYES, EyePoints
from vasari.values.motion import GAZE_PITCH, GAZE_YAW, LIDS_MEET

_IRIS_DEPTH: Final = 1.77
"""Distance of the iris from the middle of the ball in radii of the iris: 10.4 and 5.9 mm (Gross and Oyster's and
Forrester's figures for adults; both hardly vary)."""
_NARROWEST, _WIDEST = 0.13, 0.19
"""Bounds of that distance in interocular distances, for drawn eyes."""

_WIDE, _SQUINT = 0.36, 0.42
"""How much eyeWide adds to the gap between the lids, and eyeSquint takes off."""
_LOWER_SHARE, _LOWER_SQUINT, _LOWER_CHEEK = 0.12, 0.24, 0.14
"""How far the lower lid rises at eyeBlink, eyeSquint and cheekSquint 1; parts of the open eye's height."""
_DOWN, _UP, _LOWER_FOLLOWS = 0.60, 0.45, 0.25
"""How far the lids follow an iris that moves down or up: the gap's change, and the lower lid's own way."""
_LID_SHADOW, _SHADOW_REACH = 0.35, 0.03
"""How much the upper lid darkens the ball at its margin, and interocular distances over which that fades."""
_TINT: Final = 0.8
"""How much of what a color has less of lashes take away besides."""
_MARGIN_STRIP = 0.030
"""Height of the strip of the upper lid that lashes grow on, which moves without being stretched."""
_BROW_REACH, _CHEEK_REACH = 0.17, 0.13
"""Interocular distances over which the skin above the fold and below the eye gives way."""
_ZONE = 0.40
"""Half the side of the window that is drawn, in interocular distances; the eye's patch bounds it."""


class Eye:
    """Draws one eye into frames in which it is as the photo shows it."""

    def __init__(
        self, index: int, eye: EyePoints, appearance: Appearance, layers: Layers, canvas: Canvas, device: torch.device
    ) -> None:
        a = appearance

        def tensor(x: object) -> Tensor:
            return torch.as_tensor(x, dtype=torch.float32, device=device)

        self._side, self._outward = eye.side, eye.outward
        self._canvas, self._photo, self._person = canvas, layers.photo, layers.person
        image = tensor(a.eyes[index].transpose(2, 0, 1))
        image[[6, 11, 12, 13]] /= 255
        self._still, self._iris = image[[0, 1, 2, 7]].contiguous(), image[3:7].contiguous()
        self._closed = image[8:13].contiguous()
        self._before = image[13:] if image[13].any() else None
        self._curves = tensor(a.lids[index])[:, None]

        x, y, right_x, right_y, half, *iris = (float(v) for v in a.eye_places[index])
        self._half, self._unit = half, a.interocular / half
        self._axes = tensor([[right_x, -right_y], [right_y, right_x]])
        self._center = tensor([x, y])
        self._iris_place = tensor(iris[:2])
        radii = a.eye_places[:, 7] * a.eye_places[:, 4] / a.interocular  # both eyes turn alike
        self._reach = min(max(_IRIS_DEPTH * float(radii.mean()), _NARROWEST), _WIDEST) * self._unit
        self._radius = iris[2]
        self._tallest = float(a.lids[index][3].max())
        across = a.axes[:2, 0] / math.hypot(*a.axes[:2, 0])
        self._tilt = self._axes.T @ tensor([[across[0], -across[1]], [across[1], across[0]]])  # of face in patch
        self._place = tensor([x, y, float(a.landmarks[list(eye.upper), 2].mean())])
        self._source = {
            name: float(a.source_motion(f"{name}{eye.side}")[0]) for name in ("eyeBlink", "eyeSquint", "cheekSquint")
        }
        self._window = min(_ZONE * self._unit, 0.97) * half

    def draw(self, frames: Tensor, still: Tensor, sources: Sources, state: State) -> None:
        """Draw into (B, 3, H, W) frames, in place.

        Args:
            still: (B, 1, H, W) the background's share, which no eye covers: it shows beside a head that turns far.
            sources: the person's texels that the frames' pixels show.
        """
        _, seen = state.pose.near(self._place)
        windows = Windows.around(self._canvas, seen[:, :2], self._window, self._window)
        skin = self._in_patch(self._person.place(sources.within(windows)))
        ball = self._in_patch(state.still(windows.nodes(1.0)))

        iris = self._iris_shift(state)
        x, y = skin.unbind(-1)
        upper_rest, lower_rest, fold_rest, opening = self._lines(x)
        upper, lower, closing = self._margins(state, iris[1], upper_rest, lower_rest, opening)
        picture = self._eyeball(ball, iris, (y - upper) / self._unit)
        soft = 2 / (self._canvas.side * 2 * self._half)  # a pixel of the canvas in the patch
        visible = ((y - upper) / soft + 0.5).clamp(0, 1) * ((lower - y) / soft + 0.5).clamp(0, 1)
        visible = visible * ((lower - upper) / soft).clamp(0, 1)
        lids, lashes = self._lids(x, y, upper, lower, closing, upper_rest, lower_rest, fold_rest)
        lashes = lashes[:, None]
        picture = lids + (picture - lids) * visible[:, None]
        # Thin hair lets through what the skin has most of: its shade is the skin's, not gray.
        pure = 1 - picture / picture.amax(1, keepdim=True).clamp(min=1)
        picture = picture * ((1 - lashes) * (1 - _TINT * pure * lashes))
        rest = windows.read(frames)
        active = self._activity(state, closing, iris)[:, None, None, None] * (1 - windows.read(still))
        if self._before is not None:
            active = active * (1 - sample(self._before, skin))
        windows.write(frames, rest + (picture - rest) * active)

    def _in_patch(self, places: Tensor) -> Tensor:
        matrix = self._axes / self._half
        return turned(places, matrix, -self._center @ matrix)

    def _of_patch(self, x: Tensor, y: Tensor) -> Tensor:
        return turned(torch.stack([x, y], 1).permute(0, 2, 3, 1), self._axes.T * self._half, self._center)

    def _lines(self, x: Tensor) -> tuple[Tensor, ...]:
        """(B, h, w) each: the lids' lines at these columns."""
        return sample(self._curves, torch.stack([x, torch.zeros_like(x)], -1)).unbind(1)

    def _iris_shift(self, state: State) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(B,) shift to the right and down in the patch, and yaw and pitch in its axes, radians."""
        away = self._outward * (state(f"eyeLookOut{self._side}") - state(f"eyeLookIn{self._side}"))
        down = state(f"eyeLookDown{self._side}") - state(f"eyeLookUp{self._side}")
        angles = torch.stack([away * math.radians(GAZE_YAW), down * math.radians(GAZE_PITCH)], -1) @ self._tilt.T
        yaw, pitch = angles.unbind(-1)
        return self._reach * yaw.sin() * pitch.cos(), self._reach * pitch.sin(), yaw, pitch

    def _margins(
        self, state: State, down: Tensor, upper: Tensor, lower: Tensor, opening: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """y of the upper and of the lower lid's margin, and (B,) how far the upper lid is closed against the photo."""
        blink, squint, cheek = (state(f"{name}{self._side}") for name in self._source)
        source_blink, source_squint, source_cheek = self._source.values()
        height = self._tallest
        shown = (1 - source_blink / LIDS_MEET) * (1 - _SQUINT * source_squint)
        gap = (1 - blink / LIDS_MEET).clamp(min=0) * (1 - _SQUINT * squint)
        follow = torch.where(down > 0, _DOWN, _UP) * down / height
        gap = gap * (1 + _WIDE * state(f"eyeWide{self._side}")) * (1 - follow).clamp(0.25, 1.6)

        lift = _LOWER_SHARE * (shown - gap).clamp(min=0)
        lift = lift + _LOWER_SQUINT * (squint - source_squint) + _LOWER_CHEEK * (cheek - source_cheek)
        rise = lift * height - _LOWER_FOLLOWS * down * (gap / max(shown, 0.2)).clamp(max=1)
        arch = (opening / height).clamp(min=0)
        moved_lower = lower - rise[:, None, None] * arch

        photographed = lower - upper
        g, towards = gap[:, None, None], photographed / max(shown, 0.02)
        between = photographed + (opening - photographed) * ((g - shown) / max(1 - shown, 0.02)).clamp(min=0, max=1)
        distance = torch.where(g < shown, towards * g, between) + opening * (g - max(shown, 1.0)).clamp(min=0)
        closing = (1 - gap / shown).clamp(min=0)
        distance = torch.where(photographed > 0, distance, photographed)  # beyond the corners nothing moves
        overlap = 0.010 * self._unit * smoothstep(closing, 0.6, 1.0)[:, None, None] * (4 * arch).clamp(max=1)
        return moved_lower - distance + overlap, moved_lower, closing

    def _lids(
        self,
        x: Tensor,
        y: Tensor,
        upper: Tensor,
        lower: Tensor,
        closing: Tensor,
        upper_rest: Tensor,
        lower_rest: Tensor,
        fold_rest: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """(B, 3, h, w) the skin of both lids, and (B, h, w) how much the lashes darken."""
        unit = self._unit
        drop = upper - upper_rest
        fold_drop = torch.where(drop > 0, 0.15 * drop, 0.55 * drop)
        fold = fold_rest + fold_drop
        above = y - fold_drop * (1 - ((fold - y) / (_BROW_REACH * unit)).clamp(0, 1)).square()
        below = y - (lower - lower_rest) * (1 - ((y - lower) / (_CHEEK_REACH * unit)).clamp(0, 1)).square()

        def slid(margin: Tensor) -> Tensor:
            """Where the lid's skin comes from when its margin lies there: a strip moves, the rest is stretched."""
            strip = torch.minimum(margin - fold_rest, upper - fold).clamp(min=0) * 0.5
            strip = strip.clamp(max=_MARGIN_STRIP * unit)
            stretch = (margin - strip - fold_rest) / (upper - strip - fold).clamp(min=1e-3)
            return torch.where(y > upper - strip, y + margin - upper, fold_rest + (y - fold) * stretch)

        on_lid, under = y > fold, y > torch.maximum(upper, lower)
        rows = torch.where(under, below, torch.where(on_lid, slid(upper_rest), above))
        photo = self._photo.at(self._of_patch(x, rows))
        rows = torch.where(under, below, torch.where(on_lid, slid(lower_rest), above))
        closed = sample(self._closed, torch.stack([x, rows], -1))
        near = smoothstep((upper - y).abs(), 0.015 * unit, 0.045 * unit)  # the photo's lashes stay for longer
        late = torch.where(
            under, smoothstep(closing, 0.5, 0.95)[:, None, None], smoothstep(closing, 0.2, 0.7)[:, None, None]
        )
        early = torch.where(under, late, smoothstep(closing, 0.02, 0.3)[:, None, None])
        replaced = closed[:, 3:4] * (late + (early - late) * near)[:, None]
        hanging = sample(self._closed[4:], torch.stack([x, y + lower_rest - upper], -1))[:, 0]
        lashes = hanging * smoothstep(closing, 0.1, 0.7)[:, None, None]
        return photo + (closed[:, :3] - photo) * replaced, lashes

    def _eyeball(self, places: Tensor, iris: tuple[Tensor, ...], depth: Tensor) -> Tensor:
        """(B, 3, h, w) the white, the iris turned on its sphere, the glint that stays, and the shadow of the lid.

        Args:
            depth: how far places lie below the upper lid's margin, in interocular distances.
        """
        still = sample(self._still, places)
        shift_x, shift_y, yaw, pitch = (v[:, None, None] for v in iris)
        away = places - self._iris_place
        dy = (away[..., 1] - shift_y) / pitch.cos()
        dx = (away[..., 0] - shift_x + dy * pitch.sin() * yaw.sin()) / yaw.cos()
        turned = sample(self._iris, torch.stack([dx, dy], -1) + self._iris_place, "zeros")
        on_cornea = 1 - smoothstep(torch.hypot(dx, dy) / self._radius, 0.8, 1.1)
        ball = still[:, :3] * (1 - turned[:, 3:]) + turned[:, :3] + still[:, 3:] * on_cornea[:, None]
        shadow = 1 - _LID_SHADOW * torch.exp(-depth.clamp(min=0) / _SHADOW_REACH)
        return ball * shadow[:, None]

    def _activity(self, state: State, closing: Tensor, iris: tuple[Tensor, ...]) -> Tensor:
        """(B,) 0 where the eye is as in the photo, which then is what shows, 1 where it is drawn."""
        lids = (
            closing + state(f"eyeWide{self._side}") + (state(f"eyeBlink{self._side}") - self._source["eyeBlink"]).abs()
        )
        squints = sum(
            (state(f"{name}{self._side}") - self._source[name]).abs() for name in ("eyeSquint", "cheekSquint")
        )
        return smoothstep(lids + squints + 6 * torch.hypot(iris[2], iris[3]), 0.0, 0.12)


def both_eyes(appearance: Appearance, layers: Layers, canvas: Canvas, device: torch.device) -> tuple[Eye, ...]:
    return tuple(Eye(i, eye, appearance, layers, canvas, device) for i, eye in enumerate(EYES))
