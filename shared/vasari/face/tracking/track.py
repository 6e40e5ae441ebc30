"""Follow one face through the frames of a video."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vasari.face.finding import region
from vasari.face.finding.detector import detect_faces
from vasari.face.finding.mesh import LANDMARKS, MIN_PRESENCE, face_mesh

_SIDES = (1.0, 0.5)
"""Windows in which a lost face is looked for, as parts of the frame."""


@dataclass(frozen=True, eq=False)
class Track:
    """A face through T frames."""

    landmarks: NDArray[np.float32]
    """(T, 478, 3) in pixels of the frame, z in the same unit, smaller nearer; NaN in frames without a face."""
    presence: NDArray[np.float32]
    """(T,) how sure the mesh is of the face, 0..1; 0 in frames without one."""

    @property
    def found(self) -> NDArray[np.bool_]:
        """(T,) whether the frame shows a face."""
        return self.presence > 0


def track_faces(frames: Iterable[NDArray[np.uint8]], device: str = "cpu") -> Track:
    """Landmarks of the surest face, frame by frame.

    As MediaPipe tracks: a frame's region comes from the landmarks of the frame before, and only when the face is lost
    is it detected anew. Any face counts, a human one or not: `find_face` is the judge of portraits.

    Args:
        frames: (H, W, 3) RGB each.
        device: where the networks run.
    """
    mesh = face_mesh(device)
    regions = torch.zeros(0, 4, device=device)  # of the one face, or none
    landmarks, presence = [], []
    for frame in frames:
        points, sure = mesh(frame, regions)
        if not (sure >= MIN_PRESENCE).any():
            seen = detect_faces(frame, _SIDES, device)
            points, sure = mesh(frame, region.around_detections(seen.boxes[:1], seen.keypoints[:1]))
            # Once more from its landmarks, as in every frame to come: regions of another kind read it a degree off.
            points, sure = mesh(frame, region.around_landmarks(points[sure >= MIN_PRESENCE]))
        found = sure >= MIN_PRESENCE
        regions = region.around_landmarks(points[found])
        landmarks.append(points[0].cpu().numpy() if found.any() else np.full((LANDMARKS, 3), np.nan))
        presence.append(sure[0].item() if found.any() else 0.0)

    return Track(np.array(landmarks, np.float32).reshape(-1, LANDMARKS, 3), np.array(presence, np.float32))
