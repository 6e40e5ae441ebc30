"""The 52 ARKit coefficients as displacements of one face's surface.

Each shape is written down as what it does to a few handles (lip rings, lid margins, brows, jaw line) in face space and
spread over the surface from there. Amplitudes follow Apple's reference pictures for coefficient 1; those of the lids
and lips scale with the face's own openings and widths. cheekPuff, tongueOut and the gaze coefficients (which the
renderer's eyes answer) move no point in this version.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.lids import lids
from vasari.face.surface import Surface
from vasari.values.landmarks import (
    EYES,
    LOWER_LIP,
    LOWER_LIP_ONLY,
    MOUTH_CORNERS,
    NOSE_TIP,
    SURFACE,
    UPPER_LIP,
    UPPER_LIP_ONLY,
)
from vasari.values.motion import COEFFICIENTS

Array = NDArray[np.float64]

JAW_ANGLE = np.deg2rad(19.0)
"""Rotation of the jaw about the condyles at jawOpen 1."""

_JAW_LINE = (
    *((361, 132, 0.0), (288, 58, 0.15), (397, 172, 0.42), (365, 136, 0.68)),
    *((379, 150, 0.87), (378, 149, 0.96), (400, 176, 1.0), (377, 148, 1.0)),
)
_CHIN = (152, 175, 199, 200, 18, 83, 313, 182, 406, 201, 421, 208, 428, 171, 396)
_UPPER_FOREHEAD = (10, 338, 297, 332, 284, 109, 67, 103, 54)


def smoothstep(x: Array | float, start: float, end: float) -> Array:
    t = np.clip((np.asarray(x) - start) / (end - start), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))


def shapes(surface: Surface) -> dict[str, Array]:
    """(468, 3) displacement in face space for each coefficient that moves the surface."""
    jaw = _jaw(surface)
    return {**jaw, **_Lips(surface).shapes(jaw["jawOpen"]), **_nose(surface), **lids(surface), **_brows(surface)}


def stack(named: dict[str, Array]) -> NDArray[np.float32]:
    """(52, 468, 3) in the order of COEFFICIENTS; zeros for what moves no point."""
    return np.stack([named.get(name, np.zeros((SURFACE, 3))) for name in COEFFICIENTS]).astype(np.float32)


def jaw_hinge(points: Array) -> Array:
    """(3,) a point of the axis through both condyles, about which the jaw turns; the axis runs along x."""
    hinge = (points[234] + points[454] + points[93] + points[323]) / 4
    hinge[2] = (points[234, 2] + points[454, 2]) / 2
    return np.asarray(hinge)


def lip_gaps(displaced: Array) -> Array:
    """(11,) vertical distance of the inner lip margins, from corner to corner; (468, 3) points or displacements."""
    return np.asarray(displaced[list(LOWER_LIP[0]), 1] - displaced[list(UPPER_LIP[0]), 1])


def _jaw(surface: Surface) -> dict[str, Array]:
    points = surface.points
    across = _across(points, LOWER_LIP_ONLY)
    share = dict.fromkeys(UPPER_LIP_ONLY, 0.0)
    share |= {v: 1 - 0.45 * abs(a) ** 4 for v, a in zip(LOWER_LIP_ONLY, across, strict=True)}
    share |= dict.fromkeys(MOUTH_CORNERS, 0.42)
    share |= {v: w for right, left, w in _JAW_LINE for v in (right, left)}
    share |= dict.fromkeys(_CHIN, 1.0)
    handles = np.array(list(share))
    above_nose = np.flatnonzero(points[:, 1] < points[2, 1] - 0.02)
    weight = np.clip(surface.spread(handles, np.array(list(share.values()))[:, None], above_nose), 0, 1)

    arm = points - jaw_hinge(points)
    cos, sin = np.cos(JAW_ANGLE), np.sin(JAW_ANGLE)
    turned = np.stack([arm[:, 0], cos * arm[:, 1] - sin * arm[:, 2], sin * arm[:, 1] + cos * arm[:, 2]], 1)
    sideways = np.array([0.09, 0.0, 0.0]) * weight
    return {
        "jawOpen": (turned - arm) * weight + _Lips(surface).narrowing(),
        "jawLeft": sideways,
        "jawRight": -sideways,
        "jawForward": np.array([0.0, 0.02, -0.08]) * weight,
    }


def _across(points: Array, vertices: tuple[int, ...]) -> Array:
    """Place of points across the mouth: -1 at the image-left inner corner, 1 at the right."""
    left, right = points[78, 0], points[308, 0]
    return np.asarray(np.clip((points[list(vertices), 0] - (left + right) / 2) / ((right - left) / 2), -1.1, 1.1))


class _Lips:
    """Shapes of the lips, written as functions of the place across and of the ring."""

    def __init__(self, surface: Surface) -> None:
        points = self.points = surface.points
        self.surface = surface
        ring = {v: k / 3 for k, pair in enumerate(zip(UPPER_LIP, LOWER_LIP, strict=True)) for v in (*pair[0], *pair[1])}
        self.vertices = tuple(sorted(ring))
        self.ring = np.array([ring[v] for v in self.vertices])
        """0 at the inner margin, 1 at the outer."""
        self.across = _across(points, self.vertices)
        self.middle = 1 - self.across**2
        """1 at the middle of the mouth, 0 at its corners."""
        self.upper = np.isin(self.vertices, UPPER_LIP_ONLY).astype(float)
        self.lower = np.isin(self.vertices, LOWER_LIP_ONLY).astype(float)
        self.half_width = (points[308, 0] - points[78, 0]) / 2
        self.upper_height = points[13, 1] - points[0, 1]
        self.lower_height = points[17, 1] - points[14, 1]

    def narrowing(self) -> Array:
        """What the lips do by themselves as the jaw drops: corners in, upper lip a touch up."""
        inward = -np.sign(self.across) * 0.055 * self.across**2
        return self._spread(inward, -0.025 * self.upper * self.middle, 0.0, reach=0.35)

    def shapes(self, jaw_open: Array) -> dict[str, Array]:
        a, r, m, up, lo = self.across, self.ring, self.middle, self.upper, self.lower
        none = np.zeros_like(a)
        half, rounded = self.half_width, -(1 - 0.5 * a**2)
        roll_up, roll_lo = (0.25 + 0.6 * r) * self.upper_height * m, -(0.2 + 0.6 * r) * self.lower_height * m
        named = {
            "mouthClose": self._close(jaw_open),
            "mouthPucker": self._spread(
                -a * half * 0.42 * (1 - 0.12 * r), (-0.035 * up + 0.045 * lo) * r * m, 0.14 * rounded, reach=0.45
            ),
            "mouthFunnel": self._spread(
                -a * half * 0.30,
                (-(0.060 + 0.01 * r) * up + 0.085 * lo + 0.01 * (1 - up - lo)) * m,
                0.12 * rounded,
                reach=0.45,
            ),
            "mouthLeft": self._spread(none + 0.12, none, none, reach=0.5),
            "mouthRight": self._spread(none - 0.12, none, none, reach=0.5),
            "mouthRollUpper": self._spread(none, roll_up * up, 0.03 * up, reach=0.25),
            "mouthRollLower": self._spread(none, roll_lo * lo, 0.03 * lo, reach=0.25),
            "mouthShrugUpper": self._spread(none, -(0.03 + 0.02 * up) * m, none, reach=0.3),
            "mouthShrugLower": self._spread(
                none, -(0.02 + 0.03 * lo) * m, none - 0.03, reach=0.3, also={199: (0, -0.05, 0), 200: (0, -0.04, 0)}
            ),
        }
        size = min(half / 0.36, 1.0)  # small mouths smile and stretch less far
        for side, outward, cheek, apple, fold in (("Left", 1, 425, 280, 426), ("Right", -1, 205, 50, 206)):
            near = smoothstep(a * outward, -0.25, 1.0)
            half_mouth = smoothstep(a * outward, -0.6, 0.3)
            plump = 1 - np.abs(a) ** 3
            thin = 0.15 * r * m * (self.upper_height * up - 0.73 * self.lower_height * lo)
            named |= {
                f"mouthSmile{side}": self._spread(
                    outward * 0.115 * size * near,
                    -(0.045 + 0.045 * size) * near**1.5 - 0.008 * m + thin,
                    0.07 * near,
                    reach=0.5,
                    also={
                        cheek: (outward * 0.035, -0.055, -0.01),
                        apple: (outward * 0.008, -0.04, 0),
                        fold: (outward * 0.07, -0.07, 0),
                    },
                ),
                f"mouthFrown{side}": self._spread(none, 0.085 * near**1.5, none, reach=0.38),
                f"mouthStretch{side}": self._spread(
                    outward * 0.13 * size * near, 0.035 * near + 0.02 * lo * m, 0.05 * near, reach=0.5
                ),
                f"mouthDimple{side}": self._spread(outward * 0.06 * near, -0.01 * near, 0.05 * near, reach=0.38),
                f"mouthUpperUp{side}": self._spread(none, -0.085 * half_mouth * plump * up, none, reach=0.3),
                f"mouthLowerDown{side}": self._spread(none, 0.095 * half_mouth * plump * lo, none, reach=0.3),
                f"mouthPress{side}": self._spread(none, 0.045 * (up - lo) * r * m * half_mouth, none, reach=0.25),
            }
        return named

    def _close(self, jaw_open: Array) -> Array:
        """Takes the opening of jawOpen back: a third by the upper lip, the rest by the lower."""
        gap = jaw_open[list(LOWER_LIP[0])] - jaw_open[list(UPPER_LIP[0])]
        gap[[0, -1]] = 0
        place = {v: i for rings in (UPPER_LIP, LOWER_LIP) for ring in rings for i, v in enumerate(ring)}
        own = (
            gap[[place[v] for v in self.vertices]]
            * ((0.33 * self.upper - 0.67 * self.lower) * (1 - 0.25 * self.ring))[:, None]
        )
        return self._spread(own[:, 0], own[:, 1], own[:, 2], reach=0.38)

    def _spread(
        self,
        x: Array,
        y: Array,
        z: Array | float,
        *,
        reach: float,
        also: dict[int, tuple[float, float, float]] | None = None,
    ) -> Array:
        also = also or {}
        handles = (*self.vertices, *also)
        values = np.stack([x, y, np.broadcast_to(z, x.shape)], 1)
        values = np.concatenate([values, np.array([*also.values()], float).reshape(-1, 3)])
        return self.surface.spread(np.array(handles), values, self.surface.beyond(handles, reach))


def closure(surface: Surface, gaps: Array) -> Array:
    """(468, 3) displacement that brings the inner lip margins together where they are `gaps` (11,) apart."""
    follow = {"upper": (1.0, 0.9, 0.8, 0.65), "lower": (1.0, 1.0, 0.95, 0.85)}
    moved: dict[int, float] = {}
    for ring, upper, lower in zip(range(4), follow["upper"], follow["lower"], strict=True):
        for i in range(1, 10):
            moved[UPPER_LIP[ring][i]] = 0.4 * upper * gaps[i]
            moved[LOWER_LIP[ring][i]] = -0.6 * lower * gaps[i]
    handles = np.array([*moved, *MOUTH_CORNERS])
    values = np.zeros((len(handles), 3))
    values[: len(moved), 1] = list(moved.values())
    return surface.spread(handles, values, surface.beyond(handles, 0.4))


def _nose(surface: Surface) -> dict[str, Array]:
    """noseSneer: a wing of the nose and the lip's side below it rise."""
    named = {}
    for side, wing, fold, lip in (("Left", 358, 371, 391), ("Right", 129, 142, 165)):
        handles = np.array([wing, fold, lip])
        values = np.array([[0, -0.06, 0], [0, -0.05, 0], [0, -0.03, 0]], float)
        fixed = {*surface.beyond(handles, 0.25), NOSE_TIP, *MOUTH_CORNERS}
        named[f"noseSneer{side}"] = surface.spread(handles, values, fixed)
    return named


def _brows(surface: Surface) -> dict[str, Array]:
    points, named, inner_up = surface.points, {}, np.zeros((SURFACE, 3))
    for eye in EYES:
        brow = np.array(eye.brow)
        along = points[brow, 0] * eye.outward
        outer = (along - along.min()) / (along.max() - along.min())  # 0 at the inner end, 1 at the outer
        low = np.flatnonzero(points[:, 1] > 0.06)
        fixed = {*eye.upper, *eye.lower, *low, *_UPPER_FOREHEAD} - set(eye.brow)
        none = np.zeros_like(outer)
        inner_up += surface.spread(brow, np.stack([none, -0.13 * (1 - smoothstep(outer, 0.2, 1.0)), none], 1), fixed)
        named[f"browDown{eye.side}"] = surface.spread(
            brow, np.stack([-eye.outward * 0.045 * (1 - 0.6 * outer), 0.085 * (1 - 0.4 * outer), none], 1), fixed
        )
        named[f"browOuterUp{eye.side}"] = surface.spread(
            brow, np.stack([none, -0.11 * smoothstep(outer, 0.1, 0.9), none], 1), fixed
        )
    return named | {"browInnerUp": inner_up}
