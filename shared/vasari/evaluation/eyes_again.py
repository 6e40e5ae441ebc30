"""Eyes that a photo hides, against what they are: a portrait's own eyes, shut and narrowed by the renderer.

A frame of them is taken for a photo; its neutral face should have the portrait's eyes. All is measured in the pictures,
by the face mesh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.face import encode
from vasari.face.finding.find import find_face
from vasari.render import Renderer, RenderOptions
from vasari.values import Motion
from vasari.values.landmarks import EYES, EyePoints
from vasari.values.motion import coefficient_index

Array = NDArray[np.float64]
Photo = NDArray[np.uint8]

_SIDES: Final = ("Left", "Right")


def _both(**amounts: float) -> Mapping[str, float]:
    return MappingProxyType({f"{name}{side}": amount for name, amount in amounts.items() for side in _SIDES})


HIDDEN: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "lowered": _both(eyeBlink=0.3),
        "half shut": _both(eyeBlink=0.6),
        "shut": _both(eyeBlink=1.0),
        "one shut": MappingProxyType({"eyeBlinkLeft": 1.0}),
        "narrowed": _both(eyeSquint=1.0, cheekSquint=1.0),
        "aside": MappingProxyType({"eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6}),
    }
)
"""Coefficients by which eyes are hidden."""


@dataclass(frozen=True)
class SeenEyes:
    """Both eyes of a picture, (2,) each, over their widths."""

    sideways: Array
    """The iris's center from the middle between the corners, to the right"""
    down: Array
    """and from the line through them."""
    radius: Array
    gap: Array
    """Between the lids."""
    white: Array
    """Share of what lies between the lids that is no iris."""
    staring: bool
    """Whether white shows above and below an iris."""


@dataclass(frozen=True)
class EyesAgain:
    """By how much the eyes made of a picture that hides them differ from the portrait's, the less alike of the two."""

    place: float
    """Of the iris, in eye widths."""
    radius: float
    """Over the portrait's, less 1, as are the next."""
    gap: float
    white: float
    uneven: float
    """By how much one eye is more open than the other, beyond what the portrait's are."""
    staring: bool


def eyes_again(renderer: Renderer, hidden: Mapping[str, float], device: str = "cpu") -> EyesAgain:
    """
    Args:
        renderer: of a portrait whose eyes are open.
        hidden: coefficients of the picture that is then taken for the photo.
    """
    photo = _drawn(renderer, hidden)
    again = Renderer(encode(photo), RenderOptions(photo=photo), device)
    return compared(seen_eyes(_drawn(renderer, {})), seen_eyes(_drawn(again, {})))


def compared(truth: SeenEyes, found: SeenEyes) -> EyesAgain:
    def off(a: Array, b: Array) -> float:
        return float((a / b - 1)[np.argmax(np.abs(a / b - 1))])

    return EyesAgain(
        place=float(np.hypot(found.sideways - truth.sideways, found.down - truth.down).max()),
        radius=off(found.radius, truth.radius),
        gap=off(found.gap, truth.gap),
        white=off(found.white, truth.white),
        uneven=float(abs(np.log(found.gap[0] / found.gap[1]) - np.log(truth.gap[0] / truth.gap[1]))),
        staring=found.staring and not truth.staring,
    )


def seen_eyes(picture: Photo) -> SeenEyes:
    points = find_face(picture).landmarks[:, :2].astype(np.float64)
    eyes = [_measured(points, eye) for eye in EYES]
    sideways, down, radius, gap, white = np.array([eye[:5] for eye in eyes]).T
    return SeenEyes(sideways, down, radius, gap, white, any(eye[5] for eye in eyes))


def _measured(points: Array, eye: EyePoints) -> tuple[float, float, float, float, float, bool]:
    ends = points[[eye.upper[0], eye.upper[-1]]][:: -eye.outward]
    width = float(np.linalg.norm(ends[1] - ends[0]))
    right, down = (ends[1] - ends[0]) / width, np.array([[0, -1], [1, 0]]) @ (ends[1] - ends[0]) / width
    local = (points - ends.mean(0)) @ np.stack([right, down], 1) / width
    center = local[eye.iris[0]]
    radius = float(np.linalg.norm(local[list(eye.iris[1:])] - center, axis=1).mean())
    x = np.linspace(-0.5, 0.5, 201)
    upper, lower = (np.interp(x, *local[list(line)][:: -eye.outward].T) for line in (eye.upper, eye.lower))
    rows = np.linspace(-0.5, 0.5, 201)[:, None]
    between = (rows > upper) & (rows < lower)
    iris = np.hypot(x - center[0], rows - center[1]) < radius
    white = 1 - float((between & iris).sum() / max(between.sum(), 1))
    gap = float((lower - upper)[60:141].mean())
    top, bottom = (float(np.interp(center[0], x, line)) for line in (upper, lower))
    staring = top < center[1] - 1.05 * radius and bottom > center[1] + 1.05 * radius
    return float(center[0]), float(center[1]), radius, gap, white, staring


def _drawn(renderer: Renderer, coefficients: Mapping[str, float]) -> Photo:
    motion = Motion.neutral(1)
    for name, amount in coefficients.items():
        motion.coefficients[:, coefficient_index(name)] = amount
    return np.asarray(next(iter(renderer.frames(motion)))[0].cpu().numpy(), np.uint8)
