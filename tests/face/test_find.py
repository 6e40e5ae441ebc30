"""Which face of a photo is used, and which photos are refused and why. About 10 s."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.interpolate import LinearNDInterpolator

from vasari.face.finding.find import MIN_SIZE, Face, find_face, find_faces
from vasari.values import InputError, Reason
from vasari.values.motion import rotation_matrix

Photo = NDArray[np.uint8]


def test_finds_the_face(face: Face) -> None:
    assert face.landmarks.shape == (478, 3)
    assert face.landmarks.dtype == np.float32
    assert 180 < face.size < 230
    assert abs(face.yaw) < 5
    assert abs(face.pitch) < 8
    assert abs(face.roll) < 5
    left, top, right, bottom = face.box
    assert 150 < left < right < 400
    assert 100 < top < bottom < 380


DISGUISES: dict[str, Callable[[Photo], Photo]] = {
    "plain": lambda photo: photo,
    "mirrored": lambda photo: photo[:, ::-1].copy(),
    "dark": lambda photo: (photo * 0.4).astype(np.uint8),
    "grey": lambda photo: np.repeat(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)[..., None], 3, 2).astype(np.uint8),
    "blurred": lambda photo: cv2.GaussianBlur(photo, (0, 0), max(photo.shape) / 250).astype(np.uint8),
    "noisy": lambda photo: (photo + np.random.default_rng(0).normal(0, 20, photo.shape)).clip(0, 255).astype(np.uint8),
    "half as large": lambda photo: _scaled(photo, 0.5),
    "upside down": lambda photo: photo[::-1, ::-1].copy(),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_finds_it_in_a_photo_that_is(name: str, portrait: Photo, face: Face) -> None:
    photo = DISGUISES[name](portrait)
    assert find_face(photo).size * len(portrait) / len(photo) == pytest.approx(face.size, rel=0.1)


def test_finds_a_face_that_fills_the_photo(portrait: Photo, face: Face) -> None:
    left, top, right, bottom = face.box.astype(int)
    assert find_face(portrait[top:bottom, left:right].copy()).size == pytest.approx(face.size, rel=0.1)


def test_finds_a_small_face_in_a_large_photo(portrait: Photo, face: Face) -> None:
    photo = cv2.copyMakeBorder(portrait, 1200, 1000, 900, 900, cv2.BORDER_CONSTANT, value=(90, 110, 90))
    assert find_face(photo.astype(np.uint8)).size == pytest.approx(face.size, rel=0.1)


@pytest.mark.parametrize("degrees", [-40.0, 20.0])
def test_a_head_that_leans_clockwise_has_a_positive_roll(portrait: Photo, face: Face, degrees: float) -> None:
    found = find_face(_rolled(portrait, degrees))
    assert found.roll == pytest.approx(face.roll + degrees, abs=4)


def test_sunglasses_hide_no_face(portrait: Photo, face: Face) -> None:
    photo = portrait.copy()
    for iris in (468, 473):
        x, y = (int(value) for value in face.landmarks[iris, :2])
        cv2.ellipse(photo, (x, y), (int(0.17 * face.size), int(0.12 * face.size)), 0, 0, 360, (10, 10, 10), -1)
    assert find_face(photo).size == pytest.approx(face.size, rel=0.1)


NOTHING = {
    "blank": np.full((300, 400, 3), 127, np.uint8),
    "noise": np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8),
    "tiny": np.zeros((1, 1, 3), np.uint8),
    "thin": np.zeros((600, 2, 3), np.uint8),
}


@pytest.mark.parametrize("name", NOTHING)
def test_no_face(name: str) -> None:
    _refused(NOTHING[name], Reason.NO_FACE, "no human face found in the portrait")


def test_no_face_in_the_surroundings(portrait: Photo) -> None:
    _refused(portrait[380:].copy(), Reason.NO_FACE, "no human face found in the portrait")


def test_a_small_face(portrait: Photo, face: Face) -> None:
    scale = 50 / face.size
    _refused(_scaled(portrait, scale), Reason.FACE_TOO_SMALL, r"the face is (49|50|51) pixels large, at least 64")


def test_a_face_just_large_enough(portrait: Photo, face: Face) -> None:
    scale = (MIN_SIZE + 3) / face.size
    find_face(_scaled(portrait, scale))


def test_several_faces_and_the_choice_among_them(portrait: Photo) -> None:
    photo = np.hstack([portrait, portrait[:, ::-1]])
    _refused(photo, Reason.SEVERAL_FACES, "shows 2 faces and none dominates: choose one with face_index 0")
    centers = sorted(float(find_face(photo, index).landmarks[1, 0]) for index in (0, 1))
    assert centers[0] < 512 < centers[1]
    with pytest.raises(InputError, match="it shows 2, counted from 0"):
        find_face(photo, 2)


def test_a_dominant_face_is_used(portrait: Photo) -> None:
    photo = np.hstack([portrait, np.full_like(portrait, 90)])
    small = _scaled(portrait, 0.5)
    photo[100 : 100 + len(small), 600 : 600 + small.shape[1]] = small
    large, other = find_faces(photo)
    assert large.size > 1.5 * other.size
    np.testing.assert_allclose(find_face(photo).landmarks, large.landmarks)
    np.testing.assert_allclose(find_face(photo, 1).landmarks, other.landmarks)


def test_a_face_turned_away(portrait: Photo, face: Face) -> None:
    """The portrait's own relief, turned up by 50 degrees."""
    photo = _turned(portrait, face.landmarks, yaw=0, pitch=50)
    _refused(photo, Reason.FACE_TURNED_AWAY, r"turned away by (4[6-9]|5\d) degrees and at most 45")


