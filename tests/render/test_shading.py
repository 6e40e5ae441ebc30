"""`vasari.render.shading`: light on the moving skin."""

from __future__ import annotations

import pytest
import torch
from tests.render.measure import Frame, draw, face, interocular, motion

from vasari.render import Renderer
from vasari.render.body import build_body
from vasari.render.fields import GRID, build_fields
from vasari.render.shading import changes
from vasari.values import Appearance
from vasari.values.landmarks import OVAL

CHEEK, CHIN, BESIDE_CORNER = (425, 205), (199, 200), (287, 57)


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
    renderer: Renderer, coefficients: dict[str, float], place: tuple[int, ...], sign: int
) -> None:
    rest, moved = draw(renderer, motion())[0], draw(renderer, motion(coefficients=coefficients))[0]
    assert sign * (brightness(moved, place) / brightness(rest, place) - 1) > 0.01


def test_light_changes_a_little_and_on_the_face_only(appearance: Appearance) -> None:
    cpu = torch.device("cpu")
    shades = changes(appearance, build_fields(appearance, cpu), build_body(appearance, cpu, at_rest=False))
    shades = shades.view(-1, GRID, GRID)
    assert 0.05 < shades.abs().max() <= 0.2
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
