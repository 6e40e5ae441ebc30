"""What expression a photo was taken with, as far as it must be undone for a neutral face.

Open lips are plain to see, as are lowered lids, which are `face.eyes.eye_shape`'s part. A smile, a frown or raised
brows are only seen against the person's own neutral face, which nobody knows: some corners of mouths hang, some brows
lie low. So these are the most probable coefficients given how faces at rest differ from each other and that
photographed expressions are mostly faint; about half of what sets a face apart from the average counts as expression,
and small differences count as the person.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from vasari.face.shape.blendshapes import closure, lip_gaps
from vasari.face.shape.surface import Surface
from vasari.values.landmarks import EYES

Array = NDArray[np.float64]

_SHUT: Final = 0.02
"""Lips less apart than this (interocular distances) count as closed."""
_OVERLAP: Final = 0.004

_PULLED: Final = (
    *("mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "browInnerUp"),
    *("browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight"),
)
"""Coefficients that are estimated against the average face."""
_AT_REST: Final = np.array([0.004, 0.0, 0.745, 0.297, 0.0, 0.283, 0.0, 0.411])
"""Median of `_measures` over 29 faces, most of them at rest: 18 portraits and 11 people filmed."""
_DIFFERING: Final = np.array([0.024, 0.022, 0.080, 0.045, 0.040, 0.045, 0.040, 0.020])
"""By how much faces at rest differ in them (standard deviation)."""
_TURNED: Final = np.array([0.0, 0.08, 0.0, 0.0, 0.08, 0.0, 0.08, 0.0])
"""How uncertain a measure becomes, for the sine of the angle at which the head was photographed."""
_STRENGTH: Final = 0.45
"""How strong an expression may well be: standard deviation of its coefficient."""
_FAINTEST: Final = 0.8
"""Weight of an expression's mere presence: what explains less than this (in log probability) for each unit is not
taken for one."""


def source_coefficients(points: Array, shapes: dict[str, Array], turn: float) -> dict[str, float]:
    """ARKit coefficients of the photographed face, by name; those not named are taken for 0.

    Args:
        points: (468, 3) in face space.
        shapes: displacement at coefficient 1 by name.
        turn: sine of the angle by which the head is turned from the camera, 0..1.
    """
    opened = _opening(points, shapes)
    return opened | _pulled(without(points, shapes, opened), shapes, turn)


def remaining_closure(surface: Surface, shapes: dict[str, Array], source: dict[str, float]) -> Array:
    """(468, 3) what still parts the lips once the source's coefficients are taken back, to be closed as well."""
    if "jawOpen" not in source:
        return np.zeros_like(surface.points)
    return closure(surface, lip_gaps(without(surface.points, shapes, source)) + _OVERLAP)


def without(points: Array, shapes: dict[str, Array], amounts: dict[str, float]) -> Array:
    """(468, 3) points, some coefficients of the expression taken back."""
    return points - sum((amount * shapes[name] for name, amount in amounts.items()), np.zeros_like(points))


def _opening(points: Array, shapes: dict[str, Array]) -> dict[str, float]:
    """What parts the lips."""
    gaps = lip_gaps(points)
    if gaps[5] <= _SHUT:
        return {}
    names = ("jawOpen", "mouthUpperUp", "mouthLowerDown")
    columns = [lip_gaps(_both(shapes, name)) for name in names]
    # A little ridge shares the opening between jaw and lips as their reach goes.
    matrix = np.concatenate([np.stack(columns, 1), 0.1 * np.eye(3)])
    amounts, _ = nnls(matrix, np.concatenate([np.maximum(gaps, 0), np.zeros(3)]))
    return {
        key: min(float(amount), 1.0)
        for name, amount in zip(names, amounts, strict=True)
        for key in (name, f"{name}Left", f"{name}Right")
        if key in shapes
    }


def _pulled(points: Array, shapes: dict[str, Array], turn: float) -> dict[str, float]:
    """The most probable coefficients of _PULLED: normal differences between faces, coefficients at least 0, and a
    normal times an exponential distribution of them. That is a least-squares problem with bounds."""
    trust = 1 / np.hypot(_DIFFERING, turn * _TURNED)
    effect = np.stack([_measures(shapes[name]) for name in _PULLED], 1)
    ridge = 1 / _STRENGTH
    matrix = np.concatenate([trust[:, None] * effect, ridge * np.eye(len(_PULLED))])
    target = np.concatenate([trust * (_measures(points) - _AT_REST), np.full(len(_PULLED), -_FAINTEST / ridge)])
    amounts, _ = nnls(matrix, target)
    return {name: min(float(a), 1.0) for name, a in zip(_PULLED, amounts, strict=True) if a > 0}


def _measures(p: Array) -> Array:
    """(8,) of (468, 3) points or displacements, linear in them, in interocular distances: how far the corners of the
    mouth lie below the line of the lips, and the left one below the right; the mouth's width; the height of the brows'
    inner ends, and of the left above the right; of their outer ends, likewise; the gap between the brows."""
    lips = (p[13, 1] + p[14, 1]) / 2
    left, right = p[291, 1] - lips, p[61, 1] - lips
    (inner_right, outer_right), (inner_left, outer_left) = (
        (-p[[eye.brow[4], eye.brow[9]], 1].mean(), -p[[*eye.brow[:2], *eye.brow[5:7]], 1].mean()) for eye in EYES
    )
    return np.array(
        [
            (left + right) / 2,
            left - right,
            p[291, 0] - p[61, 0],
            (inner_left + inner_right) / 2,
            inner_left - inner_right,
            (outer_left + outer_right) / 2,
            outer_left - outer_right,
            p[285, 0] - p[55, 0],
        ]
    )


def _both(shapes: dict[str, Array], name: str) -> Array:
    return shapes[name] if name in shapes else shapes[f"{name}Left"] + shapes[f"{name}Right"]
