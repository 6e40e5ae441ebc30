"""What lies behind the lips: two arches of teeth, the tongue, and the dark between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from vasari.render.body.light import Light
from vasari.render.canvas.canvas import Windows
from vasari.render.canvas.sampling import SharpTexture, Texture, gaussian, nowhere, smoothstep
from vasari.render.mouth.dentition import LOWER, UPPER, painted
from vasari.render.mouth.placement import Placement
from vasari.render.mouth.teeth import GLOSS, GRAZED, HALF_SPAN, TILT, Teeth
from vasari.render.mouth.tongue import PUT_OUT, TONGUE_FORM, TONGUE_LIGHT, Tongue
from vasari.render.native import call, fast, structured
from vasari.render.state import State
from vasari.values import Appearance

if TYPE_CHECKING:
    import ctypes

_NEAR, _WIDE = 0.033, 0.10
"""How far around a place the lips' opening counts for the light there: at the teeth, and deeper in."""
_THICK: Final = 0.03
"""Interocular distances in depth over which one of teeth and tongue comes before the other."""
_ON_LIP: Final = (1.0, 2.3)
"""How far before the lower incisors' edge the tongue begins to cover the lip, and covers it; in the same unit."""
_REFLECTED: Final = 0.45
"""Share of the gums' color that teeth in the lips' shadow take: what light they get comes from there."""
_FINEST: Final = 1.25
"""Pixels of a painting for one of the canvas, and"""
_OWN: Final = 2.0
"""where the photo's own teeth are copied into it, so that they stay sharp."""


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
            shown = Texture(photographed.image[k : k + 1], *photographed.rectangle)
            fine = max(fineness, _OWN * self._pixels) if shown.image.any() else fineness
            row = painted(arch, upward, fine, enamel, gums, dark)
            x, y, z = (float(v) for v in a.incisors[k])
            rows.append(Teeth(arch, row, (x, y, z), upward, device).as_in(photo, shown, placement, self._light))
        self._upper, self._lower = rows
        upper, lower = torch.as_tensor(a.incisors, device=device)
        throat = torch.as_tensor(dark, device=device)
        self._tongue = Tongue(torch.as_tensor(tongue, device=device), throat, lower, upper)
        self._edge = lower[None]
        self._dark = throat[:, None, None]
        self._flesh = torch.as_tensor(_REFLECTED * gums, device=device)[:, None, None]
        self._for_kernel = self._as_kernel_has_it(a.palette, a.incisors) if fast(self._edge) else None

    def draw(
        self, windows: Windows, opening: Tensor, above: Tensor, skull: Placement, jaw: Placement, state: State
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What windows show behind the lips.

        opening, above: (B, 1, h, w) how far the lips let one see inside, and the upper one's opacity.

        Returns (B, 3, h, w) colors of all that and of the tongue alone, and (B, 1, h, w) how far it lies over the lip.
        """
        put_out = state("tongueOut")[:, None, None, None]
        plain: Tensor | None = None
        if self._for_kernel is not None:
            plain = self._drawn_by_kernel(windows, opening, above, skull, jaw, state)
            if nowhere(put_out > PUT_OUT):
                return plain, plain, torch.zeros_like(opening)
        px, py = windows.lines()
        light = self._light
        tongue, blade = self._tongue.seen(skull, jaw, state.tongue, state("tongueOut"), px, py, light)
        lower = self._lower.seen(jaw, px, py, light)
        upper = self._upper.seen(skull, px, py, light)

        near, lip_shadow, wide, overhead = self._light_inside(opening, above).unbind(1)
        at_teeth = (0.70 + 0.36 * near + 0.14 * wide).clamp_(max=1) * (1 - (0.30 * lip_shadow).clamp_(max=0.16))
        deep = (0.36 + 1.1 * wide).clamp_(max=1) * (1 - 0.8 * overhead).clamp_(min=0.4)
        at_teeth, deep = at_teeth[:, None], deep[:, None]

        nearer = 1 / (_THICK * skull.matrix[:, 0].norm(dim=1)[:, None, None, None])
        # Cheeks and palate: the deeper, the darker; light comes in with the opening.
        walls = self._dark * (0.65 + 0.3 * wide[:, None])
        over = torch.zeros_like(blade)
        if not nowhere(put_out):
            # How far it is before the lower incisors: there it lies in the light, and farther out on the lip. A tip
            # that just comes passes over the lip; a tongue that hangs out lies on all of it.
            out = (jaw(self._edge)[:, :, 2, None, None] - tongue.depth) * nearer
            deep = deep + (1 - deep) * (0.2 * out + 0.5).clamp(0, 1) * smoothstep(put_out, 0.0, 0.3)
            on_lip = torch.maximum(smoothstep(out, *_ON_LIP), smoothstep(put_out, 0.5, 0.85))
            over = blade * on_lip * smoothstep(put_out, 0.2, 0.5)
        inside = torch.lerp(walls, tongue.color * deep, tongue.opacity)
        for teeth in (lower, upper):
            before = ((teeth.depth - tongue.depth) * nearer + 0.5).clamp_(0, 1) * tongue.opacity
            shade = at_teeth if teeth.photographed is None else at_teeth + (1 - at_teeth) * teeth.photographed
            inside = inside.lerp_(torch.lerp(self._flesh, teeth.color, shade), teeth.opacity * (1 - before))
        if plain is not None:  # what kernels can draw they draw, whatever the batch's other frames show
            inside = torch.where(put_out > PUT_OUT, inside, plain)
        return inside, tongue.color, over

    def _as_kernel_has_it(
        self, palette: NDArray[np.float32], incisors: NDArray[np.float32]
    ) -> tuple[ctypes.Array[ctypes.Structure], Tensor, Tensor, list[Tensor | int]]:
        """What `kernels.cpp` calls Arch and ArchFigures, of the upper and lower one, and OralFigures; last, what keeps
        the first's tensors alive."""
        (upper, upper_figures), (lower, lower_figures) = (teeth.for_kernel() for teeth in (self._upper, self._lower))
        light, (_, _, tongue, dark) = self._light, palette.tolist()
        figures = [
            *(light.share, light.front, light.white, *(n for direction in light.directions for n in direction)),
            *(TILT, GLOSS, HALF_SPAN, *GRAZED, _THICK, *dark, *self._flesh.flatten().tolist()),
            *(*tongue, *TONGUE_LIGHT, *incisors[1].tolist(), *incisors[0].tolist(), *TONGUE_FORM),
        ]
        structures = structured(upper, lower)
        return structures, torch.tensor([upper_figures, lower_figures]), torch.tensor(figures), [*upper, *lower]

    def _drawn_by_kernel(
        self, windows: Windows, opening: Tensor, above: Tensor, skull: Placement, jaw: Placement, state: State
    ) -> Tensor:
        assert self._for_kernel is not None
        arches, arch_figures, figures, _ = self._for_kernel
        inside = opening.new_empty(len(opening), 3, windows.height, windows.width)
        light = self._light_inside(opening, above).contiguous()
        skulls, jaws = (torch.cat([p.matrix.flatten(1), p.offset], 1) for p in (skull, jaw))
        c, raised, out = windows.canvas, state.tongue.tolist(), state("tongueOut").tolist()
        for k, (y, x) in enumerate(zip(windows.y.tolist(), windows.x.tolist(), strict=True)):
            call(
                "inside", arches, arch_figures, figures, skulls[k], jaws[k], raised[k], out[k], opening[k], light[k],
                c.side, c.left, c.top, y, x, windows.height, windows.width, inside[k],
            )  # fmt: skip
        return inside

    def _light_inside(self, opening: Tensor, above: Tensor) -> Tensor:
        """(B, 4, h, w) the opening and the upper lip near each place, and in its wider surroundings."""
        step = 4 if _NEAR * self._pixels > 2.5 else 2 if _NEAR * self._pixels > 1.2 else 1
        coarse = torch.cat([opening, above], 1)
        if step > 1:
            coarse = F.avg_pool2d(coarse, step, ceil_mode=True, count_include_pad=False)
        near = gaussian(coarse, max(_NEAR * self._pixels / step, 0.6))
        wide = gaussian(near, max(_WIDE * self._pixels / step, 0.6))
        smooth = torch.cat([near, wide], 1)
        if step == 1:
            return smooth
        height, width = opening.shape[2:]
        fine = F.interpolate(smooth, scale_factor=step, mode="bilinear", align_corners=False)
        return fine[:, :, :height, :width]
