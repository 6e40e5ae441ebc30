"""What the tests read off frames."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vasari.face.finding.find import Face, find_face
from vasari.face.tracking.pose import head_motion
from vasari.render import Renderer
from vasari.values import Motion
from vasari.values.motion import coefficient_index

Frame = NDArray[np.uint8]


def motion(
    frames: int = 1,
    *,
    rotation: tuple[float, float, float] = (0, 0, 0),
    translation: tuple[float, float, float] = (0, 0, 0),
    blink: float = 0.0,
    coefficients: Mapping[str, float] = MappingProxyType({}),
    **more: float,
) -> Motion:
    """Frames that all show one pose and expression. `blink` is eyeBlink of both eyes, `more` are ARKit's names."""
    made = Motion.neutral(frames)
    made.rotation[:] = rotation
    made.translation[:] = translation
    for name, amount in {"eyeBlinkLeft": blink, "eyeBlinkRight": blink, **coefficients, **more}.items():
        made.coefficients[:, coefficient_index(name)] = amount
    return made


def wandering(frames: int, seed: int = 0) -> Motion:
    """Frames that differ from one another in everything."""
    random = np.random.default_rng(seed)
    made = Motion.neutral(frames)
    made.rotation[:] = random.normal(0, 6, (frames, 3))
    made.translation[:] = random.normal(0, 0.1, (frames, 3))
    made.coefficients[:] = random.uniform(0, 0.5, (frames, 52))
    return made


def draw(renderer: Renderer, wanted: Motion, batch: int | None = None) -> Frame:
    """(T, H, W, 3)"""
    return np.concatenate([part.cpu().numpy() for part in renderer.frames(wanted, batch)])


def psnr(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Peak signal to noise ratio in dB."""
    error = np.mean((a.astype(float) - b.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def face(frame: Frame) -> Face:
    return find_face(frame)


def interocular(points: NDArray[np.float32]) -> float:
    return float(np.linalg.norm((points[33] + points[133] - points[263] - points[362])[:2]) / 2)


def turn(before: Frame, after: Frame) -> NDArray[np.float32]:
    """Degrees of yaw, pitch and roll by which the head in one frame is turned against that in another."""
    rotation = np.asarray(head_motion(face(before).landmarks, face(after).landmarks[None]).rotation)
    return np.asarray(rotation[0])


def mouth_opening(frame: Frame) -> float:
    """Distance of the inner lips over the interocular distance, as the face mesh sees it."""
    points = face(frame).landmarks
    return float(np.linalg.norm((points[14] - points[13])[:2])) / interocular(points)


def corner_lift(frame: Frame) -> float:
    """How far the mouth's corners lie above the middle of its line, over the interocular distance."""
    points = face(frame).landmarks
    return float(points[[13, 14], 1].mean() - points[[61, 291], 1].mean()) / interocular(points)


def eye_opening(frame: Frame) -> float:
    """Height over width of the less open eye, as the face mesh sees it."""
    points = face(frame).landmarks[:, :2]

    def apart(a: int, b: int) -> float:
        return float(np.linalg.norm(points[a] - points[b]))

    return min(apart(159, 145) / apart(33, 133), apart(386, 374) / apart(263, 362))
