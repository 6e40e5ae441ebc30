"""A filmed face's motion: from tracked landmarks to head pose and coefficients.

The head's motion comes from the points that expression does not move (`face.tracking.pose`). The rest is explained by
the person's own shapes, as they would be seen at that pose: a regularised least-squares fit with coefficients in 0..1,
frame by frame, and then smoothed without lag.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear
from scipy.signal import medfilt, savgol_filter

from vasari.face.encode import encode
from vasari.face.finding.mesh import head_angles
from vasari.face.tracking.pose import HeadMotion, head_motion
from vasari.face.tracking.track import track_faces
from vasari.values import COEFFICIENTS, Appearance, InputError, Motion, Reason
from vasari.values.landmarks import EYES, LOWER_LIP, OVAL, SURFACE, UPPER_LIP, EyePoints
from vasari.values.motion import CAMERA_DISTANCE, coefficient_index, rotation_matrix

Array = NDArray[np.float64]

_UNSEEN: Final = (
    *("eyeLook", "tongueOut", "cheekPuff", "jawForward", "mouthDimple", "mouthShrugUpper"),
    "mouthClose",  # it would take back what the jaw opens, wherever that fits a little better: see `_close_lips`
)
"""Names begin so of what the points of the surface tell nothing or little of."""
_RIDGE: Final = 0.08
"""Interocular distances: what a coefficient of 1 must explain to be believed in."""
_DOUBTFUL: Final = ("mouthRollUpper", "mouthFrown")
_DOUBT: Final = 2.5
"""How much more these must explain: they run to 1 on lips of another form than the mesh's."""
_SEEN: Final = {"brow": 0.66, "mouthSmile": 0.79, "mouthStretch": 0.7, "mouthPucker": 0.77}
"""Part of a coefficient's movement that the mesh finds in a drawn face, by the beginning of its name; of others it
finds all. Medians over portraits. Motion is told as it has to be drawn to be seen again as it was filmed."""
_TURN_SEEN: Final = np.array([0.87, 0.84, 1.0])
"""Likewise of a turn: yaw, pitch and roll."""
_GAZE_SEEN: Final = 0.66
"""Likewise of the iris's way."""
_WIDE_SEEN: Final = 0.30
"""By what part of an eye's opening the mesh sees it wider at eyeWide 1."""
_EYEBALL: Final = 0.19
"""Radius of the eyeball, 12 mm, in interocular distances."""
_GAZE: Final = np.deg2rad([30.0, 25.0])
"""Radians that an eyeLook coefficient of 1 turns the eye by: sideways, and up or down."""
_SHUT: Final = 0.5
"""Lids nearer than this part of their opening in the reference hide where the iris is."""
_TOUCHING, _PARTED = 0.02, 0.05
"""Interocular distances between the inner lips: up to the first they touch, from the second they are seen apart."""
_SHUT_GAP: Final = 0.25
"""What the mesh leaves of an eye's opening when the lids are shut (filmed eyes: 0.1 to 0.35)."""
_SAME_FORMAT: Final = 0.02
"""Relative difference of the ratios of height to width of one film's pictures."""
_CALM: Final = 5
"""Frames over which a head's turning is measured."""
_SMOOTHED: Final = 0.28
"""Seconds of the window in which coefficients and pose are smoothed; lids and irises keep their speed."""
_STEPS_SMOOTHED: Final = 0.6
"""The same of the head's steps to and from the camera: they change its size by little more than the mesh's noise."""


@dataclass(frozen=True, eq=False)
class Capture:
    """What a film tells of the person in it."""

    motion: Motion
    appearance: Appearance
    """Encoded from the photo; the motion's pose is relative to it."""
    photo: NDArray[np.uint8]
    """(H, W, 3) RGB, the calmest frame unless another was given."""
    index: int
    """Which frame is the calmest."""
    landmarks: NDArray[np.float32]
    """(T, 478, 3) in pixels of the film; NaN in frames without a face."""


