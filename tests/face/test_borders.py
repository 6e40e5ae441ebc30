"""Bars, screens and circles around a picture are told from the picture."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vasari.face.finding.find import Face
from vasari.face.picture.borders import picture_extent
from vasari.face.picture.roundel import find_roundel

Photo = NDArray[np.uint8]
COLORS = [(0, 0, 0), (255, 255, 255), (128, 128, 128), (30, 90, 60)]


def compressed(photo: Photo, quality: int) -> Photo:
    file = BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def extent(photo: Photo, face: Face, top: int = 0, left: int = 0) -> tuple[int, int, int, int]:
    return picture_extent(photo, face.box + np.array([left, top, left, top]))


def test_a_photo_without_bars_is_all_picture(portrait: Photo, face: Face) -> None:
    assert extent(portrait, face) == (0, 600, 0, 512)


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("bars", [(0, 0, 150, 90), (200, 200, 0, 0), (40, 8, 11, 300), (0, 0, 0, 20)])
@pytest.mark.parametrize("quality", [95, 60])
def test_even_bars_of_any_width_are_no_picture(
    portrait: Photo, face: Face, color: tuple[int, int, int], bars: tuple[int, int, int, int], quality: int
) -> None:
    top, bottom, left, right = bars
    photo = cv2.copyMakeBorder(portrait, top, bottom, left, right, cv2.BORDER_CONSTANT, value=color)
    found = extent(compressed(np.asarray(photo, np.uint8), quality), face, top, left)
    assert found == pytest.approx((top, top + 600, left, left + 512), abs=4)


@pytest.mark.parametrize("floor", [0, 9])
@pytest.mark.parametrize("reach", [1.4, 1.9])
def test_a_dark_photo_keeps_its_own_edge(portrait: Photo, face: Face, reach: float, floor: int) -> None:
    y, x = np.mgrid[:600, :512]
    away = np.hypot(x - face.box[[0, 2]].mean(), y - face.box[[1, 3]].mean()) / (reach * face.size / 2)
    light = np.clip(1.2 - away**2, 0, 1)[..., None]
    photo = compressed((portrait * light + floor * (1 - light)).astype(np.uint8), 75)
    assert photo[:5].mean() < 16
    assert extent(photo, face) == (0, 600, 0, 512)


@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (24, 24, 28)])
def test_the_screen_around_a_picture_is_no_picture(portrait: Photo, face: Face, color: tuple[int, int, int]) -> None:
    """A clock, a name and a face above it; buttons, words and a row of small pictures below."""
    ink = tuple(255 - c for c in color)
    screen = Image.new("RGB", (512, 1100), color)
    draw = ImageDraw.Draw(screen)
    draw.text((24, 16), "9:41", ink, font_size=20)
    draw.ellipse((20, 100, 64, 144), fill=(200, 80, 120))
    draw.text((80, 110), "somebody_there", ink, font_size=22)
    screen.paste(Image.fromarray(portrait), (0, 170))
    for k in range(4):
        draw.ellipse((20 + 60 * k, 800, 52 + 60 * k, 832), outline=ink, width=3)
        draw.text((20, 850 + 30 * k), "liked by many, who say so at some length", ink, font_size=18)
        screen.paste(Image.fromarray(portrait).resize((60, 70)), (10 + 70 * k, 1000))
    found = extent(compressed(np.asarray(screen), 85), face, 170)
    assert found == pytest.approx((170, 770, 0, 512), abs=4)


def test_thin_lines_along_the_edges_of_scans_are_no_picture(portrait: Photo, face: Face) -> None:
    photo = portrait.copy()
    noise = np.random.default_rng(0).integers(0, 90, (600, 3, 3))
    photo[:, -3:] = noise
    assert extent(photo, face) == (0, 600, 0, 509)


def test_no_bar_reaches_into_the_face(portrait: Photo, face: Face) -> None:
    photo = portrait.copy()
    middle = int(face.box[[1, 3]].mean())
    photo[middle:] = 0
    assert extent(photo, face)[1] > middle


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("margin", [0, 30])
def test_a_circle_is_found(portrait: Photo, color: tuple[int, int, int], margin: int) -> None:
    found = find_roundel(compressed(avatar(portrait, color, margin), 85))
    assert found is not None
    assert (found.x, found.y, found.radius) == pytest.approx((255.5 + margin, 255.5 + margin, 256), abs=2)
    assert found.color == pytest.approx(color, abs=3)


def test_other_pictures_are_not_round(portrait: Photo) -> None:
    cut_out = np.where((cv2.GaussianBlur(portrait, (0, 0), 9).max(2) < 140)[..., None], portrait, 255)
    for photo in (portrait, cut_out.astype(np.uint8), np.full((90, 90, 3), 255, np.uint8)):
        assert find_roundel(photo) is None


def avatar(photo: Photo, color: tuple[int, int, int], margin: int) -> Photo:
    """The upper part of a photo in a circle of 512 pixels."""
    y, x = np.mgrid[:512, :512]
    inside = np.clip(256.5 - np.hypot(x - 255.5, y - 255.5), 0, 1)[..., None]
    disk = (photo[:512] * inside + np.array(color) * (1 - inside)).round().astype(np.uint8)
    return np.asarray(
        cv2.copyMakeBorder(disk, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=color), np.uint8
    )
