"""`vasari.face.encode`: what of a photo becomes an Appearance. About 8 s on two cores."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.render.measure import Frame, corner_lift, draw, eye_opening, motion, mouth_opening

from vasari.face import encode
from vasari.render import Renderer, RenderOptions
from vasari.values import COEFFICIENTS, Appearance
from vasari.values.appearance import photo_digest
from vasari.values.archive import SchemaMismatch


def test_an_appearance_survives_being_written_down(appearance: Appearance) -> None:
    data = appearance.to_bytes()
    assert len(data) < 8_000_000
    assert same(Appearance.from_bytes(data), appearance)


def test_an_appearance_of_another_version_is_not_misread(appearance: Appearance) -> None:
    with pytest.raises(SchemaMismatch):
        Appearance.from_bytes(appearance.source_motion.to_bytes())


def test_the_largest_appearance_stays_under_8_mb(photo: Frame) -> None:
    enlarged = np.repeat(np.repeat(photo, 2, 0), 2, 1)
    assert len(encode(enlarged).to_bytes()) < 8_000_000


@pytest.fixture(scope="module")
def neutral_lift(renderer: Renderer) -> float:
    return corner_lift(draw(renderer, motion())[0])


def test_the_same_photo_gives_the_same_appearance(photo: Frame, appearance: Appearance) -> None:
    assert same(encode(photo.copy()), appearance)


def test_the_photo_is_referenced_not_kept(photo: Frame, appearance: Appearance) -> None:
    assert appearance.photo_sha256 == photo_digest(photo)
    assert appearance.upright.size == photo.shape[:2]
    left, top, side = appearance.crop
    assert 0 <= left <= photo.shape[1] - side
    assert 0 <= top <= photo.shape[0] - side


def test_a_closed_mouth_and_open_eyes_need_no_undoing(appearance: Appearance) -> None:
    source = appearance.source_motion
    assert not any(source(name)[0] for name in ("jawOpen", "mouthUpperUpLeft", "eyeBlinkLeft", "eyeBlinkRight"))
    assert source.coefficients.max() < 0.4  # one of her brows lies lower


@pytest.mark.parametrize(("name", "sign"), [("mouthSmile", 1), ("mouthFrown", -1)])
def test_smiles_and_frowns_are_mostly_undone(renderer: Renderer, neutral_lift: float, name: str, sign: int) -> None:
    """A part of them stays, since nobody can tell it from the person's own face."""
    photo = draw(renderer, motion(coefficients={f"{name}Left": 0.8, f"{name}Right": 0.8}))[0]
    encoded = encode(photo)
    neutral = draw(Renderer(encoded, RenderOptions()), motion())[0]
    change, left_over = corner_lift(photo) - neutral_lift, corner_lift(neutral) - neutral_lift
    assert sign * change > 0.02
    assert -0.2 * abs(change) < sign * left_over < 0.8 * abs(change)


def test_a_smirk_is_found_on_its_side(renderer: Renderer) -> None:
    source = encode(draw(renderer, motion(coefficients={"mouthSmileLeft": 0.8}))[0]).source_motion
    assert source("mouthSmileLeft")[0] > source("mouthSmileRight")[0] + 0.25


@pytest.mark.parametrize(
    "expression", [{"jawOpen": 0.5}, {"mouthLowerDownLeft": 0.8, "mouthLowerDownRight": 0.8}], ids=["jaw", "lip"]
)
def test_a_mouth_photographed_open_is_closed_in_the_neutral_face(
    renderer: Renderer, expression: dict[str, float]
) -> None:
    photo = draw(renderer, motion(coefficients=expression))[0]
    open_mouthed = Renderer(encoded := encode(photo), RenderOptions())
    assert mouth_opening(photo) > 0.05
    assert encoded.source_motion("jawOpen")[0] > 0.05
    assert mouth_opening(draw(open_mouthed, motion())[0]) < 0.01
    assert mouth_opening(draw(open_mouthed, encoded.source_motion)[0]) == pytest.approx(mouth_opening(photo), abs=0.03)


def test_lowered_lids_open_in_the_neutral_face(renderer: Renderer) -> None:
    photo = draw(renderer, motion(blink=0.7))[0]
    encoded = encode(photo)
    neutral = draw(Renderer(encoded, RenderOptions()), motion())[0]
    assert encoded.source_motion("eyeBlinkLeft")[0] > 0.2
    assert eye_opening(neutral) > 1.2 * eye_opening(photo)


def test_shapes_have_the_sides_that_their_names_say(appearance: Appearance) -> None:
    """The subject's left is at the image's right: x above 0 in face space."""
    for name in COEFFICIENTS:
        shape = np.abs(appearance.shapes[COEFFICIENTS.index(name)]).sum(1)
        if name.endswith(("Left", "Right")) and shape.any() and not name.startswith(("jaw", "mouthLeft", "mouthRight")):
            side = (shape * np.sign(appearance.mesh[:, 0])).sum() / shape.sum()
            assert side * (1 if name.endswith("Left") else -1) > 0.3, name


def same(a: Appearance, b: Appearance) -> bool:
    fields = (f.name for f in dataclasses.fields(Appearance) if f.name != "source_motion")
    motions = ("rotation", "translation", "coefficients", "fps")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in fields) and all(
        np.array_equal(getattr(a.source_motion, name), getattr(b.source_motion, name)) for name in motions
    )