def capture_film(
    frames: Iterable[NDArray[np.uint8]], fps: float, device: str = "cpu", photo: NDArray[np.uint8] | None = None
) -> Capture:
    """Track a film of one person and take its motion from it.

    Args:
        frames: (H, W, 3) RGB each; iterated over twice.
        fps: frames per second.
        photo: (H, W, 3) RGB, another frame of the film, of any size, that the motion will be played on: pose and
            expression are told against what it shows.

    Raises:
        InputError: NO_FACE, that the photo cannot be used as a portrait, or that it is no frame of the film.
    """
    landmarks = track_faces(frames, device).landmarks
    if np.isnan(landmarks[:, 0, 0]).all():
        raise InputError(Reason.NO_FACE, "no face found in the video: use one that shows a face from the front")
    index = neutral_frame(landmarks)
    calmest = next(islice(frames, index, None))
    photo = calmest if photo is None else photo
    scale = photo.shape[1] / calmest.shape[1]
    if abs(photo.shape[0] / calmest.shape[0] / scale - 1) > _SAME_FORMAT:
        raise InputError(Reason.INVALID_REQUEST, "the photo has not the video's format: use a frame of the video")
    appearance = encode(photo)
    return Capture(capture(landmarks * scale, appearance, fps), appearance, photo, index, landmarks)


def neutral_frame(landmarks: NDArray[np.floating[Any]]) -> int:
    """Which of (T, 478, 3) tracked frames shows the calmest face: ahead, lips together, eyes open, at rest.

    Frames without a face are NaN and never chosen.
    """
    angles = head_angles(landmarks.astype(np.float32))
    lips = _apart(landmarks, 13, 14) / _apart(landmarks, 61, 291)
    width = _apart(landmarks, 61, 291) / _apart(landmarks, 33, 263)
    eyes = np.min([_opening(landmarks, eye) for eye in EYES], 0)
    turning = savgol_filter(np.nan_to_num(angles), _CALM, 1, deriv=1, axis=0) if len(angles) >= _CALM else 0 * angles
    cost = (
        np.square(angles / 8).sum(1)
        + np.square(turning / 0.3).sum(1)
        + np.square(np.maximum(lips - 0.02, 0) / 0.05)
        + np.square((width - np.nanmedian(width)) / 0.08)
        + np.square(np.maximum(np.nanpercentile(eyes, 60) - eyes, 0) / 0.03)
    )
    return int(np.nanargmin(cost))


def capture(landmarks: NDArray[np.floating[Any]], appearance: Appearance, fps: float) -> Motion:
    """The motion of a person, for the appearance that was encoded from one frame of the same film.

    Args:
        landmarks: (T, 478, 3) in pixels of the photo, see `face.tracking.track`; NaN in frames without a face, which
            are bridged.
        fps: of the film.
    """
    left, top, side = appearance.crop
    corner = np.array([left - 0.5, top - 0.5, 0.0])
    points = _bridged((appearance.upright.places(landmarks) - corner) / side)
    head = head_motion(appearance.landmarks, points)

    coefficients = np.zeros((len(points), len(COEFFICIENTS)))
    model = _Model.of(appearance)
    seen = (points[:, :SURFACE, :2] - appearance.origin[:2]) / appearance.interocular
    for t in range(len(points)):
        coefficients[t, model.columns] = model.fit(seen[t], head.matrix[t], head.shift[t])
    _close_lips(coefficients, _apart(points, 13, 14) / appearance.interocular)
    coefficients = np.clip(_smooth(coefficients, fps), 0, 1)
    for name, curve in _gaze(points, appearance, head).items():
        coefficients[:, coefficient_index(name)] = np.clip(curve, 0, 1)
    for eye in EYES:
        blink, wide = _lids(points, appearance, eye)
        coefficients[:, coefficient_index(f"eyeBlink{eye.side}")] = blink
        coefficients[:, coefficient_index(f"eyeWide{eye.side}")] = wide

    pivot = (appearance.axes @ appearance.joint).astype(np.float64)
    rotation = head.rotation / _TURN_SEEN
    head = replace(head, matrix=rotation_matrix(rotation).astype(np.float64))
    translation = head.about(pivot)
    return Motion(
        rotation=_smooth(rotation, fps).astype(np.float32),
        translation=np.column_stack(
            [_smooth(translation[:, :2], fps), _smooth(translation[:, 2:], fps, _STEPS_SMOOTHED)]
        ).astype(np.float32),
        coefficients=coefficients.astype(np.float32),
        tongue=np.zeros(len(points), np.float32),
        fps=fps,
    )


