"""Does the picture show what the motion asked for? Requested against tracked poses and expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.evaluation import tracking
from vasari.evaluation.cells import both, gazing, posed
from vasari.evaluation.solid import Solid
from vasari.face.tracking.pose import head_motion
from vasari.render import Renderer
from vasari.values import Appearance, Motion
from vasari.values.motion import rotation_matrix

Curve = NDArray[np.float64]

_STEPS: Final = 12
_TURNS: Final = (
    ("yaw", (-20.0, -15.0, -10.0, -5.0, 5.0, 10.0, 15.0, 20.0)),
    ("pitch", (-15.0, -10.0, -5.0, 5.0, 10.0, 15.0)),
    ("roll", (-12.0, -8.0, -4.0, 4.0, 8.0, 12.0)),
)


@dataclass(frozen=True)
class Turn:
    """One axis of the head's rotation."""

    error: float
    """Mean absolute difference of the tracked from the requested angle, degrees."""
    off: float
    """Mean absolute difference of the tracked angle from the one that is tracked on a solid of the same pose, degrees:
    what of the error is the renderer's."""
    gain: float
    """Tracked over requested, by least squares."""
    crosstalk: float
    """Mean absolute tracked angle about the other two axes, degrees."""


def turns(renderer: Renderer, appearance: Appearance, rest: tracking.Points, device: str = "cpu") -> dict[str, Turn]:
    """Turn the head about each axis alone and track how far it went, against the head at rest.

    Args:
        rest: (478, 3) about where its landmarks lie in the frames.
    """
    rows = [posed()]
    for axis, (_, angles) in enumerate(_TURNS):
        for angle in angles:
            rotation = [0.0, 0.0, 0.0]
            rotation[axis] = angle
            rows.append(posed(rotation=(rotation[0], rotation[1], rotation[2])))
    motion = Motion.concatenate(rows)
    frames = tracking.drawn(renderer, motion)
    points = tracking.tracked(frames, rest, device)
    seen = head_motion(points[0], points[1:]).rotation.astype(np.float64)
    solid = Solid(frames[0], points[0], appearance.axes.astype(np.float64) @ appearance.joint)
    poses = rotation_matrix(motion.rotation[1:])
    known = [solid.turned(pose, frame) for pose, frame in zip(poses, frames[1:], strict=True)]
    true = head_motion(points[0], tracking.tracked(known, rest, device)).rotation.astype(np.float64)

    found, start = {}, 0
    for axis, (name, angles) in enumerate(_TURNS):
        wanted, part = np.array(angles), seen[start : start + len(angles)]
        own, others = part[:, axis], np.delete(part, axis, 1)
        found[name] = Turn(
            error=float(np.abs(own - wanted).mean()),
            off=float(np.abs(own - true[start : start + len(angles), axis]).mean()),
            gain=float(own @ wanted / (wanted @ wanted)),
            crosstalk=float(np.abs(others).mean()),
        )
        start += len(angles)
    return found


@dataclass(frozen=True)
class Sweep:
    """A coefficient, or several together, moved from end to end in equal steps."""

    correlation: float
    """Pearson's r of the requested with the tracked value."""
    largest_step: float
    """The largest step of the tracked value over the mean step, as sizes; 1 is perfectly even."""
    travel: float
    """From the first tracked value to the last, in the unit of what is tracked."""

    @classmethod
    def of(cls, requested: Curve, seen: Curve) -> Sweep:
        """Two curves of one length, the requested one in equal steps."""
        steps = np.diff(seen)
        return cls(
            correlation=float(np.corrcoef(requested, seen)[0, 1]),
            largest_step=float(np.abs(steps).max() / max(abs(steps.mean()), 1e-9)),
            travel=float(seen[-1] - seen[0]),
        )


_SWEEPS: Final[
    Mapping[str, tuple[Callable[[float], Mapping[str, float]], Callable[[tracking.Points], Curve], float]]
] = MappingProxyType(
    {
        "lip opening": (lambda x: {"jawOpen": x}, tracking.lip_opening, 1),
        "lips parted": (lambda x: both(mouthUpperUp=x, mouthLowerDown=x), tracking.lip_opening, 1),
        "lip width, pucker": (lambda x: {"mouthPucker": x}, tracking.lip_width, -1),
        "lip width, stretch": (lambda x: both(mouthStretch=x), tracking.lip_width, 1),
        "lip width, smile": (lambda x: both(mouthSmile=x), tracking.lip_width, 1),
        "eye opening": (lambda x: both(eyeBlink=x), tracking.eye_opening, -1),
        "gaze sideways": (lambda x: gazing(60 * x - 30, 0), lambda p: tracking.gaze(p)[..., 0], 1),
        "gaze up and down": (lambda x: gazing(0, 40 * x - 20), lambda p: tracking.gaze(p)[..., 1], 1),
        "brow height, up": (
            lambda x: {"browInnerUp": x, **both(browOuterUp=x)},
            tracking.brow_height,
            1,
        ),
        "brow height, down": (lambda x: both(browDown=x), tracking.brow_height, -1),
    }
)
"""Coefficients of a request from 0 to 1, what is tracked, and whether it grows or shrinks."""


def sweeps(renderer: Renderer, rest: tracking.Points, device: str = "cpu") -> dict[str, Sweep]:
    """Move one thing at a time in equal steps, and track it.

    Args:
        rest: (478, 3) about where the landmarks lie in the frames.
    """
    requests = np.linspace(0, 1, _STEPS + 1)
    motion = Motion.concatenate(posed(shown(x)) for shown, _, _ in _SWEEPS.values() for x in requests.tolist())
    points = tracking.tracked(tracking.drawn(renderer, motion), rest, device)
    parts = np.split(points, len(_SWEEPS))
    return {
        name: Sweep.of(requests, sign * read(part))
        for (name, (_, read, sign)), part in zip(_SWEEPS.items(), parts, strict=True)
    }
