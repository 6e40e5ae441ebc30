"""`vasari.render`: lids and gaze. About 10 s on two cores."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.render.measure import Frame, draw, eye_opening, face, interocular, motion

from vasari.evaluation.eyes_again import HIDDEN, eyes_again
from vasari.face import encode
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, Motion
from vasari.values.landmarks import EYES
from vasari.values.motion import GAZE_YAW

SIDES = ("Left", "Right")


def both(**amounts: float) -> dict[str, float]:
    return {f"{name}{side}": amount for name, amount in amounts.items() for side in SIDES}


def sweep(name: str, amounts: NDArray[np.floating]) -> Motion:
    return Motion.concatenate([motion(coefficients=both(**{name: float(a)})) for a in amounts])


def gaze(frame: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(2,) where the irises lie between the corners of the eyes, to the right and down, in interocular distances; as
    the face mesh sees it."""
    points = face(frame).landmarks[:, :2]
    shift = [points[eye.iris[0]] - points[[eye.upper[0], eye.upper[-1]]].mean(0) for eye in EYES]
    return np.asarray(np.mean(shift, 0) / interocular(points), np.float64)


def is_even(seen: NDArray[np.floating], wanted: NDArray[np.floating]) -> bool:
    """Whether what is seen follows a linear sweep of what is wanted, without jumps."""
    steps = np.abs(np.diff(seen))
    return bool(abs(np.corrcoef(seen, wanted)[0, 1]) > 0.95 and steps.max() < 2.5 * steps.mean() + 0.004)


@pytest.fixture(scope="module")
def neutral(renderer: Renderer) -> Frame:
    frame: Frame = draw(renderer, motion())[0]
    return frame


class TestLids:
    def test_they_shut_the_eye_evenly(self, renderer: Renderer) -> None:
        wanted = np.linspace(0, 0.9, 10)
        seen = np.array([eye_opening(frame) for frame in draw(renderer, sweep("eyeBlink", wanted))])
        assert is_even(seen, wanted)

    @pytest.mark.parametrize("more", [{"eyeWide": 1.0}, {"eyeLookUp": 1.0}, {"eyeLookDown": 1.0}], ids=str)
    def test_they_are_shut_whatever_else_they_are_told(self, renderer: Renderer, more: dict[str, float]) -> None:
        shut = draw(renderer, motion(blink=1, coefficients=both(**more)))[0]
        assert eye_opening(shut) < 0.16

    def test_they_open_wide_and_narrow(self, renderer: Renderer) -> None:
        """Begun from lids a little lowered: the mesh does not tell open eyes from wide ones."""
        lowered, wide, narrow = (
            eye_opening(draw(renderer, motion(blink=0.4, coefficients=c))[0])
            for c in ({}, both(eyeWide=1), both(eyeSquint=1))
        )
        assert wide > 1.08 * lowered
        assert narrow < 0.9 * lowered

    def test_they_follow_the_gaze(self, renderer: Renderer) -> None:
        up, ahead, down = (
            eye_opening(draw(renderer, motion(blink=0.6, coefficients=c))[0])
            for c in (both(eyeLookUp=1), {}, both(eyeLookDown=0.8))
        )
        assert up > 1.06 * ahead
        assert down < 0.9 * ahead


class TestEyesThatThePhotoHides:
    """Of the portrait with its lids lowered, taken for a photo."""

    @pytest.mark.parametrize("name", ["half shut", "one shut"])
    def test_are_the_persons_in_the_neutral_face(self, renderer: Renderer, name: str) -> None:
        off = eyes_again(renderer, HIDDEN[name])
        assert off.place < 0.11
        assert abs(off.radius) < 0.15
        assert abs(off.gap) < 0.2
        assert off.uneven < 0.2
        assert not off.staring

    def test_are_hidden_again_by_the_source_motion(self, renderer: Renderer) -> None:
        photo = draw(renderer, motion(blink=1))[0]
        appearance = encode(photo)
        assert np.mean([appearance.source_motion(f"eyeBlink{side}")[0] for side in SIDES]) > 0.5
        opened = Renderer(appearance, RenderOptions())
        assert eye_opening(draw(opened, motion())[0]) > 0.2
        assert eye_opening(draw(opened, appearance.source_motion)[0]) < 0.13

    def test_keep_to_the_tones_of_a_photo_that_has_one_color(self, renderer: Renderer) -> None:
        gray = draw(renderer, motion(blink=1))[0].mean(2, keepdims=True) / 255
        sepia = np.array([112, 66, 20]) * gray + np.array([255, 240, 200]) * gray**2
        eyes = encode(sepia.clip(0, 255).round().astype(np.uint8)).eyes.astype(float)
        iris, opaque = eyes[..., 3:6], eyes[..., 6] > 250
        for made_up in (eyes[..., :3].reshape(-1, 3), iris[opaque]):
            red, green, blue = np.median(made_up, 0)
            assert 1.03 < red / green < 1.7
            assert green > blue

    def test_open_eyes_are_left_as_they_are(self, appearance: Appearance) -> None:
        assert not any(
            appearance.source_motion(f"{name}{side}")[0] for name in ("eyeBlink", "eyeSquint") for side in SIDES
        )
        shown = appearance.lids[:, 1] - appearance.lids[:, 0]
        np.testing.assert_allclose(appearance.lids[:, 3], shown, atol=1e-4)


