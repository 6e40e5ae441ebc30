"""Measures that must tell good pictures from bad ones. Takes 12 s."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray

from vasari.cli.app import run
from vasari.evaluation import tracking
from vasari.evaluation.cells import both, posed
from vasari.evaluation.likeness import Likeness, laplacian_energy, likeness, measurable, psnr
from vasari.evaluation.obedience import Sweep, sweeps, turns
from vasari.face import encode
from vasari.face.finding.find import find_face
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, Motion
from vasari.values.landmarks import EYES

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def rest(appearance: Appearance) -> tracking.Points:
    return tracking.expected(appearance, 0, 0, 512)


@pytest.fixture(scope="module")
def renderer(appearance: Appearance) -> Renderer:
    return Renderer(appearance, RenderOptions())


class TestTracking:
    def test_readings_follow_what_is_drawn(self, renderer: Renderer, rest: tracking.Points) -> None:
        wanted = [{}, {"jawOpen": 0.6}, {"mouthPucker": 0.8}, both(eyeBlink=1.0)]
        points = tracking.tracked(tracking.drawn(renderer, Motion.concatenate(posed(w) for w in wanted)), rest)
        assert tracking.lip_opening(points).argmax() == 1
        assert tracking.lip_width(points).argmin() == 2
        assert tracking.eye_opening(points).argmin() == 3

    def test_brows_are_read_over_the_corners_of_their_eyes(self, rest: tracking.Points) -> None:
        raised = rest.copy()
        for eye in EYES:
            raised[list(eye.brow), 1] -= 0.1 * tracking.interocular(rest)
        assert tracking.brow_height(raised) - tracking.brow_height(rest) == pytest.approx(0.1, abs=1e-5)
        assert tracking.brow_height(raised + 50) == pytest.approx(tracking.brow_height(raised))

    def test_a_still_is_tracked_alike_whatever_came_before_it(self, renderer: Renderer, rest: tracking.Points) -> None:
        ahead, turned = tracking.drawn(renderer, Motion.concatenate([posed(), posed(rotation=(15, 0, 0))]))
        after = tracking.tracked([turned, ahead], rest)[1]
        alone = tracking.tracked([ahead], rest)[0]
        assert np.abs(after - alone)[:, :2].mean() < 0.005 * tracking.interocular(alone)

    def test_the_face_is_expected_where_it_is(self, renderer: Renderer, rest: tracking.Points) -> None:
        found = tracking.tracked(tracking.drawn(renderer, posed()), rest)[0]
        assert np.abs(found - rest)[:468, :2].mean() < 0.02 * tracking.interocular(rest)

    def test_a_picture_without_a_face_gives_no_numbers(self, rest: tracking.Points) -> None:
        assert np.isnan(tracking.tracked([np.zeros((512, 512, 3), np.uint8)], rest)).all()


class TestObedience:
    def test_turning_the_head_is_seen_about_the_right_axis(
        self, renderer: Renderer, appearance: Appearance, rest: tracking.Points
    ) -> None:
        found = turns(renderer, appearance, rest)
        assert set(found) == {"yaw", "pitch", "roll"}
        for turn in found.values():
            assert 0.7 < turn.gain < 1.3
            assert turn.crosstalk < 3
            assert turn.off < 2
        assert found["roll"].error < 1.5

    def test_sweeps_follow_what_was_asked(self, renderer: Renderer, rest: tracking.Points) -> None:
        found = sweeps(renderer, rest)
        # The mesh takes the rims of these glasses for brows.
        assert {name: s for name, s in found.items() if s.travel <= 0 and not name.startswith("brow")} == {}
        assert found["lip opening"].correlation > 0.9

    def test_a_jump_is_told_from_an_even_sweep(self) -> None:
        even = np.linspace(0, 1, 13)
        assert Sweep.of(even, 0.3 * even + 2) == Sweep(pytest.approx(1), pytest.approx(1), pytest.approx(0.3))
        assert Sweep.of(even, even.round()).largest_step == pytest.approx(12)
        assert Sweep.of(even, even.round()).correlation < 0.9


@pytest.fixture(scope="module")
def found(photo: Picture) -> Likeness:
    speaking = Motion.concatenate(posed({"jawOpen": x}, (12 * x, 0, 0)) for x in np.linspace(0, 0.6, 30).tolist())
    whole = measurable(photo)
    return likeness(whole, encode(whole), speaking)


class TestLikeness:
    def test_the_photo_comes_back(self, found: Likeness) -> None:
        assert found.source > 35

    def test_sharpness_is_of_the_order_of_the_photos(self, found: Likeness) -> None:
        assert 0.2 < found.sharpness < 1.2
        assert found.sharpness < found.detail

    def test_a_blurred_face_has_less_energy(self, photo: Picture) -> None:
        points = find_face(photo).landmarks
        blurred = np.asarray(cv2.GaussianBlur(photo, (0, 0), 1.5), np.uint8)
        assert laplacian_energy(blurred, points) < 0.3 * laplacian_energy(photo, points)

    def test_only_the_skin_counts(self, photo: Picture) -> None:
        points = find_face(photo).landmarks
        noisy = photo.copy()
        noisy[:80] = np.random.default_rng(0).integers(0, 255, noisy[:80].shape)
        eye = points[[159, 145, 33, 133], :2].mean(0).astype(int)
        noisy[eye[1] - 3 : eye[1] + 3, eye[0] - 3 : eye[0] + 3] = 255
        assert laplacian_energy(noisy, points) == laplacian_energy(photo, points)


@pytest.mark.parametrize("shape", [(501, 333), (3000, 1999), (640, 640)])
def test_photos_are_measured_at_an_even_size(shape: tuple[int, int]) -> None:
    height, width = measurable(np.zeros((*shape, 3), np.uint8)).shape[:2]
    assert height % 2 == width % 2 == 0
    assert max(height, width) <= 1280
    assert height / width == pytest.approx(shape[0] / shape[1], rel=0.01)


def test_psnr() -> None:
    picture = np.full((4, 4, 3), 100, np.uint8)
    assert psnr(picture, picture) == 99
    assert psnr(picture, picture + 10) == pytest.approx(28.13, abs=0.01)


def test_the_command_prints_every_value(capsys: pytest.CaptureFixture[str]) -> None:
    portrait = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
    assert run(["eval", "render", "--portraits", str(portrait), "--only", "pose", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["roll error"]["values"]["grace_hopper"] < 1.5
    assert figures["yaw error"]["aim"] == "≤ 2"


def test_nothing_to_measure_on_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "render"]) == 2
    assert "name clips, or --portraits" in capsys.readouterr().err
