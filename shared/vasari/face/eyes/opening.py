"""How far the photo's lids are lowered, and how far they are apart in the neutral face.

How open an eye is shows in how much of the iris its lids leave free: at rest the upper one covers the sixth part of it,
and the lower one just touches it. Lids that cover more than narrow eyes' do are lowered, or raised from below by a
smile. A lowered eye opens as far as the other.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.eye_shape import EyeShape
from vasari.face.eyes.iris import IRIS
from vasari.values.motion import LIDS_MEET, LOWER_LID_BLINKS, LOWER_LID_SQUINTS, SQUINT_NARROWS

Array = NDArray[np.float64]

_UPPER, _LOWER = 0.6, 0.8
"""How far the upper lid's margin lies above the iris's center at rest, and the lower one's below it, over the iris's
radius. Medians of 18 portraits and 11 people filmed are 0.65 and 0.87; what the photo hides is taken a little narrower,
as some eyes are narrow."""
_LOWERED: Final = (0.45, 0.36)
"""Height of the upper lid above the center, see `lowered`, from which on an eye is open, and up to which it is lowered.
17 of 18 portraits reach 0.43 to 1.1, one of narrow eyes 0.33; with an eyeBlink of 0.3 they reach 0.31 to 0.49."""
_LOWERED_ALONE: Final = (0.30, 0.20)
"""Likewise where one eye is less open than the other: many people's are, a little."""
_RAISED: Final = (0.55, 0.40)
"""Height below the center of a lower lid that is at rest, and of one that is raised."""
_EVEN = 0.6
"""Eyes of which the lower one has at least this part of the other's height are alike."""
_SHUT = 0.2
"""Distance between the lids, over the iris's radius, of eyes that are shut."""
_LEAST = 0.03
"""What then counts as shown of the open eye, so that there is something to open."""


def lowered(meshes: list[EyeShape], lowest: list[EyeShape]) -> list[float]:
    """How far both eyes are taken for lowered, 0..1.

    Args:
        meshes: the eyes as the mesh has them, whose lids follow lowered ones a part of the way.
        lowest: and with the upper margin where the photo shows it at the lowest.
    """
    heights = np.array(
        [np.sqrt(_above(mesh, mesh) * _above(mesh, low)) for mesh, low in zip(meshes, lowest, strict=True)]
    )
    gaps = [np.diff(low.margins_at_iris())[0] / low.width for low in lowest]
    alike = min(gaps) > _EVEN * max(gaps)  # two looks at one thing
    if alike:
        heights[:] = heights.mean()
    open_from, lowered_to = _LOWERED if alike else _LOWERED_ALONE
    return [float(share) for share in np.clip((open_from - heights) / (open_from - lowered_to), 0, 1)]


def _above(mesh: EyeShape, shape: EyeShape) -> float:
    """How far the upper margin lies above the iris's center as the mesh has it, over an iris's usual radius."""
    upper, _ = dataclasses.replace(shape, iris=mesh.iris).margins_at_iris()
    return max(float(mesh.iris[1]) - upper, 0.0) / (IRIS * mesh.unit)


def opened(shapes: list[EyeShape], lowered: list[float]) -> tuple[list[EyeShape], list[dict[str, float]]]:
    """The shapes of both eyes with what opens between the lids when they are at rest; and eyeBlink and eyeSquint, by
    name, that narrow the eyes to what the photo shows.

    Args:
        lowered: see there.
    """
    rests = [_rest(shape, share) for shape, share in zip(shapes, lowered, strict=True)]
    heights = [sum(rest) * shape.iris_radius / shape.width for rest, shape in zip(rests, shapes, strict=True)]
    both = [
        _opened(shape, (height + (max(heights) - height) * share) * shape.width, rest[1])
        for height, share, shape, rest in zip(heights, lowered, shapes, rests, strict=True)
    ]
    return [shape for shape, _ in both], [lids for _, lids in both]


def _rest(shape: EyeShape, lowered: float) -> tuple[float, float]:
    """How far the margins lie above and below the iris's center at rest, over its radius, going by this eye alone."""
    upper, lower = shape.margins_at_iris()
    if lower - upper < _SHUT * shape.iris_radius:
        return _UPPER, _LOWER
    above, below = (shape.iris[1] - upper) / shape.iris_radius, (lower - shape.iris[1]) / shape.iris_radius
    at_rest, raised = _RAISED
    raised = float(np.clip((at_rest - below) / (at_rest - raised), 0, 1))
    return above + max(_UPPER - above, 0.0) * lowered, below + max(_LOWER - below, 0.0) * raised


def _opened(shape: EyeShape, height: float, below: float) -> tuple[EyeShape, dict[str, float]]:
    """
    Args:
        height: between the lids at rest.
        below: how far the lower margin then lies below the iris's center, in its radii.
    """
    upper, lower = shape.margins_at_iris()
    gap = lower - upper
    if gap >= 0.97 * height:
        return shape, {}
    shown = max(gap / height, _LEAST)
    falls = LOWER_LID_BLINKS * (1 - shown) * height
    missing = below * shape.iris_radius - (lower + falls - shape.iris[1])
    squint = float(np.clip(missing / (LOWER_LID_SQUINTS * height), 0, min(1.0, (1 - shown) / SQUINT_NARROWS)))
    blink = LIDS_MEET * (1 - shown / (1 - SQUINT_NARROWS * squint))

    left, right = shape.corners
    across = ((shape.columns - left) / (right - left)).clip(0, 1)
    arch = np.sin(np.pi * across).clip(0) ** 0.8
    iris = shape.iris.copy()
    if gap < _SHUT * shape.iris_radius:  # nobody knows how high it lies: where the open eye's lids leave it free
        iris[1] = lower + falls + squint * LOWER_LID_SQUINTS * height - below * shape.iris_radius
        photographed = np.where(arch > 0, _LEAST * height * arch, shape.lower - shape.upper)
    else:
        photographed = shape.lower - shape.upper
    opening = np.where(arch > 0, np.maximum(photographed, photographed + (height - gap) * arch), photographed)
    rest = dataclasses.replace(shape, upper=shape.lower - photographed, opening=opening, shown=shown, iris=iris)
    return rest, {"eyeBlink": max(blink, 0.0), "eyeSquint": squint}
