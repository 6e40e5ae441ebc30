"""Behind the person the background goes on: its colors, its grain and its lines."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vasari.face.picture.plate import background_plate

UNIT = 60.0


@pytest.fixture
def matte() -> NDArray[np.float32]:
    """A disk with a soft edge, 0 and 1 away from it."""
    disk = cv2.circle(np.zeros((300, 300), np.float32), (150, 150), 70, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(disk, (9, 9), 2), np.float32)


def test_away_from_the_person_the_background_is_the_photo(matte: NDArray[np.float32]) -> None:
    photo = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    plate = background_plate(photo, matte, UNIT)
    far = cv2.dilate(matte, np.ones((9, 9), np.uint8)) == 0
    assert np.array_equal(plate[far], photo[far])


def test_grain_goes_on_behind_the_person(matte: NDArray[np.float32]) -> None:
    grain = np.random.default_rng(0).normal(0, 12, (300, 300, 1))
    photo = (128 + grain * [1, 1, 1] - 100 * matte[..., None]).clip(0, 255).astype(np.uint8)
    plate = background_plate(photo, matte, UNIT).astype(np.float32)
    rim = (matte > 0.99) & (cv2.erode(matte, np.ones((25, 25), np.uint8)) < 0.99)
    assert plate[rim].std() > 0.6 * photo[matte == 0].std()
    assert plate[rim].mean() == pytest.approx(128, abs=6)


def test_a_picture_full_of_person_has_no_background_to_fill_in() -> None:
    photo = np.full((64, 64, 3), 90, np.uint8)
    assert np.array_equal(background_plate(photo, np.ones((64, 64), np.float32), UNIT), photo)


def test_what_is_seen_through_thin_hair_stays() -> None:
    matte = np.zeros((300, 300), np.float32)
    cv2.circle(matte, (150, 150), 110, 0.15, -1)
    cv2.circle(matte, (150, 150), 70, 1.0, -1)
    behind = np.full((300, 300, 3), (20, 30, 90), np.uint8)
    behind[:, 55:63] = (220, 150, 40)  # a cord that crosses the thin part
    photo = (matte[..., None] * np.array([30, 25, 20]) + (1 - matte[..., None]) * behind).round().astype(np.uint8)
    plate = background_plate(photo, matte, UNIT).astype(np.float32)
    thin = (matte > 0.1) & (matte < 0.2) & (cv2.erode((matte > 0.1).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0)
    assert np.abs(plate - behind)[thin].mean() < 8
    cord = thin & (behind[..., 0] == 220)
    assert np.abs(plate - behind)[cord].mean() < 20
