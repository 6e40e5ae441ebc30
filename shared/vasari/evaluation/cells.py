"""What a contact sheet shows: poses and expressions, each with a name, in sections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from vasari.motion import lips
from vasari.motion.expression import PATTERNS
from vasari.motion.eyes import look
from vasari.motion.speech import TICK
from vasari.motion.visemes import Gesture, Phone, gestures
from vasari.values import COEFFICIENTS, Motion
from vasari.values.motion import CAMERA_DISTANCE, coefficient_index


class Crop(StrEnum):
    """What part of the frame the pictures show."""

    FRAME = "frame"
    FACE = "face"
    EYES = "eyes"
    MOUTH = "mouth"


class Section(StrEnum):
    """A part of the contact sheet."""

    COEFFICIENTS = "coefficients"
    COMBINATIONS = "combinations"
    POSES = "poses"
    GAZE = "gaze"
    VISEMES = "visemes"
    EMOTIONS = "emotions"


@dataclass(frozen=True)
class Cell:
    """One picture of the sheet."""

    label: str
    motion: Motion
    """One frame."""


@dataclass(frozen=True)
class Strip:
    """Pictures under one heading."""

    name: str
    cells: Sequence[Cell]
    crop: Crop = Crop.FACE


def strip(section: Section) -> Strip:
    """A section as it is drawn: poses in the whole frame, all else as faces."""
    return Strip(section.value.capitalize(), cells(section), Crop.FRAME if section is Section.POSES else Crop.FACE)


def cells(section: Section) -> list[Cell]:
    """The pictures of a section, in the order in which they are read."""
    return list(_SECTIONS[section]())


def posed(
    coefficients: Mapping[str, float] = MappingProxyType({}),
    rotation: tuple[float, float, float] = (0, 0, 0),
    translation: tuple[float, float, float] = (0, 0, 0),
    tongue: float = 0.0,
) -> Motion:
    """One frame of a pose (degrees, interocular distances) and an expression by ARKit's names."""
    motion = Motion.neutral(1)
    motion.tongue[:] = tongue
    motion.rotation[:], motion.translation[:] = rotation, translation
    for name, amount in coefficients.items():
        motion.coefficients[:, coefficient_index(name)] = amount
    return motion


def both(**coefficients: float) -> dict[str, float]:
    """Coefficients of the left and of the right side alike: both(eyeBlink=1)."""
    return {f"{name}{side}": amount for name, amount in coefficients.items() for side in ("Left", "Right")}


def gazing(yaw: float, pitch: float) -> dict[str, float]:
    """Coefficients of eyes turned by degrees to the image's right and up."""
    return {name: float(curve[0]) for name, curve in look(np.array([[yaw, pitch]])).items()}


_ACCOMPANIED: Final = {"mouthClose": "jawOpen"}
"""Coefficients that show only over another one of the same amount."""


def _coefficients() -> Iterator[Cell]:
    for name in COEFFICIENTS:
        for amount in (0.5, 1.0):
            shown = {name: amount}
            if other := _ACCOMPANIED.get(name):
                shown[other] = amount
            yield Cell(f"{name} {amount:g}", posed(shown))


_COMBINATIONS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "jaw + pucker": {"jawOpen": 0.4, "mouthPucker": 0.8},
        "jaw + funnel": {"jawOpen": 0.4, "mouthFunnel": 0.8},
        "jaw + smile": {"jawOpen": 0.5, **both(mouthSmile=0.7)},
        "jaw + frown": {"jawOpen": 0.4, **both(mouthFrown=0.7)},
        "jaw + stretch": {"jawOpen": 0.5, **both(mouthStretch=0.8)},
        "jaw + both lips drawn": {"jawOpen": 0.3, **both(mouthUpperUp=0.8, mouthLowerDown=0.8)},
        "jaw + left": {"jawOpen": 0.5, "jawLeft": 0.6, "mouthLeft": 0.5},
        "jaw + tongue": {"jawOpen": 0.5, "tongueOut": 1.0},
        "smile + teeth": both(mouthSmile=0.8, mouthUpperUp=0.5, mouthLowerDown=0.3),
        "smile + pucker": {"mouthPucker": 0.5, **both(mouthSmile=0.5)},
        "smile + squint": both(mouthSmile=0.9, cheekSquint=0.8, eyeSquint=0.7),
        "press + roll": {"mouthRollUpper": 0.5, "mouthRollLower": 0.5, **both(mouthPress=0.6)},
        "blink + look down": both(eyeBlink=0.5, eyeLookDown=0.8),
        "blink + smile": both(eyeBlink=1.0, mouthSmile=0.7, cheekSquint=0.6),
        "blink + brows up": {"browInnerUp": 0.8, **both(eyeBlink=1.0, browOuterUp=0.8)},
        "wide + brows up": {"browInnerUp": 1.0, **both(eyeWide=1.0, browOuterUp=1.0)},
    }
)


