"""The layers of the mouth, and where the teeth behind them are."""

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
_UPPER_EDGE = np.array([0.0, 0.052, 0.085])
"""The upper incisors' edge from the middle of the closed lips' line: 3.3 mm below it (so much shows when the lips hang
apart, 1.9 mm of men's and 3.4 of women's: Vig and Brundo 1978; filmed speakers' show as much and more), behind the
lips."""
_LOWER_EDGE = np.array([0.0, 0.006, 0.125])
"""The lower ones': an overjet of 2.5 mm and an overbite of 2.9."""
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


def _directions(space: FaceSpace) -> tuple[Array, Array]:
    """Unit vectors down and across the face in the picture."""
    down = space.axes[:2, 1] / np.linalg.norm(space.axes[:2, 1])
    return down, np.array([down[1], -down[0]])