@dataclass(frozen=True)
class _Model:
    """A face's surface and how coefficients move it, in interocular distances from between its eyes, picture's axes."""

    columns: list[int]
    """The coefficients that can be seen."""
    rest: Array
    """(468, 3) the surface with all of them 0."""
    moves: Array
    """(468, 3, K)"""
    weight: Array
    """(468,)"""
    ridge: Array
    """(K,)"""

    @classmethod
    def of(cls, appearance: Appearance) -> _Model:
        a = appearance
        columns = [
            k for k, name in enumerate(COEFFICIENTS) if not name.startswith(_UNSEEN) and np.abs(a.shapes[k]).max() > 0
        ]
        axes = a.axes.astype(np.float64)
        names = [COEFFICIENTS[k] for k in columns]
        seen = np.array([next((part for start, part in _SEEN.items() if n.startswith(start)), 1.0) for n in names])
        photographed = (a.landmarks[:SURFACE].astype(np.float64) - a.origin) / a.interocular
        photographed[:, :2] *= 1 + photographed[:, 2:] / CAMERA_DISTANCE
        undone = a.closure - np.tensordot(a.source_motion.coefficients[0], a.shapes, 1)
        return cls(
            columns=columns,
            rest=photographed + undone @ axes.T,
            moves=(a.shapes[columns] @ axes.T).transpose(1, 2, 0).astype(np.float64) * seen,
            weight=_weights(),
            ridge=_RIDGE * np.where([n.startswith(_DOUBTFUL) for n in names], _DOUBT, 1.0),
        )

    def fit(self, seen: Array, matrix: Array, shift: Array) -> Array:
        """(468, 2) places in the picture -> (K,) coefficients 0..1."""
        moved = self.rest @ matrix.T + shift
        share = 1 / (1 + moved[:, 2] / CAMERA_DISTANCE)
        flat = moved[:, :2] * share[:, None]
        turned = np.einsum("ij,njk->nik", matrix, self.moves)
        slope = share[:, None, None] * (turned[:, :2] - flat[:, :, None] * turned[:, 2:] / CAMERA_DISTANCE)
        weighted = (slope * self.weight[:, None, None]).reshape(2 * SURFACE, -1)
        wanted = ((seen - flat) * self.weight[:, None]).ravel()
        # The normal equations' root is as good as the whole system, and far smaller.
        normal = weighted.T @ weighted + np.diag(self.ridge**2)
        root = np.linalg.cholesky(normal).T
        target = np.linalg.solve(root.T, weighted.T @ wanted)
        return np.asarray(lsq_linear(root, target, (0, 1), method="bvls").x)


def _weights() -> Array:
    """(468,) how much each point tells of the expression."""
    weight = np.full(SURFACE, 0.15)
    weight[list(OVAL)] = 0.1  # they slide along the outline
    for upper, lower in zip(UPPER_LIP, LOWER_LIP, strict=True):
        weight[[*upper, *lower]] = 1.0
    weight[[*UPPER_LIP[0], *LOWER_LIP[0]]] = 1.5
    for eye in EYES:
        weight[[*eye.upper, *eye.lower]] = 1.5
        weight[list(eye.brow)] = 1.2
    weight[[152, 148, 377, 176, 400, 175, 199, 200]] = 0.5  # chin
    return weight


def _close_lips(coefficients: Array, gap: Array) -> None:
    """Shut the mouth where the lips are seen together, in place.

    Args:
        gap: (T,) between the inner lips at the middle, interocular distances. The mesh leaves a little of it to lips
            that touch, and what is left between drawn lips shows teeth.
    """
    parted = np.clip((gap - _TOUCHING) / (_PARTED - _TOUCHING), 0, 1)
    for name in ("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthFunnel"):
        coefficients[:, coefficient_index(name)] *= parted
    jaw, close = coefficients[:, coefficient_index("jawOpen")], coefficients[:, coefficient_index("mouthClose")]
    close[:] = np.maximum(close, jaw * (1 - parted))


