"""Where the picture lies in a photo: pixels and places agree."""

from __future__ import annotations

import numpy as np
import pytest

from vasari.values.upright import Upright, quarter_turns


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_places_go_where_their_pixels_go(turns: int) -> None:
    photo = np.random.default_rng(0).integers(0, 255, (30, 50, 3), np.uint8)
    upright = Upright(top=4, bottom=25, left=7, right=48, turns=turns)
    picture = upright.of(photo)
    assert picture.shape[:2] == upright.size
    places = np.array([[7.0, 4.0, 1.0], [47.0, 24.0, 2.0], [20.0, 10.0, 3.0]])
    for (x, y, _), (to_x, to_y, _) in zip(places.astype(int), upright.places(places).astype(int), strict=True):
        np.testing.assert_array_equal(photo[y, x], picture[to_y, to_x])
    np.testing.assert_array_equal(upright.places(places)[:, 2], places[:, 2])


@pytest.mark.parametrize(
    ("roll", "turns"), [(0, 0), (40, 0), (-59, 0), (75, 1), (100, 1), (-80, 3), (150, 2), (-170, 2), (180, 2)]
)
def test_a_head_may_lean_by_60_degrees_before_its_photo_is_turned(roll: float, turns: int) -> None:
    assert quarter_turns(roll) == turns
