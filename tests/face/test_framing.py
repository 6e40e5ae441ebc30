"""What a photo cuts off goes on beyond its edge."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vasari.face.picture.framing import continued, lean_of_lines

SIZE, ABOVE = 240, 40


@pytest.mark.parametrize("lean", [-0.6, 0.0, 0.4])
def test_hair_that_crosses_the_upper_edge_goes_on_straight(lean: float) -> None:
    whole = stripes(lean)
    part = (slice(ABOVE, SIZE), slice(0, SIZE))
    inside = whole[part]
    found = lean_of_lines(inside, unit=80.0)
    middle = slice(60, -60)
    assert found[middle] == pytest.approx(lean, abs=0.12)
    beyond = continued(inside, part, SIZE, found)[:ABOVE].astype(float)
    wrong = np.abs(beyond - whole[:ABOVE])[ABOVE // 2 :, middle].mean()
    mirrored = np.abs(continued(inside, part, SIZE)[:ABOVE].astype(float) - whole[:ABOVE])[ABOVE // 2 :, middle].mean()
    assert wrong < 8 if lean == 0.0 else wrong < 0.5 * mirrored


def stripes(lean: float) -> NDArray[np.uint8]:
    """(SIZE, SIZE, 3) lines of many widths along x = lean * y."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(float)
    along = x - lean * y
    gray = 128 + 40 * np.sin(along / 4.0) + 30 * np.sin(along / 7.0 + 1) + 20 * np.sin(along / 11.0 + 2)
    return np.repeat(gray.clip(0, 255).astype(np.uint8)[..., None], 3, 2)