def _combinations() -> Iterator[Cell]:
    for label, amounts in _COMBINATIONS.items():
        yield Cell(label, posed(amounts))
    yield Cell("jaw + tongue's tip up", posed({"jawOpen": 0.4}, tongue=1.0))


def _poses() -> Iterator[Cell]:
    for axis, (name, steps) in enumerate(
        (("yaw", (-20, -10, 10, 20)), ("pitch", (-15, -8, 8, 15)), ("roll", (-12, -6, 6, 12)))
    ):
        for degrees in steps:
            turn = [0.0, 0.0, 0.0]
            turn[axis] = degrees
            yield Cell(f"{name} {degrees:+d}°", posed(rotation=(turn[0], turn[1], turn[2])))
    for distance in (0.8, 0.9, 1.15, 1.3):
        yield Cell(f"distance ×{distance:g}", posed(translation=(0, 0, CAMERA_DISTANCE * (distance - 1))))
    for x, y in ((-0.25, 0), (0.25, 0), (0, -0.2), (0, 0.2)):
        yield Cell(f"shift {x:+g}, {y:+g}", posed(translation=(x, y, 0)))
    for label, turn_of, amounts in (
        ("yaw −20°, speaking", (-20, 0, 0), {"jawOpen": 0.5}),
        ("yaw +20°, speaking", (20, 0, 0), {"jawOpen": 0.5}),
        ("yaw −15°, pitch +10°", (-15, 10, 0), {}),
        ("yaw +15°, pitch −10°, roll 8°", (15, -10, 8), {}),
        ("yaw −18°, smiling", (-18, 0, 0), both(mouthSmile=0.8)),
        ("yaw +18°, pucker", (18, 0, 0), {"mouthPucker": 0.8}),
        ("pitch −12°, blink", (0, -12, 0), both(eyeBlink=1.0)),
        ("pitch +12°, speaking", (0, 12, 0), {"jawOpen": 0.6}),
    ):
        yield Cell(label, posed(amounts, turn_of))


def _gaze() -> Iterator[Cell]:
    for yaw, pitch in ((-30, 0), (-15, 0), (15, 0), (30, 0), (0, 20), (0, 10), (0, -10), (0, -20)):
        yield Cell(f"gaze {yaw:+d}°, {pitch:+d}°", posed(gazing(yaw, pitch)))
    for yaw, pitch in ((-20, 12), (20, 12), (-20, -12), (20, -12)):
        yield Cell(f"gaze {yaw:+d}°, {pitch:+d}°", posed(gazing(yaw, pitch)))
    yield Cell("gaze −20°, blink 0.5", posed(gazing(-20, 0) | both(eyeBlink=0.5)))
    yield Cell("gaze +20°, squint", posed(gazing(20, 0) | both(eyeSquint=0.8)))
    yield Cell("head +15°, gaze −15°", posed(gazing(-15, 0), (15, 0, 0)))
    yield Cell("head −15°, gaze +15°", posed(gazing(15, 0), (-15, 0, 0)))


_VISEMES: Final = (
    *("pau", "p", "f", "th", "t", "k", "s", "sh"),
    *("r", "l", "w", "uw", "ao", "aa", "ae", "eh", "ih", "iy", "er"),
)
"""One phone for each way that lips look, closed ones first."""
_HELD: Final = 0.4
"""Seconds for which a phone is held, so that its neighbours are not seen in it."""


def _visemes() -> Iterator[Cell]:
    for name in _VISEMES:
        ticks = round(_HELD / TICK)
        said = gestures([Phone(name, 0.0, _HELD)], ticks)
        spoken = np.full(ticks, float(name != "pau"))
        curves = lips.LipCurves(
            activity=spoken,
            energy=spoken,
            opening=said[:, Gesture.OPENING],
            rounding=said[:, Gesture.ROUNDING],
            closed=said[:, Gesture.BILABIAL],
            labiodental=said[:, Gesture.LABIODENTAL],
            sibilant=said[:, Gesture.SIBILANT],
            alveolar=said[:, Gesture.ALVEOLAR],
            dental=said[:, Gesture.DENTAL],
        )
        # A plosive's second half is its burst.
        middle = ticks // 3
        amounts = {key: float(curve[middle]) for key, curve in lips.mouth(curves, 1.0).items()}
        yield Cell(f"/{name}/", posed(amounts, tongue=float(curves.alveolar[middle])))


def _emotions() -> Iterator[Cell]:
    yield Cell("neutral", posed())
    for emotion, pattern in PATTERNS.items():
        yield Cell(emotion.value.lower(), posed(pattern))


_SECTIONS: Final[Mapping[Section, Callable[[], Iterator[Cell]]]] = {
    Section.COEFFICIENTS: _coefficients,
    Section.COMBINATIONS: _combinations,
    Section.POSES: _poses,
    Section.GAZE: _gaze,
    Section.VISEMES: _visemes,
    Section.EMOTIONS: _emotions,
}
