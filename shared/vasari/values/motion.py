"""Motion: what moves, frame by frame."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from vasari.values import archive

COEFFICIENTS: Final[tuple[str, ...]] = (
    "eyeBlinkLeft",
    "eyeLookDownLeft",
    "eyeLookInLeft",
    "eyeLookOutLeft",
    "eyeLookUpLeft",
    "eyeSquintLeft",
    "eyeWideLeft",
    "eyeBlinkRight",
    "eyeLookDownRight",
    "eyeLookInRight",
    "eyeLookOutRight",
    "eyeLookUpRight",
    "eyeSquintRight",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawRight",
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthLeft",
    "mouthRight",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
)
"""The 52 blendshape coefficients of Apple's ARKit (ARFaceAnchor.BlendShapeLocation). Left is the subject's left."""

GAZE_YAW: Final = 30.0
GAZE_PITCH: Final = 25.0
"""Degrees that an eyeLook coefficient of 1 turns the eye by: sideways, and up or down."""

JAW_ANGLE: Final = math.radians(19.0)
"""Radians that a jawOpen of 1 turns the jaw by."""

LIDS_MEET: Final = 0.93
"""The eyeBlink at which the lids touch: the gap between them shrinks evenly until there."""

SQUINT_NARROWS: Final = 0.42
"""How much of the gap between the lids an eyeSquint of 1 takes off."""

LOWER_LID_BLINKS, LOWER_LID_SQUINTS = 0.12, 0.24
"""How far the lower lid rises at an eyeBlink and at an eyeSquint of 1; parts of the open eye's height."""

CAMERA_DISTANCE: Final = 10.0
"""Nominal distance from camera to face, in interocular distances (about 63 cm): translation z acts against it."""


def coefficient_index(name: str) -> int:
    """Column of a coefficient in `Motion.coefficients`. Raises KeyError for a name that ARKit does not have."""
    return _INDEX[name]


_INDEX: Final = {name: i for i, name in enumerate(COEFFICIENTS)}


