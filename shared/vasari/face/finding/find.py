"""Find the one human face of a portrait, or say why there is none to use.

What is a human face? Neither the detector nor the mesh tells: a cat, a cheetah, a coin get a presence of up to 1.0.
What tells is whether the mesh holds on to something. A face that the mesh knows keeps its landmarks in place when the
mesh is shown it a little shifted, zoomed or turned; on anything else they wander with the view. The measure is the
drift: the mean distance of the landmarks from their mean over nine views, as a part of the face's size.

Measured as drift / detector's score, which divides the two better than drift alone:

    64 portraits, paintings and video frames, each in ten disguises      0.003 to 0.0108, one 0.0140
    forty photos of animals and things in the same: a dog; the rest      from 0.0212; from 0.0279

Disguises: plain, mirrored, dark, bright, grey, blurred, noisy, half as large, JPEG at 15, rolled by 25 degrees. The
limit lies between. Detector's score, presence, agreement of the detector's key points with the mesh, and symmetry
under mirroring all overlap. Sunglasses pass mostly (0.005 to 0.021); for covered mouths see `covered`. What closely
resembles a human face passes: cartoons, as they should; one of ten disguises of a film's walking tree. A head turned
over some 50 degrees drifts as well, so it is known by the detector's score instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.face.finding import region
from vasari.face.finding.covered import mouth_covered
from vasari.face.finding.detector import Detections, detect_faces
from vasari.face.finding.mesh import MIN_PRESENCE, FaceMesh, face_mesh, head_angles
from vasari.values import InputError, Reason

MIN_SIZE = 64
"""Pixels that a face needs along its longer side."""
MAX_TURN = 45.0
"""Degrees that a head may be turned to the side, up or down."""
DOMINANCE = 1.5
"""The largest face is meant when it is this many times as large as the next."""
MAX_DRIFT = 0.017
"""Drift of the landmarks, over the detector's score, that a human face stays below."""

_UPRIGHT, _OTHER_WAYS_UP = (0,), (1, 3, 2)
"""Quarter turns. The detector knows faces that lean by up to some 75 degrees: those in a photo that lies on a side or
upside down it has to be shown another way up."""
_SEARCH = (
    ((1.5, 1.0, 0.5), _UPRIGHT),
    ((1.5, 1.0, 0.5), _OTHER_WAYS_UP),
    ((0.25,), _UPRIGHT),
    ((0.25,), _OTHER_WAYS_UP),
    ((0.125,), _UPRIGHT),
)
"""Rounds of the search: sides of the windows that the detector is shown, as parts of the photo's longer side, and ways
up."""
_SURE_DETECTION = 0.8
"""What hardly anything but a face reaches with the detector; profiles of 51 and 58 degrees have 0.90 and 0.83."""
_VIEWS = (
    (0.0, 0.0, 1.0, 0.0),
    (0.06, 0.0, 1.0, 0.0),
    (-0.06, 0.0, 1.0, 0.0),
    (0.0, 0.06, 1.0, 0.0),
    (0.0, -0.06, 1.0, 0.0),
    (0.0, 0.0, 1.15, 0.0),
    (0.0, 0.0, 0.87, 0.0),
    (0.0, 0.0, 1.0, 0.17),
    (0.0, 0.0, 1.0, -0.17),
)
"""How the views differ: shift right and down as parts of the region's side, zoom, turn in radians."""
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
    """How sure the mesh is of a face here, 0..1: the least of all views."""
    yaw: float
    """Degrees, positive when the face is turned to the image's right."""
    pitch: float
    """Degrees, positive when it is turned up."""
    roll: float
    """Degrees, positive when it leans clockwise."""
    detection: float
    """How sure the detector is, 0..1."""
    drift: float
    """How far the landmarks wander between views, as a part of the size."""
    mouth_covered: bool
    """Whether something lies before the mouth."""

    @property
    def size(self) -> float:
        """Pixels along the longer side of the box."""
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))

    @property
    def turn(self) -> float:
        """Degrees that the head is turned away, to the side or up or down."""
        return max(abs(self.yaw), abs(self.pitch))

    @property
    def is_human(self) -> bool:
        """Whether the mesh holds on to it, or would but for what lies before the mouth."""
        return self.score >= MIN_PRESENCE and (self.drift <= MAX_DRIFT * self.detection or self.mouth_covered)

    @property
    def is_profile(self) -> bool:
        """Whether it is a face too far turned for the mesh to hold on to."""
        return self.detection >= _SURE_DETECTION and self.turn > MAX_TURN


