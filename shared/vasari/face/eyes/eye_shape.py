"""Where an eye lies in the photo, and the lines along which its lids meet the ball."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from vasari.face.picture.patches import Patch
from vasari.face.shape.canonical import FaceSpace
from vasari.values.appearance import EYE_PATCH
from vasari.values.landmarks import EyePoints

Array = NDArray[np.float64]

_HALF_PATCH = 0.45
"""Half the patch's side in interocular distances; at least _ROOM times half the eye's width."""
_ROOM = 1.6
_SHUT = 0.1
"""Height over width up to which the mesh calls an eye shut: then it shows no white."""
_THINNEST_LID = 0.022
"""Least height of the upper lid below its fold, in interocular distances."""
_LASH_LINE = 0.03
"""Interocular distances from where the mesh has it within which the line of a shut eye lies."""
_EDGE = 8.0
"""Gray levels by which the white must stand out for a margin to be moved."""


@dataclass(frozen=True)
class EyeShape:
    """An eye in the coordinates of its patch, whose rows run from corner to corner: x and y from -1 to 1."""

    patch: Patch
    unit: float
    """An interocular distance."""
    columns: Array
    """(K,) x of the patch's columns."""
    corners: tuple[float, float]
    """x of the left and of the right corner in the picture."""
    upper: Array
    """(K,) y of the upper lid's margin in the photo. Beyond the corners the margins cross."""
    lower: Array
    fold: Array
    """(K,) y where the upper lid disappears under the skin of the brow."""
    opening: Array
    """(K,) distance between the margins when the eye is open."""
    shown: float
    """How much of that the photo shows, 0..1."""
    iris: Array
    """(2,) the iris's center."""
    iris_radius: float

    @property
    def curves(self) -> NDArray[np.float32]:
        """(4, K)"""
        return np.stack([self.upper, self.lower, self.fold, self.opening]).astype(np.float32)

    @property
    def width(self) -> float:
        """From corner to corner."""
        return self.corners[1] - self.corners[0]

    def margins_at_iris(self) -> tuple[float, float]:
        """y of the upper and of the lower margin above and below the iris's center."""
        upper, lower = (float(np.interp(self.iris[0], self.columns, line)) for line in (self.upper, self.lower))
        return upper, lower

    def depth(self) -> Array:
        """(K, K) how far a pixel lies between the margins, in interocular distances."""
        _, y = self.rows()
        return np.minimum(y - self.upper, self.lower - y) / self.unit

    def pixels(self, distance: float) -> float:
        """Interocular distances in pixels of the patch."""
        return distance * self.unit * self.patch.size / 2

    def rows(self) -> tuple[Array, Array]:
        """x and y of the patch's pixels, (K, K) each."""
        return tuple(np.meshgrid(self.columns, self.columns))  # type: ignore[return-value]


def eye_shape(eye: EyePoints, points: Array, space: FaceSpace) -> EyeShape:
    """The eye as the mesh has it.

    Args:
        points: (478, 3) in frame units.
    """
    ends = points[[eye.upper[0], eye.upper[-1]], :2][:: eye.outward * -1]
    width = float(np.linalg.norm(ends[1] - ends[0]))
    half = max(_HALF_PATCH * space.interocular, _ROOM * width / 2)
    patch = Patch(ends.mean(0), half, EYE_PATCH, (ends[1] - ends[0]) / width)
    unit = space.interocular / half
    columns = (np.arange(EYE_PATCH) + 0.5) / EYE_PATCH * 2 - 1

    def line(vertices: tuple[int, ...]) -> Array:
        return patch.local(points[list(vertices), :2])[:: eye.outward * -1]

    upper_points, lower_points = line(eye.upper), line(eye.lower)
    left, right = corners = (-width / 2 / half, width / 2 / half)
    outside = np.maximum(np.abs(columns) - right, 0)
    inside = columns.clip(left, right)
    upper, lower = _curve(upper_points)(inside), _curve(lower_points)(inside)
    middle, opening = (upper + lower) / 2, np.maximum(lower - upper, 0) - 0.5 * outside
    upper, lower = middle - opening / 2, middle + opening / 2

    fold_points = line(eye.crease)
    above = _curve(upper_points)(fold_points[:, 0].clip(left, right)) - fold_points[:, 1]
    fold = upper - np.maximum(np.interp(columns, fold_points[:, 0], above), _THINNEST_LID * unit)

    rim = points[list(eye.iris), :2]
    return EyeShape(
        patch=patch,
        unit=unit,
        columns=columns,
        corners=corners,
        upper=upper,
        lower=lower,
        fold=fold,
        opening=opening,
        shown=1.0,
        iris=patch.local(rim[0]),
        iris_radius=float(np.linalg.norm(rim[1:] - rim[0], axis=1).mean()) / half,
    )


