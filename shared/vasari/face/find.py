"""Find the one human face of a portrait, or say why there is none to use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vasari.face import region
from vasari.face.detector import detect_faces
from vasari.face.mesh import MIN_PRESENCE, face_mesh, head_angles
from vasari.values import InputError, Reason

MIN_SIZE = 64
"""Pixels that a face needs along its longer side."""
MAX_TURN = 45.0
"""Degrees that a head may be turned to the side, up or down."""
DOMINANCE = 1.5
"""The largest face is meant when it is this many times as large as the next."""

_SEARCH = ((1.5, 1.0, 0.5), (0.25,), (0.125,))
"""Rounds of the search: sides of the windows that the detector is shown, as parts of the photo's longer side."""
_SAME_FACE = 0.5
"""Two meshes whose centers are nearer than this many sizes lie on one face."""


@dataclass(frozen=True, eq=False)
class Face:
    """A human face in a photo. Pixel coordinates: x to the right, y down, index i is coordinate i."""

    landmarks: NDArray[np.float32]
    """(478, 3) x, y, z in pixels of the photo; z in the same unit, smaller nearer the camera."""
    box: NDArray[np.float32]
    """(4,) x0 y0 x1 y1 around all landmarks: forehead to chin, ear to ear."""
    score: float
    """How sure the mesh is of a face here, 0..1."""
    yaw: float
    """Degrees, positive when the face is turned to the image's right."""
    pitch: float
    """Degrees, positive when it is turned up."""
    roll: float
    """Degrees, positive when it leans clockwise."""

    @property
    def size(self) -> float:
        """Pixels along the longer side of the box."""
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))


def find_face(photo: NDArray[np.uint8], face_index: int | None = None, device: str = "cpu") -> Face:
    """The face to animate.

    Args:
        photo: (H, W, 3) RGB, upright.
        face_index: which face is meant when there are several, 0 the largest. Without it the largest is taken if it
            dominates: at least DOMINANCE times as large as the next.
        device: where the networks run.

    Raises:
        InputError: NO_FACE, SEVERAL_FACES, FACE_TOO_SMALL or FACE_TURNED_AWAY, with a sentence that says the mend.
        Fault: the weights are not installed.
    """
    faces = find_faces(photo, device)
    if not faces:
        raise InputError(
            Reason.NO_FACE, "no human face found in the portrait: use a photo that shows one face from the front"
        )
    if face_index is not None and not 0 <= face_index < len(faces):
        raise InputError(
            Reason.NO_FACE,
            f"no human face found in the portrait for face_index {face_index}: it shows {len(faces)}, counted from 0",
        )
    if face_index is None and len(faces) > 1 and faces[0].size < DOMINANCE * faces[1].size:
        raise InputError(
            Reason.SEVERAL_FACES,
            f"the portrait shows {len(faces)} faces and none dominates: "
            f"choose one with face_index 0 (the largest) to {len(faces) - 1}",
        )

    face = faces[face_index or 0]
    if face.size < MIN_SIZE:
        raise InputError(
            Reason.FACE_TOO_SMALL,
            f"the face is {face.size:.0f} pixels large, at least {MIN_SIZE} are needed: use a larger or closer photo",
        )
    turn = max(abs(face.yaw), abs(face.pitch))
    if turn > MAX_TURN:
        raise InputError(
            Reason.FACE_TURNED_AWAY,
            f"the face is turned away by {turn:.0f} degrees and at most {MAX_TURN:.0f} are possible: "
            "use a photo that shows it from the front",
        )
    return face


def find_faces(photo: NDArray[np.uint8], device: str = "cpu") -> list[Face]:
    """All human faces of an (H, W, 3) RGB photo, the largest first.

    Looks at the whole photo and at windows of half its side; at ever smaller windows only while nothing is found, so
    that a small face in a full-body photo is found as well.
    """
    for sides in _SEARCH:
        found = detect_faces(photo, sides, device)
        faces = _faces(photo, region.around_detections(found.boxes, found.keypoints), device)
        if faces:
            return faces
    return []


def _faces(photo: NDArray[np.uint8], regions: Tensor, device: str) -> list[Face]:
    """The meshes of the faces in some regions, the largest first, each face once."""
    mesh = face_mesh(device)
    landmarks, _ = mesh(photo, regions)
    landmarks, presence = mesh(photo, region.around_landmarks(landmarks))  # the second look is framed as in training

    candidates = []
    for points, score in zip(landmarks.cpu().numpy(), presence.tolist(), strict=True):
        if score < MIN_PRESENCE:
            continue
        box = np.concatenate([points[:, :2].min(0), points[:, :2].max(0)])
        yaw, pitch, roll = head_angles(points).tolist()
        candidates.append(Face(points, box, score, yaw, pitch, roll))

    faces: list[Face] = []
    for face in sorted(candidates, key=lambda face: face.size, reverse=True):
        if all(_apart(face, other) for other in faces):
            faces.append(face)
    return faces


def _apart(face: Face, other: Face) -> bool:
    centers = ((one.box[:2] + one.box[2:]) / 2 for one in (face, other))
    return float(np.linalg.norm(np.subtract(*centers))) > _SAME_FACE * max(face.size, other.size)
