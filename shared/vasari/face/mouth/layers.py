"""The layers of the mouth, and the colors of what lies behind the lips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.mouth.teeth import PhotographedTeeth
from vasari.face.picture.patches import Patch, arch, blur
from vasari.face.shape.canonical import FaceSpace
from vasari.values.appearance import MOUTH_PATCH
from vasari.values.landmarks import LOWER_LIP, UPPER_LIP

Array = NDArray[np.float64]

_HALF_PATCH = 0.75
_OVERLAP = 0.012
_SHUT = 0.02
_ENAMEL = np.array([1.02, 0.985, 0.90])
"""Enamel is a little warmer than white."""
_SKIN = (50, 280, 205, 425, 151, 4)
"""Cheeks, beside the mouth, forehead and the tip of the nose: where glasses, hair or a beard leave some skin free."""
_LIP_CAST = np.array([1.42, 0.80, 0.78])
_TONGUE = 0.8
"""Brightness of a tongue over the skin's, at most: painted lips tell little of it."""


_UPPER_EDGE = np.array([0.0, 0.034, 0.085])
"""The upper incisors' edge from the middle of the closed lips' line: 2 mm below it (so much shows when the lips hang
apart, 1.9 mm of men's and 3.4 of women's: Vig and Brundo 1978), behind the lips."""
_LOWER_EDGE = np.array([0.0, 0.012, 0.125])
"""The lower ones': an overjet of 2.5 mm. At rest the jaw hangs by 2 mm, which takes up most of the overbite."""
_BELIEVED = np.array([-0.06, 0.08])
"""How far from there a photo may show them."""


def mouth_patch(points: Array, space: FaceSpace) -> Patch:
    """points: (478, 3) in frame units."""
    outline = points[[*UPPER_LIP[3], *LOWER_LIP[3]], :2]
    return Patch(outline.mean(0), _HALF_PATCH * space.interocular, MOUTH_PATCH)


def incisors(
    neutral: Array, photographed: Array, teeth: PhotographedTeeth, hinge: Array, opened: float
) -> NDArray[np.float32]:
    """(2, 3) middle of the upper and of the lower incisors' edges in face space, the jaw at rest.

    Args:
        neutral, photographed: (468, 3) the surface without and with the photo's expression.
        hinge: (3,) of the jaw.
        opened: radians by which the photo's jaw is turned.
    """
    lips = neutral[[13, 14]]
    lip = np.array([neutral[[78, 308], 0].mean(), lips[:, 1].mean(), lips[:, 2].min()])
    upper, lower = lip + _UPPER_EDGE, lip + _LOWER_EDGE
    top = photographed[13, 1]
    if teeth.upper_edge is not None:
        upper[1] = np.clip(top + teeth.upper_edge, *(upper[1] + _BELIEVED))
    if teeth.lower_edge is not None:  # turned back about the hinge, at the depth that the lower edge has at rest
        cos, sin = np.cos(opened), np.sin(opened)
        arm = (top + teeth.lower_edge - hinge[1] + sin * (lower[2] - hinge[2])) / cos
        lower[1] = np.clip(hinge[1] + arm, *(lower[1] + _BELIEVED))
    return np.stack([upper, lower]).astype(np.float32)