def fitted(shape: EyeShape, image: NDArray[np.float32], lowered: bool = False) -> EyeShape:
    """The shape with its margins moved to where the photo shows the white of the eye begin and end.

    The mesh knows faces, not this eye: large drawn eyes reach beyond its lines. The white is told by the least of its
    color channels, which rises from the lashes to it and falls from it to the skin.

    Args:
        image: (K, K, 3) of the patch.
        lowered: whether the upper lid may lie far below where the mesh has it, which goes only a part of the way with
            lids that are lowered.
    """
    white = cv2.GaussianBlur(image.min(2), (0, 0), shape.pixels(0.006))
    arch = np.clip(shape.opening / max(shape.opening.max(), 1e-6), 0, 1) ** 0.7
    beside = (np.abs(shape.columns - shape.iris[0]) > 1.15 * shape.iris_radius) & (arch > 0.45)
    if (shape.lower - shape.upper).max() < _SHUT * shape.width:
        return _below_lashes(shape, image)
    if beside.sum() < 6:
        return shape

    def best(margin: Array, outward: float, trust: float, inmost: float = -0.015) -> float:
        shifts = np.arange(inmost, 0.0551, 0.002) * shape.unit
        columns = np.flatnonzero(beside)
        lines = margin[beside] + outward * shifts[:, None] * arch[beside]
        step = 0.012 * shape.unit * outward
        inside, outside = (white[_rows(y, len(white)), columns] for y in (lines - step, lines + step))
        rise = np.median(inside - outside, 1)
        score = rise * np.exp(-0.5 * (shifts / (trust * shape.unit)) ** 2)
        return float(shifts[np.argmax(score)]) if score.max() > _EDGE else 0.0

    lower_trust = 0.008 if lowered else 0.018 + 1.5 * _iris_below(shape, image)
    up, down = (
        best(shape.upper, -1, 0.03, -0.055 if lowered else -0.015) * arch,
        best(shape.lower, 1, lower_trust) * arch,
    )
    return dataclasses.replace(
        shape,
        upper=shape.upper - up,
        lower=shape.lower + down,
        fold=np.minimum(shape.fold, shape.upper - up - _THINNEST_LID * shape.unit),
        opening=shape.opening + up + down,
    )


def _below_lashes(shape: EyeShape, image: NDArray[np.float32]) -> EyeShape:
    """The shape of a shut eye with its line below the lashes, which rise with the upper lid when it opens."""
    left, right = shape.corners
    columns = np.flatnonzero((shape.columns > left + 0.2 * shape.width) & (shape.columns < right - 0.2 * shape.width))
    middle = (shape.upper + shape.lower) / 2
    shifts = np.arange(-0.03, 0.08, 0.002)
    rows = _rows(middle[columns] + shape.unit * shifts[:, None], len(image))
    brightness = np.median(image[rows, columns].mean(2), 1)
    darkest = int(np.argmin(brightness[shifts < _LASH_LINE]))
    skin = float(brightness[darkest:].max())
    lit = brightness[darkest:] > brightness[darkest] + 0.7 * (skin - brightness[darkest])
    down = shape.unit * float(np.clip(shifts[darkest + int(np.argmax(lit))], 0, _LASH_LINE + 0.01))
    arch = np.sin(np.pi * ((shape.columns - left) / shape.width).clip(0, 1)).clip(0) ** 0.5
    half = (shape.lower - shape.upper) / 2
    return dataclasses.replace(shape, upper=middle + down * arch - half, lower=middle + down * arch + half)


def _iris_below(shape: EyeShape, image: NDArray[np.float32]) -> float:
    """Interocular distances by which the iris goes on below where the mesh has the lower lid: eyes drawn large."""
    x, y = shape.rows()
    distance = np.hypot(x - shape.iris[0], y - shape.iris[1]) / shape.iris_radius
    ring = (y > shape.upper + 0.02 * shape.unit) & (y < shape.lower) & (distance > 0.5) & (distance < 0.95)
    columns = np.flatnonzero(np.abs(shape.columns - shape.iris[0]) < 0.6 * shape.iris_radius)
    if ring.sum() < 10 or len(columns) < 3:
        return 0.0
    steps = np.arange(0, 0.16, 0.004)
    rows = _rows(shape.lower[columns] + shape.unit * steps[:, None], len(image))
    colors, iris = np.median(image[rows, columns], 1), np.median(image[ring], 0)
    skin = np.median(colors[steps >= 0.12], 0)
    unlike = np.linalg.norm(colors - iris, axis=1) > 0.5 * np.linalg.norm(skin - iris)
    return float(steps[np.argmax(unlike)]) if unlike.any() else 0.0


def _rows(y: Array, size: int) -> NDArray[np.intp]:
    """Nearest rows of a patch to some of its coordinates."""
    return ((y + 1) / 2 * size - 0.5).round().astype(int).clip(0, size - 1)


def _curve(points: Array) -> PchipInterpolator:
    """A smooth line through (N, 2) points from left to right; points that turn back are left out."""
    kept = [points[0]]
    for point in points[1:-1]:
        if kept[-1][0] + 1e-3 < point[0] < points[-1, 0] - 1e-3:
            kept.append(point)
    x, y = np.array([*kept, points[-1]]).T
    return PchipInterpolator(x, y)