def test_every_portrait_of_the_development_data_is_accepted(development_data: Path) -> None:
    for file in sorted((development_data / "portraits").iterdir()):
        assert find_face(_read(file)).size > MIN_SIZE, file.name


@pytest.mark.parametrize(
    ("name", "disguise"), [*(("cat", disguise) for disguise in DISGUISES), ("llama", "plain"), ("no_face", "plain")]
)
def test_what_is_no_human_face(name: str, disguise: str, development_data: Path) -> None:
    photo = _read(development_data / "portraits_refused" / f"{name}.jpg")
    _refused(DISGUISES[disguise](photo), Reason.NO_FACE, "no human face found in the portrait")


def test_six_faces(development_data: Path) -> None:
    photo = _read(development_data / "portraits_refused" / "six_faces.jpg")
    _refused(photo, Reason.SEVERAL_FACES, "shows 6 faces")
    with pytest.raises(InputError, match="turned away by 50 degrees"):
        find_face(photo, 2)


def _under_a_mask(photo: Photo, points: NDArray[np.float32]) -> None:
    outline = np.array([points[6] * 0.3 + points[4] * 0.7, *points[[117, 132, 172, 152, 397, 361, 346]]])
    cv2.fillConvexPoly(photo, cv2.convexHull(outline[:, :2].astype(np.int32)), (150, 190, 220))


def _behind_a_microphone(photo: Photo, points: NDArray[np.float32]) -> None:
    unit = float(np.linalg.norm(points[263, :2] - points[33, :2]))
    ball = points[14, :2].astype(int)
    cv2.circle(photo, ball.tolist(), int(0.3 * unit), (60, 60, 65), -1)
    cv2.line(photo, ball.tolist(), (ball + np.array([0, int(unit)])).tolist(), (60, 60, 65), int(0.17 * unit))


def _with_a_finger_on_the_lips(photo: Photo, points: NDArray[np.float32]) -> None:
    unit = float(np.linalg.norm(points[263, :2] - points[33, :2]))
    tip = points[0, :2] * 0.4 + points[2, :2] * 0.6
    color = [int(n) for n in np.median(photo[points[[50, 280], 1].astype(int), points[[50, 280], 0].astype(int)], 0)]
    width = int(0.2 * unit)
    tip[1] += width / 2
    cv2.line(photo, tip.astype(int).tolist(), (tip + np.array([0.1, 1.3]) * unit).astype(int).tolist(), color, width)


@pytest.mark.parametrize("cover", [_under_a_mask, _behind_a_microphone, _with_a_finger_on_the_lips])
def test_refuses_a_mouth(cover: Callable[[Photo, NDArray[np.float32]], None], portrait: Photo, face: Face) -> None:
    photo = portrait.copy()
    cover(photo, face.landmarks)
    noisy = photo + np.random.default_rng(0).normal(0, 4, photo.shape)
    _refused(noisy.clip(0, 255).astype(np.uint8), Reason.MOUTH_COVERED, "before the mouth, a mask")


def _refused(photo: Photo, reason: Reason, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        find_face(photo)
    assert refusal.value.reason is reason


def _read(file: Path) -> Photo:
    return np.array(Image.open(file).convert("RGB"))


def _scaled(photo: Photo, factor: float) -> Photo:
    return cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _rolled(photo: Photo, degrees: float) -> Photo:
    height, width = photo.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 0.9)
    return cv2.warpAffine(photo, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def _turned(photo: Photo, landmarks: NDArray[np.float32], yaw: float, pitch: float) -> Photo:
    """The face alone, turned in space: its pixels are painted at their new places, the farthest first."""
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    x, y = np.meshgrid(np.arange(low[0], high[0], 0.25), np.arange(low[1], high[1], 0.25))
    z = LinearNDInterpolator(landmarks[:, :2], landmarks[:, 2])(x, y)
    surface = np.stack([x, y, z], -1)[np.isfinite(z)]
    center = landmarks.mean(0)
    moved = (surface - center) @ rotation_matrix(np.array([yaw, pitch, 0], np.float32)).T + center
    order = moved[:, 2].argsort()[::-1]
    (to_x, to_y), (from_x, from_y) = (points[order, :2].round().astype(int).T for points in (moved, surface))
    turned = np.full_like(photo, 128)
    turned[to_y, to_x] = photo[from_y, from_x]
    return turned
