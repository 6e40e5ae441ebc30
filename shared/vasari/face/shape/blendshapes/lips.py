"""The lips, and what of the cheeks they take along."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.face.shape.blendshapes.profile import across, smoothstep
from vasari.face.shape.surface import Surface
from vasari.face.shape.topology import MIRROR, mirrored
from vasari.values.landmarks import LOWER_LIP, LOWER_LIP_ONLY, MOUTH_CORNERS, UPPER_LIP, UPPER_LIP_ONLY

Array = NDArray[np.float64]
Vector = tuple[float, float, float]

_WIDE: Final = 0.36
"""Half the width of a mouth that smiles and stretches as far as written here; smaller ones go less far."""


def lips(surface: Surface, jaw_open: Array) -> dict[str, Array]:
    """All shapes whose name begins with mouth: (468, 3) displacements by name.

    Args:
        surface: the face, symmetric.
        jaw_open: (468, 3) the shape that mouthClose takes back.
    """
    mouth = _Mouth(surface)
    named = mouth.whole() | {"mouthClose": mouth.close(jaw_open)}
    for name, shape in mouth.left().items():
        named |= {f"{name}Left": shape, f"{name}Right": mirrored(shape)}
    return named


def lip_gaps(displaced: Array) -> Array:
    """(11,) vertical distance of the inner lip margins, from corner to corner; (468, 3) points or displacements."""
    return np.asarray(displaced[list(LOWER_LIP[0]), 1] - displaced[list(UPPER_LIP[0]), 1])


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


class _Mouth:
    """Displacements of the lips as functions of the place across them and of the ring."""

    def __init__(self, surface: Surface) -> None:
        points = surface.points
        self.surface = surface
        ring = {v: k / 3 for k, pair in enumerate(zip(UPPER_LIP, LOWER_LIP, strict=True)) for v in (*pair[0], *pair[1])}
        self.vertices = tuple(sorted(ring))
        self.ring = np.array([ring[v] for v in self.vertices])
        """0 at the inner margin, 1 at the outer."""
        self.across = across(points, self.vertices)
        self.middle = np.maximum(1 - self.across**2, 0)
        """1 at the middle of the mouth, 0 at its corners."""
        self.upper = np.isin(self.vertices, UPPER_LIP_ONLY).astype(float)
        self.lower = np.isin(self.vertices, LOWER_LIP_ONLY).astype(float)
        self.half_width = (points[308, 0] - points[78, 0]) / 2
        self.upper_height = points[13, 1] - points[0, 1]
        self.lower_height = points[17, 1] - points[14, 1]

    def whole(self) -> dict[str, Array]:
        """Shapes that both sides of the mouth share, except mouthClose."""
        a, r, m, up, lo = self.across, self.ring, self.middle, self.upper, self.lower
        none = np.zeros_like(a)
        half, forward = self.half_width, -(1 - 0.5 * a**2)
        corner = 1 - up - lo
        aside = self._spread(none + 0.12, none + 0.01 * a, 0.05 * a, reach=0.6, also={1: (0.012, 0, 0)})
        return {
            # The ring muscle draws the corners together and the cheeks in after them.
            "mouthPucker": self._spread(
                -a * half * 0.44 * (1 - 0.12 * r),
                (-0.030 * up + 0.040 * lo) * r * m,
                0.14 * forward,
                reach=0.8,
                also=_sides(
                    {
                        410: (-0.060, 0.010, -0.01),
                        287: (-0.105, 0.010, 0.02),
                        273: (-0.115, 0.010, 0.04),
                        436: (-0.045, 0.020, 0.01),
                        432: (-0.050, 0.015, 0.02),
                        427: (-0.024, 0.012, 0.03),
                        434: (-0.022, 0.0, 0.025),
                        411: (-0.012, 0.006, 0.02),
                        425: (-0.014, 0.012, 0.01),
                    }
                ),
            ),
            "mouthFunnel": self._spread(
                -a * half * 0.30,
                (-(0.060 + 0.01 * r) * up + 0.085 * lo) * m**0.8 + 0.01 * corner,
                0.12 * forward,
                reach=0.7,
                also=_sides({436: (-0.03, 0.01, 0.01), 432: (-0.035, 0.02, 0.015), 427: (-0.016, 0.01, 0.02)}),
            ),
            "mouthLeft": aside,
            "mouthRight": mirrored(aside),
            "mouthRollUpper": self._spread(none, (0.25 + 0.6 * r) * self.upper_height * m * up, 0.03 * up, reach=0.25),
            "mouthRollLower": self._spread(none, -(0.2 + 0.6 * r) * self.lower_height * m * lo, 0.03 * lo, reach=0.25),
            "mouthShrugUpper": self._spread(none, -(0.03 + 0.02 * up) * m, -0.02 * up * m, reach=0.3),
            # The chin muscle bunches the chin and pushes the lower lip up and out, the upper one with it.
            "mouthShrugLower": self._spread(
                none,
                -(0.025 + 0.03 * lo) * m + 0.012 * corner,
                -0.03 - 0.02 * lo * m,
                reach=0.35,
                also={199: (0, -0.06, -0.01), 200: (0, -0.055, -0.02), 175: (0, -0.03, 0)}
                | _sides({428: (0, -0.045, 0), 421: (0, -0.04, -0.015)}),
            ),
        }

    def left(self) -> dict[str, Array]:
        """Shapes of the subject's left side, by the name without the side."""
        a, r, m, up, lo = self.across, self.ring, self.middle, self.upper, self.lower
        none = np.zeros_like(a)
        size = float(np.clip(self.half_width / _WIDE, 0.75, 1.0))
        near = smoothstep(a, -0.25, 1.0)
        pull = np.clip((a + 0.2) / 1.2, 0, None) ** 1.4
        half_mouth = smoothstep(a, -0.6, 0.3)
        plump = np.maximum(1 - np.abs(a) ** 3, 0)
        thin = r * m * half_mouth * (0.22 * self.upper_height * up - 0.16 * self.lower_height * lo)
        return {
            # The zygomatic muscle lifts the corner along its way to the cheekbone; the cheek bunches up before it,
            # and the lips are drawn flat over the teeth.
            "mouthSmile": self._spread(
                0.125 * size * pull,
                -(0.010 * half_mouth + (0.042 + 0.050 * size) * pull**1.6) + thin,
                0.07 * pull + 0.01 * half_mouth,
                reach=0.85,
                also={
                    410: (0.062 * size, -0.062, 0.045),
                    287: (0.108 * size, -0.082, 0.055),
                    273: (0.112 * size, -0.080, 0.06),
                    432: (0.050 * size, -0.066, 0.03),
                    322: (0.042 * size, -0.047, 0.02),
                    436: (0.050 * size, -0.064, 0.005),
                    391: (0.024 * size, -0.026, 0.01),
                    358: (0.016 * size, -0.016, 0),
                    426: (0.036 * size, -0.058, -0.015),
                    427: (0.030 * size, -0.052, -0.025),
                    425: (0.026 * size, -0.055, -0.035),
                    266: (0.014, -0.040, -0.025),
                    280: (0.014, -0.040, -0.03),
                    330: (0.006, -0.026, -0.012),
                    411: (0.018, -0.034, -0.025),
                    434: (0.028, -0.040, 0.005),
                    416: (0.016, -0.024, 0),
                    347: (0.004, -0.016, -0.005),
                },
            ),
            "mouthFrown": self._spread(
                0.012 * near,
                0.075 * near**1.2 - 0.008 * half_mouth * (1 - near),
                0.02 * near,
                reach=0.5,
                also={287: (0.01, 0.05, 0.01), 273: (0.008, 0.062, 0), 422: (0.008, 0.045, 0), 200: (0, -0.012, 0)},
            ),
            "mouthStretch": self._spread(
                0.13 * size * pull,
                0.035 * near + 0.01 * lo * m * half_mouth + 0.5 * thin,
                0.06 * pull + 0.01 * half_mouth,
                reach=0.75,
                also={
                    287: (0.115 * size, 0.028, 0.05),
                    273: (0.118 * size, 0.032, 0.05),
                    432: (0.065 * size, 0.025, 0.02),
                    410: (0.055 * size, 0.005, 0.03),
                    434: (0.040, 0.02, 0.005),
                    422: (0.055 * size, 0.035, 0.015),
                    436: (0.038, 0.004, 0.01),
                },
            ),
            # The cheek's own muscle pulls the corner straight back into a pit, whose rim stands out.
            "mouthDimple": self._spread(
                0.058 * pull,
                -0.010 * near + 0.6 * thin,
                0.07 * pull,
                reach=0.5,
                also={287: (0.045, -0.006, 0.06), 432: (0.03, -0.006, 0), 436: (0.024, -0.012, -0.01)},
            ),
            "mouthUpperUp": self._spread(
                none,
                -0.078 * half_mouth * plump * up,
                0.012 * half_mouth * plump * up,
                reach=0.45,
                also={
                    322: (0.004, -0.045, 0),
                    391: (0.004, -0.045, 0),
                    426: (0.003, -0.040, -0.012),
                    423: (0.004, -0.042, -0.01),
                    358: (0.006, -0.024, 0),
                    266: (0.0, -0.022, -0.01),
                },
            ),
            "mouthLowerDown": self._spread(
                0.010 * a * half_mouth * lo, 0.085 * half_mouth * plump * lo, 0.01 * half_mouth * plump * lo, reach=0.35
            ),
            "mouthPress": self._spread(
                0.012 * near, 0.045 * (up - lo) * r * m * half_mouth, 0.02 * half_mouth, reach=0.3
            ),
        }

    def close(self, jaw_open: Array) -> Array:
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
        z: Array,
        *,
        reach: float,
        also: Mapping[int, Vector] = MappingProxyType({}),
    ) -> Array:
        """Displace the lips and some points besides; what is farther than `reach` from the lips stays."""
        handles = (*self.vertices, *also)
        values = np.concatenate([np.stack([x, y, z], 1), np.array([*also.values()], float).reshape(-1, 3)])
        return self.surface.spread(np.array(handles), values, self.surface.beyond(self.vertices, reach))


def _sides(left: Mapping[int, Vector]) -> dict[int, Vector]:
    """Points of the subject's left with their displacements, and the same on the right."""
    return dict(left) | {int(MIRROR[v]): (-x, y, z) for v, (x, y, z) in left.items()}
