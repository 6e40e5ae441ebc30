"""The person is parted from the background hair by hair."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face import encode
from vasari.face.finding.find import Face
from vasari.face.picture.matting import closed_form
from vasari.values.appearance import MARGIN

NOSE_TIP = 1


def test_the_matte_tells_the_person_from_the_background(portrait: NDArray[np.uint8], face: Face) -> None:
    appearance = encode(portrait)
    left, top, side = appearance.crop
    matte = appearance.matte / 255
    x, y = (((face.landmarks[NOSE_TIP, :2] - [left, top]) / side + MARGIN) / (1 + 2 * MARGIN) * len(matte)).astype(int)
    assert matte[y, x] == 1
    corner = round(0.2 * len(matte))
    assert matte[:corner, -corner:].max() == 0
    assert np.array_equal(appearance.plate[:corner, -corner:], appearance.pixels[:corner, -corner:])


def test_strands_are_found_between_what_is_known() -> None:
    """Dark strands of a pixel's width and any direction over a background that grows brighter to the right."""
    strands = np.zeros((384, 384), np.uint8)
    for x in range(20, 380, 14):
        cv2.line(strands, (x, 200), (x + 10, 90), 255, 2, cv2.LINE_AA)
    strands[200:] = 255
    alpha = cv2.resize(strands, (192, 192), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    background = np.stack([np.linspace(120, 220, 192), np.linspace(150, 190, 192), np.full(192, 160)], -1)[None]
    picture = (alpha[..., None] * [40, 30, 20] + (1 - alpha[..., None]) * background).round().astype(np.uint8)
    unknown = np.zeros((192, 192), bool)
    unknown[30:105] = True
    known = (np.arange(192) >= 105).astype(np.float32)[:, None].repeat(192, 1)
    found = closed_form(picture, known, unknown, np.full((192, 192), 1e-3, np.float32))
    assert np.abs(found - alpha).mean() < 0.04
    assert np.corrcoef(found[60:90].ravel(), alpha[60:90].ravel())[0, 1] > 0.95
