"""A face is followed through a video, lost when it is gone, and found again. About 2 s."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.finding.find import Face
from vasari.face.tracking.track import track_faces

Photo = NDArray[np.uint8]


def test_follows_a_moving_face(portrait: Photo, face: Face) -> None:
    steps = np.arange(8) * 6.0
    track = track_faces(_shifted(portrait, step) for step in steps)
    assert track.landmarks.shape == (8, 478, 3)
    assert track.found.all()
    nose = track.landmarks[:, 1, 0] - steps
    np.testing.assert_allclose(nose, face.landmarks[1, 0], atol=0.02 * face.size)


def test_loses_a_face_that_is_gone_and_finds_it_again(portrait: Photo) -> None:
    blank = np.full_like(portrait, 127)
    track = track_faces([portrait, portrait, blank, blank, _shifted(portrait, 90)])
    assert track.found.tolist() == [True, True, False, False, True]
    assert np.isnan(track.landmarks[2:4]).all()
    assert track.presence[2:4].tolist() == [0, 0]


def test_no_frames_give_an_empty_track() -> None:
    track = track_faces([])
    assert track.landmarks.shape == (0, 478, 3)
    assert track.found.shape == (0,)


def _shifted(photo: Photo, right: float) -> Photo:
    matrix = np.array([[1, 0, right], [0, 1, 0]], np.float32)
    return cv2.warpAffine(photo, matrix, photo.shape[1::-1], borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
