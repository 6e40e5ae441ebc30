"""The eyes: balls that turn, and lids that slide over them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from vasari.render.canvas.canvas import Canvas, Windows
from vasari.render.canvas.layers import Layers
from vasari.render.canvas.sampling import Sources, sample, smoothstep, turned
from vasari.render.native import call, fast, pointers
from vasari.render.state import State
from vasari.values import Appearance
from vasari.values.landmarks import EYES, EyePoints
from vasari.values.motion import (
    GAZE_PITCH,
    GAZE_YAW,
    LIDS_MEET,
    LOWER_LID_BLINKS,
    LOWER_LID_SQUINTS,
    SQUINT_NARROWS,
)

if TYPE_CHECKING:
    import ctypes

_IRIS_DEPTH: Final = 1.77
"""Distance of the iris from the middle of the ball in radii of the iris: 10.4 and 5.9 mm (Gross and Oyster's and
Forrester's figures for adults; both hardly vary)."""
_NARROWEST, _WIDEST = 0.13, 0.19
"""Bounds of that distance in interocular distances, for drawn eyes."""

_WIDE: Final = 0.36
"""How much eyeWide adds to the gap between the lids."""
_WITH_BROW: Final = 0.4
"""How much of eyeWide a raised brow brings along."""
_LOWER_CHEEK: Final = 0.14
"""How far the lower lid rises at cheekSquint 1; part of the open eye's height."""
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


@dataclass(frozen=True)
class Movement:
    """How an eye moves in a batch of frames, (B,) each."""

    right: Tensor
    """The iris's shift in the patch,"""
    down: Tensor
    yaw: Tensor
    """and its turn in the patch's axes, radians."""
    pitch: Tensor
    gap: Tensor
    """Between the lids, over that of the open eye,"""
    shown: Tensor
    """and that of the photo."""
    rise: Tensor
    """Of the lower lid."""
    closing: Tensor
    """How far the upper lid is closed against the photo."""
    active: Tensor
    """0 where the eye is as in the photo, which then is what shows, 1 where it is drawn."""

    def rows(self) -> Tensor:
        """(B, 9)"""
        return torch.stack([getattr(self, field.name) for field in fields(self)], 1)


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
        self.place = tensor([x, y, float(a.landmarks[list(eye.upper), 2].mean())])
        """(3,) of the photo. A state tells what is around it after the mouth and the eyes before."""
        self._index = 1 + index
        self._source = {
            name: float(a.source_motion(f"{name}{eye.side}")[0]) for name in ("eyeBlink", "eyeSquint", "cheekSquint")
        }
        self._source_brow = float((a.source_motion("browInnerUp") + a.source_motion(f"browOuterUp{eye.side}"))[0]) / 2
        self._window = min(_ZONE * self._unit, 0.97) * half
        self._soft = 2 / (canvas.side * 2 * half)  # a pixel of the canvas in the patch
        self._for_kernel = self._as_kernel_has_it() if fast(image) else None

    def draw(self, frames: Tensor, still: Tensor, sources: Sources, state: State) -> None:
        """Draw into (B, 3, H, W) frames, in place.

        Args:
            still: (B, 1, H, W) the background's share, which no eye covers: it shows beside a head that turns far.
            sources: the person's texels that the frames' pixels show.
        """
        windows = Windows.around(self._canvas, state.seen[:, self._index, :2], self._window, self._window)
        movement = self._movement(state)
        if self._for_kernel is not None:
            self._draw_by_kernel(frames, still, sources, state, windows, movement)
            return
        rest = windows.read(frames)
        skin = self._in_patch(self._person.place(sources.within(windows)))
        ball = self._in_patch(state.still(windows.nodes(1.0)))
        picture = self._drawn(skin, ball, movement)
        active = movement.active[:, None, None, None] * (1 - windows.read(still))
        if self._before is not None:
            active = active * (1 - sample(self._before, skin))
        windows.write(frames, rest + (picture - rest) * active)

    def _drawn(self, skin: Tensor, ball: Tensor, movement: Movement) -> Tensor:
        """(B, 3, h, w) what is seen at (B, h, w, 2) places of the patch's skin, and where the ball lies there."""
        x, y = skin.unbind(-1)
        upper_rest, lower_rest, fold_rest, opening = self._lines(x)
        upper, lower = self._margins(movement, upper_rest, lower_rest, opening)
        picture = self._eyeball(ball, movement, (y - upper) / self._unit)
        soft = self._soft
        visible = ((y - upper) / soft + 0.5).clamp(0, 1) * ((lower - y) / soft + 0.5).clamp(0, 1)
        visible = visible * ((lower - upper) / soft).clamp(0, 1)
        lids, lashes = self._lids(x, y, upper, lower, movement.closing, upper_rest, lower_rest, fold_rest)
        lashes = lashes[:, None]
        picture = lids + (picture - lids) * visible[:, None]
        # Thin hair lets through what the skin has most of: its shade is the skin's, not gray.
        pure = 1 - picture / picture.amax(1, keepdim=True).clamp(min=1)
        return picture * ((1 - lashes) * (1 - _TINT * pure * lashes))

    def _as_kernel_has_it(self) -> tuple[ctypes.Structure, Tensor, list[Tensor]]:
        """What `kernels.cpp` calls Eye and EyeFigures, and what keeps the first's tensors alive."""
        photo, person, canvas = self._photo, self._person, self._canvas
        closed = torch.cat([self._closed, self._closed.new_zeros(3, *self._closed.shape[1:])])
        patches = [
            *(image.permute(1, 2, 0).contiguous() for image in (self._still, self._iris, closed)),
            self._closed.new_zeros(0) if self._before is None else self._before[0].contiguous(),
            self._curves[:, 0].T.contiguous(),
        ]
        model = pointers(*patches, self._still.shape[1], self._curves.shape[2], *photo.for_kernel)
        rectangles = [[t.left, t.top, *t.scale.tolist()] for t in (photo, person)]
        figures = [
            *(n for rectangle in rectangles for n in rectangle),
            *(*self._axes.flatten().tolist(), *self._center.tolist(), self._half, self._unit),
            *(*self._iris_place.tolist(), self._radius, self._tallest, self._soft),
            *(_LID_SHADOW, _SHADOW_REACH, _TINT, _MARGIN_STRIP, _BROW_REACH, _CHEEK_REACH),
            *(canvas.side, canvas.left, canvas.top),
        ]
        return model, torch.tensor(figures, dtype=torch.float32), patches

    def _draw_by_kernel(
        self, frames: Tensor, still: Tensor, sources: Sources, state: State, windows: Windows, movement: Movement
    ) -> None:
        assert self._for_kernel is not None
        model, figures, _ = self._for_kernel
        for k, (row, y, x) in enumerate(zip(movement.rows(), windows.y.tolist(), windows.x.tolist(), strict=True)):
            offsets, posed = sources.offsets[k], state.posed[k]
            call(
                "eye", model, figures, row, offsets, posed, *posed.shape[:2], sources.x, sources.y, still[k],
                *frames.shape[2:], y, x, windows.height, windows.width, frames[k],
            )  # fmt: skip

    def _in_patch(self, places: Tensor) -> Tensor:
        matrix = self._axes / self._half
        return turned(places, matrix, -self._center @ matrix)

    def _of_patch(self, x: Tensor, y: Tensor) -> Tensor:
        return turned(torch.stack([x, y], 1).permute(0, 2, 3, 1), self._axes.T * self._half, self._center)

    def _lines(self, x: Tensor) -> tuple[Tensor, ...]:
        """(B, h, w) each: the lids' lines at these columns."""
        return sample(self._curves, torch.stack([x, torch.zeros_like(x)], -1)).unbind(1)

    def _movement(self, state: State) -> Movement:
        away = self._outward * (state(f"eyeLookOut{self._side}") - state(f"eyeLookIn{self._side}"))
        down = state(f"eyeLookDown{self._side}") - state(f"eyeLookUp{self._side}")
        angles = torch.stack([away * math.radians(GAZE_YAW), down * math.radians(GAZE_PITCH)], -1) @ self._tilt.T
        yaw, pitch = angles.unbind(-1)
        right, down = self._reach * yaw.sin() * pitch.cos(), self._reach * pitch.sin()

        blink, squint, cheek = (state(f"{name}{self._side}") for name in self._source)
        source_blink, source_squint, source_cheek = self._source.values()
        height = self._tallest
        shown = (1 - source_blink / LIDS_MEET) * (1 - SQUINT_NARROWS * source_squint)
        gap = (1 - blink / LIDS_MEET).clamp(min=0) * (1 - SQUINT_NARROWS * squint)
        follow = torch.where(down > 0, _DOWN, _UP) * down / height
        brow = (state("browInnerUp") + state(f"browOuterUp{self._side}")) / 2 - self._source_brow
        wide = state(f"eyeWide{self._side}")
        wide = wide + _WITH_BROW * brow * (1 - wide)
        gap = gap * (1 + _WIDE * wide) * (1 - follow).clamp(0.25, 1.6)
        lift = LOWER_LID_BLINKS * (shown - gap.clamp(max=1))
        lift = lift + LOWER_LID_SQUINTS * (squint - source_squint) + _LOWER_CHEEK * (cheek - source_cheek)
        rise = lift * height - _LOWER_FOLLOWS * down * (gap / max(shown, 0.2)).clamp(max=1)
        closing = (1 - gap / shown).clamp(min=0)

        lids = closing + wide.abs() + (blink - source_blink).abs()
        squints = (squint - source_squint).abs() + (cheek - source_cheek).abs()
        active = smoothstep(lids + squints + 6 * torch.hypot(yaw, pitch), 0.0, 0.12)
        return Movement(right, down, yaw, pitch, gap, torch.full_like(gap, shown), rise, closing, active)

    def _margins(self, movement: Movement, upper: Tensor, lower: Tensor, opening: Tensor) -> tuple[Tensor, Tensor]:
        """y of the upper and of the lower lid's margin."""
        arch = (opening / self._tallest).clamp(min=0)
        g, shown, rise, closing = (
            v[:, None, None] for v in (movement.gap, movement.shown, movement.rise, movement.closing)
        )
        moved_lower = lower - rise * arch
        photographed = lower - upper
        towards = photographed / shown.clamp(min=0.02)
        between = photographed + (opening - photographed) * ((g - shown) / (1 - shown).clamp(min=0.02)).clamp(0, 1)
        distance = torch.where(g < shown, towards * g, between) + opening * (g - shown.clamp(min=1)).clamp(min=0)
        distance = torch.where(photographed > 0, distance, photographed)  # beyond the corners nothing moves
        overlap = 0.010 * self._unit * smoothstep(closing, 0.6, 1.0) * (4 * arch).clamp(max=1)
        return moved_lower - distance + overlap, moved_lower

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

    def _eyeball(self, places: Tensor, movement: Movement, depth: Tensor) -> Tensor:
        """(B, 3, h, w) the white, the iris turned on its sphere, the glint that stays, and the shadow of the lid.

        Args:
            depth: how far places lie below the upper lid's margin, in interocular distances.
        """
        still = sample(self._still, places)
        shift_x, shift_y, yaw, pitch = (
            v[:, None, None] for v in (movement.right, movement.down, movement.yaw, movement.pitch)
        )
        away = places - self._iris_place
        dy = (away[..., 1] - shift_y) / pitch.cos()
        dx = (away[..., 0] - shift_x + dy * pitch.sin() * yaw.sin()) / yaw.cos()
        turned = sample(self._iris, torch.stack([dx, dy], -1) + self._iris_place, "zeros")
        on_cornea = 1 - smoothstep(torch.hypot(dx, dy) / self._radius, 0.8, 1.1)
        ball = still[:, :3] * (1 - turned[:, 3:]) + turned[:, :3] + still[:, 3:] * on_cornea[:, None]
        shadow = 1 - _LID_SHADOW * torch.exp(-depth.clamp(min=0) / _SHADOW_REACH)
        return ball * shadow[:, None]


def both_eyes(appearance: Appearance, layers: Layers, canvas: Canvas, device: torch.device) -> tuple[Eye, ...]:
    return tuple(Eye(i, eye, appearance, layers, canvas, device) for i, eye in enumerate(EYES))