def find_face(photo: NDArray[np.uint8], face_index: int | None = None, device: str = "cpu") -> Face:
    """The face to animate.

    Args:
        photo: (H, W, 3) RGB, lying as it may.
        face_index: which face is meant when there are several, 0 the largest. Without it the largest is taken if it
            dominates: at least DOMINANCE times as large as the next.
        device: where the networks run.

    Raises:
        InputError: NO_FACE, SEVERAL_FACES, FACE_TOO_SMALL, FACE_TURNED_AWAY or MOUTH_COVERED, with a sentence
            that says the mend.
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
    if face.turn > MAX_TURN:
        raise InputError(
            Reason.FACE_TURNED_AWAY,
            f"the face is turned away by {face.turn:.0f} degrees and at most {MAX_TURN:.0f} are possible: "
            "use a photo that shows it from the front",
        )
    if face.mouth_covered:
        raise InputError(
            Reason.MOUTH_COVERED,
            "something lies before the mouth, a mask, a hand or a microphone: use a photo that shows the mouth",
        )
    return face


def find_faces(photo: NDArray[np.uint8], device: str = "cpu") -> list[Face]:
    """All human faces of an (H, W, 3) RGB photo, the largest first; where there are none, the profiles.

    Looks at the whole photo and at windows of half its side, and at other ways up and ever smaller windows only while
    nothing is found: so a small face in a full-body photo is found, and one in a photo that lies on its side.
    """
    profiles: list[Face] = []
    for sides, ways_up in _SEARCH:
        for quarter_turns in ways_up:
            candidates = _candidates(photo, detect_faces(photo, sides, device, quarter_turns), face_mesh(device))
            humans = [face for face in candidates if face.is_human]
            if any(face.mouth_covered for face in humans):
                # What the mesh takes for a covered mouth may be a forehead: some faces it finds upside down.
                turned = detect_faces(photo, sides, device, (quarter_turns + 2) % 4)
                clear = [face for face in _candidates(photo, turned, face_mesh(device)) if face.is_human]
                if clear and max(face.detection for face in clear) > max(face.detection for face in humans):
                    humans = clear
            if humans:
                return _each_once(humans)
            if quarter_turns == 0:  # a face that is seen upside down is none that is turned away
                profiles += [face for face in candidates if face.is_profile]
    return _each_once(profiles)


def _candidates(photo: NDArray[np.uint8], found: Detections, mesh: FaceMesh) -> list[Face]:
    """A closer look at what the detector found."""
    regions = region.around_detections(found.boxes, found.keypoints)
    for _ in range(2):  # the first look is framed by the detector, the second as the mesh was trained
        landmarks, presence = mesh(photo, regions)
        regions = region.around_landmarks(landmarks)
    likely = (presence >= MIN_PRESENCE) | (found.scores >= _SURE_DETECTION)
    return [
        _face(photo, one, score.item(), mesh) for one, score in zip(regions[likely], found.scores[likely], strict=True)
    ]


def _face(photo: NDArray[np.uint8], one: Tensor, detection: float, mesh: FaceMesh) -> Face:
    """The face in a (4,) region, seen in all views."""
    shift_x, shift_y, zoom, turn = one.new_tensor(_VIEWS).unbind(1)
    x, y, side, angle = one
    views = torch.stack([x + shift_x * side, y + shift_y * side, zoom * side, angle + turn], 1)
    landmarks, presence = mesh(photo, views)

    points = landmarks[0].cpu().numpy()
    box = np.concatenate([points[:, :2].min(0), points[:, :2].max(0)])
    size = max(box[2:] - box[:2])
    flat = landmarks[..., :2]
    drift = (flat - flat.mean(0)).norm(dim=-1).mean(0).cpu().numpy() / float(size)
    yaw, pitch, roll = head_angles(points).tolist()
    covered = mouth_covered(photo, points, drift, detection)
    return Face(points, box, presence.min().item(), yaw, pitch, roll, detection, float(drift.mean()), covered)


def _each_once(faces: list[Face]) -> list[Face]:
    """The faces, the largest first, without those that lie on a larger one."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: face.size, reverse=True):
        if all(_apart(face, other) for other in kept):
            kept.append(face)
    return kept


def _apart(face: Face, other: Face) -> bool:
    centers = ((one.box[:2] + one.box[2:]) / 2 for one in (face, other))
    return float(np.linalg.norm(np.subtract(*centers))) > _SAME_FACE * max(face.size, other.size)
