"""The mesh lies on the face, moves with it, and says how the head is turned. About 2 s."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vasari.face.finding import region
from vasari.face.finding.detector import detect_faces
from vasari.face.finding.find import Face
from vasari.face.finding.mesh import LANDMARKS, face_mesh, head_angles
from vasari.values.motion import rotation_matrix

LEFT_IRIS, RIGHT_IRIS, NOSE_TIP, LIPS = 468, 473, 1, (13, 14)


def test_detector_and_mesh_agree_on_eyes_nose_and_mouth(portrait: NDArray[np.uint8], face: Face) -> None:
    found = detect_faces(portrait, (1.0,))
    points = face.landmarks[:, :2]
    expected = np.stack([points[LEFT_IRIS], points[RIGHT_IRIS], points[NOSE_TIP], points[list(LIPS)].mean(0)])
    np.testing.assert_allclose(found.keypoints[0, :4].numpy(), expected, atol=0.1 * face.size)


def test_a_face_seen_in_several_windows_is_detected_once(portrait: NDArray[np.uint8]) -> None:
    assert len(detect_faces(portrait, (1.5, 1.0, 0.8))) == 1


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_landmarks_scale_with_the_picture(portrait: NDArray[np.uint8], face: Face, factor: float) -> None:
    scaled = cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    where = region.around_landmarks(torch.from_numpy(face.landmarks[None]))
    where[:, :2] = (where[:, :2] + 0.5) * factor - 0.5
    where[:, 2] *= factor
    landmarks, presence = face_mesh()(scaled, where)
    difference = (landmarks[0].numpy()[:, :2] + 0.5) / factor - 0.5 - face.landmarks[:, :2]
    assert np.linalg.norm(difference, axis=1).mean() < 0.015 * face.size
    assert presence[0] > 0.99


def test_several_regions_are_looked_at_together(portrait: NDArray[np.uint8], face: Face) -> None:
    where = region.around_landmarks(torch.from_numpy(face.landmarks[None])).repeat(3, 1)
    where[1, :2] = 20.0
    landmarks, presence = face_mesh()(portrait, where)
    assert landmarks.shape == (3, LANDMARKS, 3)
    torch.testing.assert_close(landmarks[0], landmarks[2], rtol=0, atol=1e-2)
    assert presence[0] > 0.99 > presence[1]


def test_nothing_to_look_at_gives_nothing(portrait: NDArray[np.uint8]) -> None:
    landmarks, presence = face_mesh()(portrait, torch.zeros(0, 4))
    assert landmarks.shape == (0, LANDMARKS, 3)
    assert presence.shape == (0,)


def test_the_nose_is_nearer_than_the_ears(face: Face) -> None:
    assert face.landmarks[NOSE_TIP, 2] < face.landmarks[[234, 454], 2].min()


@given(yaw=st.floats(-60, 60), pitch=st.floats(-40, 40), roll=st.floats(-90, 90))
def test_head_angles_are_those_of_motion(yaw: float, pitch: float, roll: float) -> None:
    """A head that looks ahead, turned by the rotation that `Motion` defines, has just these angles."""
    head = np.zeros((LANDMARKS, 3), np.float32)
    head[33], head[263], head[234], head[454] = (-1, 0, 0), (1, 0, 0), (-2, 0, 1), (2, 0, 1)
    head[10], head[152] = (0, -2, 0), (0, 2, 2 * 2 * np.tan(np.deg2rad(10)))  # foreheads stand out over chins
    turned = head @ rotation_matrix(np.array([yaw, pitch, roll], np.float32)).T
    np.testing.assert_allclose(head_angles(turned), [yaw, pitch, roll], atol=0.1)
