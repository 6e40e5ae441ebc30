"""Two arches of teeth and their gums, painted once: what a small model of the mouth is clothed with.

Figures are of permanent teeth. Crowns: the table of measures in Nelson, Wheeler's Dental Anatomy, Physiology and
Occlusion (height and mesiodistal width of each crown). Arches: a catenary (MacConaill and Scher 1949, The ideal form
of the human dental arcade), curved so that with these crowns its outer line runs 33 and 55 mm wide at the upper canines
and first molars, 25 and 50 mm at the lower ones, a little outside of adults' widths between cusps (Moyers and others
1976, Standards of human occlusal development: about 33 and 52, 25 and 49). Lengths are interocular distances, of which
an adult's is about 63 mm (Dodgson 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Image = NDArray[np.float32]

MM: Final = 1 / 63.0


@dataclass(frozen=True)
class Crown:
    """A tooth as seen from outside; millimeters."""

    width: float
    height: float
    short: float
    """How far its edge stays behind the plane of the others'."""
    point: float
    """How far the middle of its edge stands out beyond the corners."""
    thick: float
    """Of the edge or chewing surface, as seen from the other arch."""
    tone: float
    """Brightness among the teeth: canines are darker."""


@dataclass(frozen=True)
class Arch:
    """One half of a row, from the midline outwards, along the catenary z = curve (cosh(x / curve) - 1)."""

    crowns: tuple[Crown, ...]
    curve: float
    lit: float
    """How far back light reaches, interocular distances."""

    def depth(self, x: Array) -> Array:
        return np.asarray(self.curve * (np.cosh(x / self.curve) - 1))


UPPER: Final = Arch(
    (
        Crown(8.5, 10.5, 0.0, 0.2, 1.6, 1.0),
        Crown(6.5, 9.0, 0.7, 0.3, 1.6, 0.98),
        Crown(7.5, 10.0, 0.1, 1.7, 3.0, 0.92),
        Crown(7.0, 8.5, 0.5, 1.3, 8.0, 0.94),
        Crown(7.0, 8.0, 0.7, 1.0, 8.5, 0.93),
        Crown(10.0, 7.5, 0.9, 0.6, 10.5, 0.90),
        Crown(9.0, 7.0, 1.2, 0.5, 10.5, 0.88),
    ),
    0.27,
    0.24,
)
LOWER: Final = Arch(
    (
        Crown(5.0, 9.0, 0.0, 0.1, 1.6, 0.99),
        Crown(5.5, 9.3, 0.1, 0.2, 1.6, 0.98),
        Crown(7.0, 10.5, -0.2, 1.4, 3.0, 0.93),
        Crown(7.0, 8.5, 0.4, 1.2, 7.0, 0.94),
        Crown(7.0, 8.0, 0.5, 0.8, 8.0, 0.93),
        Crown(11.0, 7.5, 0.6, 0.5, 10.0, 0.90),
        Crown(10.5, 7.0, 0.8, 0.4, 10.0, 0.88),
    ),
    0.25,
    0.18,
)

HALF_LENGTH: Final = 0.86
"""Of a painted row, along the arch."""
BELOW, ABOVE = 0.04, 0.36
"""What a painted row shows beyond the plane of the edges, and towards the gums."""
HALF_WIDTH, DEPTH = 0.58, 0.80
"""Of the painted chewing surfaces: to each side, and from the front of the arch to the back."""

_UNEVEN: Final = (0.3, -0.6, 0.5, -0.2, 0.7, -0.4, 0.1, -0.5, 0.6, -0.1, 0.4, -0.7, 0.2, -0.3)
"""No two teeth are quite alike: small fixed differences, from one side to the other."""
_CERVICAL: Final = np.array([0.93, 0.90, 0.82])
"""Towards the neck enamel is thin, and the yellow dentine shows."""
_CLEAR: Final = np.array([0.82, 0.84, 0.86])
"""At the edge there is no dentine behind it, and the dark of the mouth shows."""
_FINER: Final = 3


@dataclass(frozen=True)
class Row:
    """Paintings of one arch, at `density` pixels for an interocular distance."""

    outside: Image
    """(h, w, 7): RGB 0..255, opacity 0..1, and the normal in face space, over s (along the arch, -HALF_LENGTH ..
    HALF_LENGTH) and the height from -BELOW to ABOVE."""
    chewing: Image
    """(h, w, 4): RGB and opacity over x and z behind the arch's front."""