class TestGaze:
    def test_it_turns_the_iris_evenly(self, renderer: Renderer) -> None:
        wanted = np.linspace(-1, 1, 13)
        made = Motion.concatenate(
            [
                motion(
                    coefficients={
                        "eyeLookOutLeft": max(w, 0),
                        "eyeLookInRight": max(w, 0),
                        "eyeLookInLeft": max(-w, 0),
                        "eyeLookOutRight": max(-w, 0),
                    }
                )
                for w in wanted
            ]
        )
        seen = np.array([gaze(frame)[0] for frame in draw(renderer, made)])
        assert is_even(seen, wanted)
        # An iris 10.4 mm before the middle of the ball, eyes 63 mm apart, of which the mesh sees a good half.
        assert 0.5 < (seen[-1] - seen[0]) / (2 * np.sin(np.deg2rad(GAZE_YAW)) * 10.4 / 63) < 1.1

    def test_a_small_glance_moves_the_iris_by_a_part_of_a_pixel(self, renderer: Renderer) -> None:
        """0.3 degrees: 0.1 pixels. Each step changes the picture about as much as the next."""
        wanted = np.arange(0.1, 0.2, 0.01)
        frames = draw(renderer, sweep("eyeLookUp", wanted)).astype(float)
        change = np.abs(np.diff(frames, axis=0)).sum((1, 2, 3))
        assert change.min() > 0.4 * change.mean()
        assert change.max() < 2.5 * change.mean()


@pytest.mark.parametrize("yaw", [-35.0, 35.0])
def test_no_lid_covers_the_background_beside_a_turned_head(appearance: Appearance, yaw: float) -> None:
    def frames(gray: int) -> NDArray[np.int_]:
        """(2, H, W, 3) before such a background, with eyes open and shut."""
        renderer = Renderer(appearance, RenderOptions(background=np.full((8, 8, 3), gray, np.uint8)))
        turned = (motion(rotation=(yaw, 0, 0), blink=blink) for blink in (0.0, 1.0))
        return draw(renderer, Motion.concatenate(turned)).astype(int)

    black, white = frames(0), frames(255)
    background = (white[0] - black[0]).min(-1) == 255
    assert background.mean() > 0.3
    assert black[1][background].max() <= 1


class TestGlasses:
    """The portrait's subject wears some."""

    def test_they_are_rigid(self, appearance: Appearance, renderer: Renderer, neutral: Frame) -> None:
        rims = cv2.resize(appearance.rigid, (512, 512)) > 250
        assert 0.003 < rims.mean() < 0.05
        for pulled in (both(browDown=1.0), both(browOuterUp=1.0)):
            moved = draw(renderer, motion(coefficients=pulled))[0]
            change = np.abs(moved.astype(int) - neutral).max(2)
            assert np.mean(change[rims] > 24) < 0.02
            assert change.max() > 24

    def test_eyes_blink_behind_them(self, appearance: Appearance, renderer: Renderer) -> None:
        rims = [appearance.eyes[k, ..., 13].max() > 200 for k in range(2)]
        assert all(rims)
        assert eye_opening(draw(renderer, motion(blink=1))[0]) < 0.15

    def test_a_bare_face_wears_none(self, photo: Frame, appearance: Appearance) -> None:
        """The skin of the cheek over the bridge of the nose, and nothing is left that joins the rims."""
        points = appearance.landmarks[:, :2] * appearance.crop[2] + np.array(appearance.crop[:2])
        unit = appearance.interocular * appearance.crop[2]
        x, y = points[6].astype(int)
        bare = photo.copy()
        area = np.s_[int(y - 0.3 * unit) : int(y + 0.35 * unit), int(x - 0.1 * unit) : int(x + 0.1 * unit)]
        bare[area] = np.median(photo[area], (0, 1))
        assert not encode(bare).rigid.any()