@dataclass(frozen=True, eq=False)
class Motion:
    """T frames of head pose and facial expression.

    Axes: x to the image's right, y down, z away from the camera. The origin of the pose is the photo's own rest
    pose, so zeros keep the head where the photo has it. Coefficients are absolute: 0 is the neutral face, whatever
    expression the photo was taken with.
    """

    VERSION: ClassVar[int] = 3

    rotation: NDArray[np.float32]
    """(T, 3) degrees: yaw (positive turns the face to the image's right), pitch (positive up), roll (positive
    clockwise as seen). Applied as `rotation_matrix` says."""
    translation: NDArray[np.float32]
    """(T, 3) in interocular distances: x, y, z. The image scales by CAMERA_DISTANCE / (CAMERA_DISTANCE + z)."""
    coefficients: NDArray[np.float32]
    """(T, 52) in the order of COEFFICIENTS, 0..1."""
    tongue: NDArray[np.float32]
    """(T,) how far the tongue's tip is raised to the ridge behind the upper front teeth, as in t, d, n and l, 0..1.
    ARKit has no such coefficient."""
    fps: float
    """Frames per second."""
    camera: NDArray[np.float32] | None = None
    """(T, 3) where it is seen from: degrees round the person to the image's right, degrees above, and the distance over
    that of the photo. None: from where the photo was taken."""

    def __post_init__(self) -> None:
        n = len(self.rotation)
        for name, width in (("rotation", 3), ("translation", 3), ("coefficients", len(COEFFICIENTS))):
            array = getattr(self, name)
            if array.shape != (n, width) or array.dtype != np.float32:
                raise ValueError(f"Motion.{name} must be float32 ({n}, {width}), is {array.dtype} {array.shape}")
        if self.tongue.shape != (n,) or self.tongue.dtype != np.float32:
            raise ValueError(f"Motion.tongue must be float32 ({n},), is {self.tongue.dtype} {self.tongue.shape}")
        if self.camera is not None and (self.camera.shape != (n, 3) or self.camera.dtype != np.float32):
            raise ValueError(f"Motion.camera must be float32 ({n}, 3), is {self.camera.dtype} {self.camera.shape}")

    def __len__(self) -> int:
        return len(self.rotation)

    def __getitem__(self, frames: slice) -> Motion:
        return Motion(
            self.rotation[frames],
            self.translation[frames],
            self.coefficients[frames],
            self.tongue[frames],
            self.fps,
            None if self.camera is None else self.camera[frames],
        )

    def __call__(self, name: str) -> NDArray[np.float32]:
        """(T,) the curve of one coefficient, by its ARKit name."""
        return self.coefficients[:, coefficient_index(name)]

    @property
    def seconds(self) -> float:
        return len(self) / self.fps

    def resampled(self, fps: float) -> Motion:
        """The same motion at another frame rate, linear between frames."""
        count = max(1, round(self.seconds * fps))
        times, own = (np.arange(count) + 0.5) / fps, (np.arange(len(self)) + 0.5) / self.fps

        def curves(values: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.stack([np.interp(times, own, column) for column in values.T], 1).astype(np.float32)

        tongue = np.interp(times, own, self.tongue).astype(np.float32)
        camera = None if self.camera is None else curves(self.camera)
        return Motion(curves(self.rotation), curves(self.translation), curves(self.coefficients), tongue, fps, camera)

    def lasting(self, frames: int) -> Motion:
        """The same motion cut to so many frames; when it has fewer, its last one is held."""
        rows = np.minimum(np.arange(frames), len(self) - 1)
        camera = None if self.camera is None else self.camera[rows]
        return Motion(
            self.rotation[rows], self.translation[rows], self.coefficients[rows], self.tongue[rows], self.fps, camera
        )

    @classmethod
    def neutral(cls, frames: int, fps: float = 25.0) -> Self:
        """The neutral face at the photo's rest pose, for a number of frames."""

        def zeros(*shape: int) -> NDArray[np.float32]:
            return np.zeros((frames, *shape), np.float32)

        return cls(zeros(3), zeros(3), zeros(len(COEFFICIENTS)), zeros(), fps)

    @classmethod
    def concatenate(cls, parts: Iterable[Motion]) -> Self:
        """Join motions of one frame rate, in order."""
        parts = list(parts)
        moves = any(p.camera is not None for p in parts)
        return cls(
            np.concatenate([p.rotation for p in parts]),
            np.concatenate([p.translation for p in parts]),
            np.concatenate([p.coefficients for p in parts]),
            np.concatenate([p.tongue for p in parts]),
            parts[0].fps,
            np.concatenate([p.seen_from for p in parts]) if moves else None,
        )

    @property
    def seen_from(self) -> NDArray[np.float32]:
        """(T, 3) `camera`, written out where it is None."""
        return np.tile(np.array([0, 0, 1], np.float32), (len(self), 1)) if self.camera is None else self.camera

    def to_bytes(self) -> bytes:
        arrays = {name: getattr(self, name) for name in ("rotation", "translation", "coefficients", "tongue")}
        arrays |= {} if self.camera is None else {"camera": self.camera}
        return archive.dump("motion", self.VERSION, arrays, {"fps": self.fps})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raises SchemaMismatch when the bytes are no motion of this version."""
        arrays, fields = archive.load("motion", cls.VERSION, data)
        with archive.understood("motion"):
            return cls(**arrays, fps=float(fields["fps"]))


def rotation_matrix(rotation: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., 3) degrees of yaw, pitch, roll -> (..., 3, 3) matrices in the axes of `Motion`.

    R = Rz(roll) Ry(-yaw) Rx(-pitch), right-handed: the nose, at -z, moves right with yaw and up with pitch.
    """
    yaw, pitch, roll = np.moveaxis(np.deg2rad(rotation), -1, 0) * np.array([-1.0, -1.0, 1.0]).reshape(
        3, *([1] * (rotation.ndim - 1))
    )
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (yaw, pitch, roll))
    rows = (
        (cr * cy, cr * sy * sp - sr * cp, cr * sy * cp + sr * sp),
        (sr * cy, sr * sy * sp + cr * cp, sr * sy * cp - cr * sp),
        (-sy, cy * sp, cy * cp),
    )
    return np.stack([np.stack(row, -1) for row in rows], -2).astype(np.float32)


def rotation_angles(matrix: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """(..., 3, 3) -> (..., 3) degrees of yaw, pitch, roll: the inverse of `rotation_matrix`, for yaws within 90."""
    yaw = np.arcsin(np.clip(matrix[..., 2, 0], -1, 1))
    pitch = -np.arctan2(matrix[..., 2, 1], matrix[..., 2, 2])
    roll = np.arctan2(matrix[..., 1, 0], matrix[..., 0, 0])
    return np.asarray(np.rad2deg(np.stack([yaw, pitch, roll], -1)), np.float32)
