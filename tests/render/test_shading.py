"""`vasari.render.body.shading`: light on the moving skin."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.render.measure import Frame, draw, face, interocular, motion

from vasari.render import Renderer
from vasari.render.body.body import build_body
from vasari.render.body.fields import GRID, build_fields
from vasari.render.body.shading import changes
from vasari.values import COEFFICIENTS, Appearance
from vasari.values.landmarks import OVAL
from vasari.values.motion import coefficient_index

CHEEK, CHIN, BESIDE_CORNER = (425, 205), (199, 200), (287, 57)


@pytest.fixture(scope="module")
def shades(appearance: Appearance) -> NDArray[np.float32]:
    """(52, GRID, GRID) relative change of light over the frame for each coefficient at 1."""
    cpu = torch.device("cpu")
    fields = build_fields(appearance, cpu)
    found = changes(appearance, fields, build_body(appearance, cpu, at_rest=False)).view(-1, GRID, GRID)
    result = np.zeros((len(COEFFICIENTS), GRID, GRID), np.float32)
    result[fields.channels.numpy()] = found[:-1].numpy()
    return result


@pytest.mark.parametrize(
    ("coefficients", "place", "sign"),
    [
        ({"cheekPuff": 1.0}, CHEEK, 1),
        ({"jawOpen": 0.8}, CHIN, -1),
        ({"mouthDimpleLeft": 1.0, "mouthDimpleRight": 1.0}, BESIDE_CORNER, -1),
    ],
    ids=["blown cheeks catch the light", "a lowered chin turns from it", "dimples lie in shade"],
)
def test_skin_is_lit_as_it_turns(
    appearance: Appearance,
    shades: NDArray[np.float32],
    coefficients: dict[str, float],
    place: tuple[int, ...],
    sign: int,
) -> None:
    columns, rows = (appearance.landmarks[list(place), :2] * GRID).astype(int).T
    change = sum(n * shades[coefficient_index(name), rows, columns].mean() for name, n in coefficients.items())
    assert sign * change > 0.02


def test_frames_show_it(renderer: Renderer) -> None:
    rest, blown = draw(renderer, motion())[0], draw(renderer, motion(coefficients={"cheekPuff": 1.0}))[0]
    assert brightness(blown, CHEEK) / brightness(rest, CHEEK) > 1.01


def test_light_changes_a_little_and_on_the_face_only(appearance: Appearance, shades: NDArray[np.float32]) -> None:
    assert 0.05 < np.abs(shades).max() <= 0.2
    first, last = (appearance.landmarks[list(OVAL), :2].min(0), appearance.landmarks[list(OVAL), :2].max(0))
    (left, top), (right, bottom) = (first * GRID).astype(int), (last * GRID).astype(int) + 1
    shades[:, top:bottom, left:right] = 0
    assert not shades.any()


def brightness(frame: Frame, vertices: tuple[int, ...]) -> float:
    """Mean around some points of the face mesh."""
    points = face(frame).landmarks
    r = max(1, round(0.06 * interocular(points)))
    places = [points[v, :2].round().astype(int) for v in vertices]
    return float(sum(frame[y - r : y + r, x - r : x + r].mean() for x, y in places) / len(places))