def _lids(points: Array, appearance: Appearance, eye: EyePoints) -> tuple[Array, Array]:
    """(T,) how far the lids of an eye are closed, and how far it is opened wide, against the same eye when it is open.

    Read off the lids directly: the mesh leaves a gap between lids that are shut, which a fit would take for half open.
    """
    photographed = float(appearance.source_motion(f"eyeBlink{eye.side}")[0])
    more = _opening(points, eye) / _opening(appearance.landmarks, eye) * (1 - min(photographed, 0.8)) - 1
    return np.clip(-more / (1 - _SHUT_GAP), 0, 1), np.clip(more / _WIDE_SEEN, 0, 1)


def _gaze(points: Array, appearance: Appearance, head: HeadMotion) -> dict[str, Array]:
    """eyeLook coefficients: how far the irises have moved between the corners of their eyes since the reference.

    Where the lids hide them they stay where they were last seen. Both eyes look the same way.
    """
    reference = appearance.landmarks.astype(np.float64)
    turns, hidden = [], np.zeros(len(points), bool)
    for eye in EYES:
        place = (_iris(points, eye) / appearance.interocular)[:, None] @ head.matrix  # the head's turn taken back
        away = place[:, 0, :2] - _iris(reference, eye)[:2] / appearance.interocular
        turns.append(np.arcsin(np.clip(away / (_EYEBALL * _GAZE_SEEN), -0.9, 0.9)))
        hidden |= _opening(points, eye) < _SHUT * _opening(reference, eye)
    yaw, down = (
        medfilt(_held(curve, hidden), 3) / limit for curve, limit in zip(np.mean(turns, 0).T, _GAZE, strict=True)
    )
    looks = {f"eyeLookDown{s}": np.maximum(down, 0) for s in ("Left", "Right")}
    looks |= {f"eyeLookUp{s}": np.maximum(-down, 0) for s in ("Left", "Right")}
    looks |= {"eyeLookOutLeft": np.maximum(yaw, 0), "eyeLookInRight": np.maximum(yaw, 0)}
    return looks | {"eyeLookInLeft": np.maximum(-yaw, 0), "eyeLookOutRight": np.maximum(-yaw, 0)}


def _iris(points: Array, eye: EyePoints) -> Array:
    """(..., 3) the iris's center from the middle of the eye's corners."""
    corners = points[..., [eye.upper[0], eye.upper[-1]], :].mean(-2)
    place = points[..., eye.iris[0], :] - corners
    place[..., 2] = 0
    return np.asarray(place)


def _opening(points: NDArray[np.floating[Any]], eye: EyePoints) -> Array:
    """Height over width of an eye."""
    height = np.mean([_apart(points, eye.upper[k], eye.lower[k]) for k in (3, 4, 5)], 0)
    return np.asarray(height / _apart(points, eye.upper[0], eye.upper[-1]), np.float64)


def _apart(points: NDArray[np.floating[Any]], a: int, b: int) -> Array:
    return np.asarray(np.linalg.norm(points[..., a, :2] - points[..., b, :2], axis=-1), np.float64)


def _bridged(points: Array) -> Array:
    """Frames without a face, filled in between their neighbours."""
    lost = np.isnan(points[:, 0, 0])
    if not lost.any():
        return points
    at, known = np.arange(len(points)), np.flatnonzero(~lost)
    flat = points.reshape(len(points), -1)
    filled = np.stack([np.interp(at, known, column[known]) for column in flat.T], 1)
    return filled.reshape(points.shape)


def _held(curve: Array, hidden: NDArray[np.bool_]) -> Array:
    at = np.arange(len(curve))
    return np.asarray(np.interp(at, at[~hidden], curve[~hidden])) if not hidden.all() else np.zeros_like(curve)


def _smooth(curves: NDArray[np.floating[Any]], fps: float, seconds: float = _SMOOTHED) -> Array:
    """Savitzky and Golay's filter along the frames: no lag, peaks keep their height."""
    window = 2 * round(seconds * fps / 2) + 1
    if len(curves) < window or window < 5:
        return np.asarray(curves, np.float64)
    return np.asarray(savgol_filter(curves, window, 3, axis=0), np.float64)