def lip_layers(patch: Patch, points: Array, space: FaceSpace) -> NDArray[np.uint8]:
    """(K, K, 2) opacity of the upper and of the lower layer of the photo around the mouth.

    The lower layer has a hole from the lower lip's margin to above the upper lip; the upper layer covers the upper lip
    and fades into the cheeks. Moved apart, they show the inside of the mouth between them; together they are the photo.
    """
    unit = space.interocular
    down, across = _directions(space)
    upper, lower = points[list(UPPER_LIP[0]), :2], points[list(LOWER_LIP[0]), :2]
    rim = points[list(UPPER_LIP[3]), :2]
    left, right = points[78, :2], points[308, :2]
    if np.linalg.norm(points[14] - points[13]) < _SHUT * unit:
        upper = lower = (upper + lower) / 2
    bow = arch(11) * unit

    top = (rim - down * 0.22 * unit * arch(11) ** 0.4)[::-1].copy()
    top[0], top[-1] = right, left
    hole = patch.fill(np.vstack([lower - down * _OVERLAP * unit, top]))
    pixel = patch.length(unit) / 170  # blurs were set at 170 pixels an interocular distance

    margin = upper + down * 0.3 * _OVERLAP * unit
    wide = 0.24 * unit
    zone = patch.fill(
        np.vstack(
            [
                margin,
                right + across * wide - down * 0.02 * unit,
                rim[-2] + across * wide * 0.8 - down * 0.26 * unit,
                rim[5] + across * 0.15 * unit - down * 0.30 * unit,
                rim[5] - across * 0.15 * unit - down * 0.30 * unit,
                rim[1] - across * wide * 0.8 - down * 0.26 * unit,
                left - across * wide - down * 0.02 * unit,
            ]
        )
    )
    far = 3 * wide
    above = patch.fill(
        np.vstack(
            [
                margin,
                right + across * far,
                right + across * far - down * far,
                left - across * far - down * far,
                left - across * far,
            ]
        )
    )
    lip = patch.fill(np.vstack([margin, (rim - down * 0.15 * bow)[::-1]]))
    fading = np.maximum(2 * blur(zone, patch.length(0.05 * unit)) - 1, 0)
    upper_layer = np.maximum(fading, blur(lip, 1.0 * pixel)) * blur(above, 1.0 * pixel)
    # Towards the corners the upper layer grows thin: there the hole ends, so that together they let nothing through.
    whole = patch.fill(np.vstack([lower + down * 3 * _OVERLAP * unit, (rim - down * 0.15 * bow)[::-1]]))
    covered = np.clip(4 * np.maximum(fading, blur(whole, 1.0 * pixel)) - 3, 0, 1)
    lower_layer = 1 - blur(hole, 1.0 * pixel) * covered
    return (np.stack([upper_layer, lower_layer], -1).clip(0, 1) * 255).round().astype(np.uint8)


def palette(pixels: NDArray[np.uint8], points: Array, space: FaceSpace, seen: PhotographedTeeth) -> NDArray[np.float32]:
    """(4, 3) RGB of teeth, gums, tongue and the dark between, as this picture's light and style would have them."""
    places = [Patch(points[v, :2], 0.04 * space.interocular, 8).sample(pixels).reshape(-1, 3) for v in _SKIN]
    medians = np.median(places, axis=1)
    light = float(np.percentile(medians.mean(1), 75))  # teeth face the light that the brighter skin faces
    skin = np.median(medians, 0)
    lips = np.median(
        [Patch(points[v, :2], 0.02 * space.interocular, 4).sample(pixels).reshape(-1, 3) for v in (15, 16, 85, 315)],
        axis=(0, 1),
    )
    colored = float(np.std(skin)) > 4  # an engraving or a black-and-white photo keeps gray teeth
    brightness = np.clip(0.80 * light + 30, 50, 236)
    if colored:
        teeth = brightness * (0.5 * _ENAMEL + 0.5 * skin / skin.mean())
        lips = 0.55 * lips + 0.45 * _LIP_CAST * lips.mean()
    else:
        teeth = np.full(3, brightness)
    if seen.color is not None:
        teeth = seen.color.astype(np.float64)
    tongue = lips * (1.08, 0.98, 0.98) + 8
    colors = [
        teeth,
        lips * 0.85,
        tongue * min(1.0, _TONGUE * float(skin.mean()) / float(tongue.mean())),
        np.clip(lips * 0.32, 6, 70) * (1.35, 0.85, 0.85) if colored else np.clip(lips * 0.22, 6, 60),
    ]
    return np.asarray(np.clip(colors, 0, 255), np.float32)


def _directions(space: FaceSpace) -> tuple[Array, Array]:
    """Unit vectors down and across the face in the picture."""
    down = space.axes[:2, 1] / np.linalg.norm(space.axes[:2, 1])
    return down, np.array([down[1], -down[0]])