def painted(arch: Arch, upward: float, density: float, enamel: Image, gums: Image, dark: Image) -> Row:
    """upward: 1 where gums lie below the teeth (y down), -1 where above. enamel, gums, dark: (3,) RGB."""
    fine = density * _FINER
    s, height = np.meshgrid(
        np.arange(-HALF_LENGTH, HALF_LENGTH, 1 / fine), np.arange(-BELOW, ABOVE, 1 / fine), indexing="xy"
    )
    color, opacity, relief = np.zeros((*s.shape, 3)), np.zeros(s.shape), np.zeros(s.shape)
    number = 0
    for side in (-1, 1):
        start = 0.0
        for crown in arch.crowns:
            end = start + crown.width * MM
            near = np.flatnonzero((side * s[0] >= start) & (side * s[0] < end))
            columns = np.s_[:, near[0] : near[-1] + 1]
            across = (side * s[columns] - start) / (end - start) * 2 - 1
            color[columns], opacity[columns], relief[columns] = _crown(
                crown, across, height[columns], _UNEVEN[number], enamel, gums
            )
            start, number = end, number + 1

    relief = cv2.GaussianBlur(relief, (0, 0), 0.30 * MM * fine)
    slope_h, slope_s = (slope / np.hypot(1, slope) for slope in np.gradient(relief, 1 / fine))
    x = arch.curve * np.arcsinh(s / arch.curve)
    cos, sin = 1 / np.cosh(x / arch.curve), np.tanh(x / arch.curve)
    normal = np.stack([sin - slope_s * cos, -slope_h * upward, -cos - slope_s * sin], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    color = _fading(arch, arch.depth(x), color, gums, dark)
    picture = np.concatenate([_grown(color, opacity, fine), opacity[..., None], normal], -1)
    return Row(_reduced(picture.astype(np.float32)), _chewing(arch, fine, enamel, gums, dark))


def _crown(
    crown: Crown, u: Array, height: Array, uneven: float, enamel: Image, gums: Image
) -> tuple[Array, Array, Array]:
    """Color, opacity and relief of one tooth with its gum; u runs from -1 at the midline's side to 1."""
    tall = crown.height * MM
    t = height - (crown.short + 0.25 * uneven) * MM
    q = t / tall  # 0 at the edge, 1 at the neck's highest place
    edge = crown.point * MM * np.abs(u - 0.08) ** 1.5 + np.where(u > 0, 0.08, 0.055) * tall * np.abs(u) ** 5
    half = 1 - 0.16 * np.clip((q - 0.3) / 0.7, 0, 1) ** 1.6 - 0.05 * np.clip((0.3 - q) / 0.3, 0, 1) ** 2
    neck = tall * (1 - 0.34 * np.abs(u) ** 2.4)
    tooth = (t > edge) & (t < neck) & (np.abs(u) < half)
    between = (t > edge + 0.10 * tall) & (t < neck) & ~tooth
    gum = t >= neck
    opacity = (tooth | between | gum).astype(float)

    v = np.clip(np.abs(u) / half, 0, 1)
    incisor = crown.point < 0.5
    bulge = (1 - v ** (3.0 if incisor else 2.0)) * (1 - 0.55 * np.clip((q - 0.62) / 0.38, 0, 1) ** 2)
    bulge *= 1 - 0.5 * np.clip((0.5 - q) / 0.5, 0, 1) ** 2
    bulge += 0.04 * np.cos(7 * u) * (q < 0.6) * (1 - v)  # the lobes that a crown grew from
    beyond = np.clip((t - neck) / (0.5 * tall), 0, 1)
    root = 1.1 * (1 - u**2) * (1 - 0.5 * beyond) + 0.9 * np.sqrt(np.clip(3 * beyond, 0, 1))
    relief = MM * np.where(gum, root, np.where(tooth, (0.6 if incisor else 1.0) * bulge, -0.1))

    cervical = np.clip(np.clip((q - 0.45) / 0.55, 0, 1) ** 1.5 + 0.8 * (1 - crown.tone) / 0.12, 0, 1)[..., None]
    clear = (0.30 if incisor else 0.15) * np.clip(1 - (t - edge) / (1.5 * MM), 0, 1)[..., None] ** 1.4
    shade = enamel * (1 + (_CERVICAL - 1) * cervical)
    shade += (enamel * _CLEAR - shade) * clear
    crease = 1 - 0.34 * np.exp(-(((1 - v) * crown.width / 2 / 0.50) ** 1.2))
    seam = 1 - 0.30 * np.exp(-np.clip(neck - t, 0, 1) / (0.5 * MM))
    shade *= (crown.tone * (1 + 0.018 * uneven) * crease * seam)[..., None]
    margin = 0.86 + 0.14 * np.exp(-np.clip(t - neck, 0, 1) / (1.5 * MM))
    pink = gums * ((1 - 0.12 * u**2) * margin * (1 - 0.35 * beyond))[..., None]
    color = np.where(gum[..., None], pink, np.where(tooth[..., None], shade, 0.60 * enamel + 0.12 * gums))
    return color, opacity, relief


def _chewing(arch: Arch, fine: float, enamel: Image, gums: Image, dark: Image) -> Image:
    """Edges and chewing surfaces, from the arch's outer line inwards."""
    x, z = np.meshgrid(np.arange(-HALF_WIDTH, HALF_WIDTH, 1 / fine), np.arange(-0.04, DEPTH, 1 / fine), indexing="xy")
    foot = np.abs(x)
    inward = np.zeros_like(x)
    for _ in range(6):  # the nearest point of the catenary: the foot's distance, walked back along the normal
        inward = (z - arch.depth(foot)) / np.cosh(foot / arch.curve) + (np.abs(x) - foot) * -np.tanh(foot / arch.curve)
        foot = np.clip(np.abs(x) + inward * np.tanh(foot / arch.curve), 0, 0.5) * 0.5 + 0.5 * foot
    s = arch.curve * np.sinh(foot / arch.curve)
    ends = np.cumsum([0.0, *(crown.width * MM for crown in arch.crowns)])
    middles = (ends[1:] + ends[:-1]) / 2
    thick, tone = (np.interp(s, middles, v) for v in zip(*((c.thick * MM, c.tone) for c in arch.crowns), strict=True))
    number = np.clip(np.searchsorted(ends, s) - 1, 0, len(middles) - 1)
    u = (s - middles[number]) / np.diff(ends)[number] * 2
    across = inward / thick * 2 - 1  # -1 at the outer, 1 at the inner line
    opacity = ((s < ends[-1]) & (np.abs(across) < 1 - 0.08 * u**2)).astype(float)
    groove = np.exp(-((across / 0.28) ** 2)) * (thick > 5 * MM)
    shade = tone * (0.74 - 0.14 * groove - 0.12 * u**6 - 0.12 * across**4)
    color = enamel * np.clip(shade, 0, 1)[..., None]
    color = _fading(arch, z, color, gums, dark)
    return _reduced(np.concatenate([_grown(color, opacity, fine), opacity[..., None]], -1).astype(np.float32))


def _fading(arch: Arch, depth: Array, color: Array, gums: Image, dark: Image) -> Array:
    """Less light reaches the teeth farther back, and what does was thrown back by red skin. The upper row goes on to
    the corners of the lips; of the lower one cheeks and tongue leave little to be seen there."""
    lit = np.exp(-((np.clip(depth - 0.08, 0, None) / arch.lit) ** 2))[..., None]
    return np.asarray(dark + (color * (gums / max(float(gums.max()), 1.0)) ** (1 - lit) - dark) * lit)


def _grown(color: Array, opacity: Array, fine: float) -> Array:
    """Colors go on beyond their outline, so that pixels across it take nothing from outside."""
    weight = cv2.GaussianBlur(opacity, (0, 0), MM * fine)[..., None]
    near = cv2.GaussianBlur(color * opacity[..., None], (0, 0), MM * fine) / np.maximum(weight, 1e-3)
    return np.where(opacity[..., None] > 0, color, near)


def _reduced(image: Image) -> Image:
    height, width = (round(n / _FINER) for n in image.shape[:2])
    reduced = [
        cv2.resize(np.ascontiguousarray(image[..., k]), (width, height), interpolation=cv2.INTER_AREA)
        for k in range(image.shape[2])
    ]
    return np.stack(reduced, -1)
