"""`vasari.render`: what a motion makes of an appearance. About 10 s on two cores."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
import torch
from tests.render.measure import (
    Frame,
    draw,
    eye_opening,
    face,
    interocular,
    motion,
    mouth_opening,
    psnr,
    turn,
    wandering,
)

from vasari.face import encode
from vasari.face.tracking.pose import head_motion
from vasari.render import Renderer, RenderOptions, render
from vasari.values import COEFFICIENTS, Appearance, Framing, Motion
from vasari.values.motion import CAMERA_DISTANCE


@pytest.fixture(scope="module")
def neutral(renderer: Renderer) -> Frame:
    frame: Frame = draw(renderer, motion())[0]
    return frame


class TestAFrameDependsOnItsOwnMotionOnly:
    @pytest.mark.parametrize(("start", "stop"), [(0, 1), (3, 9), (10, 11), (2, 4)])
    def test_a_slice_of_the_motion_gives_a_slice_of_the_frames(self, renderer: Renderer, start: int, stop: int) -> None:
        whole = wandering(11)
        assert np.array_equal(draw(renderer, whole[start:stop]), draw(renderer, whole)[start:stop])

    @pytest.mark.parametrize("batch", [1, 3, 16])
    def test_the_batch_size_changes_nothing_but_the_batches(self, renderer: Renderer, batch: int) -> None:
        whole = wandering(7)
        parts = list(renderer.frames(whole, batch))
        assert [len(p) for p in parts[:-1]] == [batch] * (len(parts) - 1)
        assert np.array_equal(torch.cat(parts).cpu().numpy(), draw(renderer, whole))

    def test_another_renderer_draws_the_same(self, appearance: Appearance, renderer: Renderer) -> None:
        reread = Appearance.from_bytes(appearance.to_bytes())
        again = torch.cat(list(render(reread, wandering(3), RenderOptions(), renderer.device.type))).cpu().numpy()
        assert np.array_equal(again, draw(renderer, wandering(3)))

    def test_no_motion_gives_no_frames(self, renderer: Renderer) -> None:
        assert list(renderer.frames(motion(0))) == []


class TestRest:
    def test_the_source_motion_gives_the_photo_back(
        self, photo: Frame, appearance: Appearance, renderer: Renderer
    ) -> None:
        left, top, side = appearance.crop
        crop = cv2.resize(photo[top : top + side, left : left + side], (512, 512), interpolation=cv2.INTER_CUBIC)
        assert psnr(draw(renderer, appearance.source_motion)[0], crop) > 45

    def test_the_neutral_face_of_a_calm_photo_is_hardly_another(
        self, appearance: Appearance, renderer: Renderer, neutral: Frame
    ) -> None:
        assert psnr(neutral, draw(renderer, appearance.source_motion)[0]) > 30

    def test_the_source_motion_gives_an_open_mouth_and_lowered_lids_back(self, renderer: Renderer) -> None:
        photo = draw(renderer, motion(jawOpen=0.35, blink=0.6))[0]
        appearance = encode(photo)
        left, top, side = appearance.crop
        crop = cv2.resize(photo[top : top + side, left : left + side], (512, 512), interpolation=cv2.INTER_CUBIC)
        assert psnr(draw(Renderer(appearance, RenderOptions()), appearance.source_motion)[0], crop) > 35

    @pytest.mark.parametrize("size", [128, 256, 768])
    def test_frames_are_of_the_size_asked_for(self, appearance: Appearance, neutral: Frame, size: int) -> None:
        small = Renderer(appearance, RenderOptions(size=size))
        frame = draw(small, motion())[0]
        assert (small.height, small.width) == frame.shape[:2] == (size, size)
        assert psnr(cv2.resize(frame, (512, 512), interpolation=cv2.INTER_CUBIC), neutral) > 24


class TestExpression:
    def test_eye_blink_closes_the_eyes(self, renderer: Renderer, neutral: Frame) -> None:
        half, closed = draw(renderer, motion(blink=0.5))[0], draw(renderer, motion(blink=1))[0]
        assert eye_opening(neutral) > 0.25
        assert 0.13 < eye_opening(half) < 0.23
        assert eye_opening(closed) < 0.13

    def test_jaw_open_opens_the_mouth_the_more_the_larger(self, renderer: Renderer) -> None:
        openings = [mouth_opening(draw(renderer, motion(jawOpen=x))[0]) for x in (0, 0.3, 0.6, 1.0)]
        assert openings[0] < 0.01
        assert openings[1] > 0.07
        assert openings[3] > 0.22
        assert openings == sorted(openings)

    def test_mouth_close_shuts_lips_over_an_open_jaw(self, renderer: Renderer) -> None:
        assert mouth_opening(draw(renderer, motion(jawOpen=0.4, mouthClose=0.4))[0]) < 0.02

    def test_pucker_narrows_and_stretch_widens_the_mouth(self, renderer: Renderer, neutral: Frame) -> None:
        def width(frame: Frame) -> float:
            points = face(frame).landmarks
            return float(np.linalg.norm((points[61] - points[291])[:2]) / interocular(points))

        rest = width(neutral)
        assert width(draw(renderer, motion(mouthPucker=0.8))[0]) < 0.85 * rest
        assert width(draw(renderer, motion(mouthStretchLeft=0.8, mouthStretchRight=0.8))[0]) > 1.08 * rest

    def test_every_coefficient_shows(self, renderer: Renderer) -> None:
        """Over an open jaw, so that there is something for mouthClose to close."""
        every = motion(len(COEFFICIENTS), jawOpen=0.5)
        np.fill_diagonal(every.coefficients, 1)
        rest = draw(renderer, motion(jawOpen=0.5))[0].astype(int)
        change = {
            name: int(np.abs(f - rest).max()) for name, f in zip(COEFFICIENTS, draw(renderer, every), strict=True)
        }
        assert not {name for name, most in change.items() if most < 8}

    def test_left_and_right_are_the_subjects(self, renderer: Renderer, neutral: Frame) -> None:
        change = np.abs(draw(renderer, motion(eyeBlinkLeft=1))[0].astype(int) - neutral).sum(2)
        assert change[:, 256:].sum() > 20 * change[:, :256].sum()


class TestPose:
    def test_the_head_turns_as_the_motion_says(self, renderer: Renderer, neutral: Frame) -> None:
        wanted = np.array([(20, 0, 0), (-20, 0, 0), (0, 15, 0), (0, -15, 0), (0, 0, 12), (0, 0, -12), (12, -8, 6)])
        seen = [turn(neutral, draw(renderer, motion(rotation=tuple(rotation)))[0]) for rotation in wanted]
        yaw, pitch, roll = np.abs(np.array(seen) - wanted).mean(0)
        assert yaw < 2
        assert pitch < 2.1
        assert roll < 1.5

    def test_translation_moves_the_head_in_interocular_distances(self, renderer: Renderer, neutral: Frame) -> None:
        before = face(neutral).landmarks
        after = face(draw(renderer, motion(translation=(0.2, -0.15, 0)))[0]).landmarks
        moved = (after[:468, :2] - before[:468, :2]).mean(0) / interocular(before)
        assert moved == pytest.approx([0.2, -0.15], abs=0.03)

    @pytest.mark.parametrize("distance", [0.7, 0.9, 1.1, 1.4])
    def test_a_farther_head_is_smaller(self, renderer: Renderer, neutral: Frame, distance: float) -> None:
        farther = draw(renderer, motion(translation=(0, 0, CAMERA_DISTANCE * (distance - 1))))[0]
        seen = head_motion(face(neutral).landmarks, face(farther).landmarks[None])
        assert 1 + seen.shift[0, 2] / CAMERA_DISTANCE == pytest.approx(distance, rel=0.03)

    def test_poses_beyond_what_the_photo_carries_are_bent_into_it(self, renderer: Renderer, neutral: Frame) -> None:
        frame = draw(renderer, motion(rotation=(90, -60, 50), translation=(3, 3, 8), jawOpen=1, blink=1))[0]
        assert np.abs(turn(neutral, frame)).max() < 35

    def test_a_head_that_the_photo_cuts_off_moves_no_farther_than_its_hair_reaches(self, photo: Frame) -> None:
        cut = Renderer(encode(np.ascontiguousarray(photo[60:])), RenderOptions())
        rest, back, down = (draw(cut, motion(translation=t))[0] for t in ((0, 0, 0), (0, 0, 4), (0, 0.45, 0)))
        before, farther, lower = (face(frame).landmarks for frame in (rest, back, down))
        assert 1 + head_motion(before, farther[None]).shift[0, 2] / CAMERA_DISTANCE < 1.25
        assert (lower - before)[:, 1].mean() / interocular(before) < 0.38

    def test_a_head_photographed_turned_turns_back_farther_than_on(self, renderer: Renderer) -> None:
        turned = Renderer(encode(draw(renderer, motion(rotation=(22, 0, 0)))[0]), RenderOptions())
        rest, back, on = (draw(turned, motion(rotation=(yaw, 0, 0)))[0] for yaw in (0, -40, 40))
        assert -turn(rest, back)[0] > 28
        assert turn(rest, on)[0] < 25

    def test_the_background_stands_still(self, renderer: Renderer, neutral: Frame) -> None:
        moved = draw(renderer, motion(rotation=(18, -10, 10)))[0]
        assert np.array_equal(moved[100:250, 430:], neutral[100:250, 430:])
        assert np.array_equal(moved[60:250, :40], neutral[60:250, :40])


class TestCamera:
    def seen(self, renderer: Renderer, *places: tuple[float, float, float]) -> Frame:
        return draw(renderer, dataclasses.replace(motion(len(places)), camera=np.array(places, np.float32)))

    def test_from_where_the_photo_was_taken_it_sees_the_photo(self, renderer: Renderer, neutral: Frame) -> None:
        assert psnr(self.seen(renderer, (0, 0, 1))[0], neutral) > 45

    def test_from_the_right_the_head_is_seen_turned_to_the_left(self, renderer: Renderer, neutral: Frame) -> None:
        right, above = self.seen(renderer, (15, 0, 1), (0, 10, 1))
        assert turn(neutral, right) == pytest.approx([-15, 0, 0], abs=5)
        assert turn(neutral, above) == pytest.approx([0, -10, 0], abs=5)

    def test_the_background_goes_by_behind_the_person(self, renderer: Renderer, neutral: Frame) -> None:
        (right,) = self.seen(renderer, (15, 0, 1))
        place = cv2.matchTemplate(right[20:260, 330:], neutral[60:200, 400:470], cv2.TM_CCOEFF_NORMED)
        assert not np.array_equal(right[100:250, 440:], neutral[100:250, 440:])
        assert place.max() > 0.5

    def test_a_slice_of_a_motion_with_a_camera_gives_a_slice_of_the_frames(self, renderer: Renderer) -> None:
        around = dataclasses.replace(wandering(6), camera=np.linspace((-10, 0, 1), (10, 5, 1.2), 6, dtype=np.float32))
        assert np.array_equal(draw(renderer, around[1:4]), draw(renderer, around)[1:4])


class TestPortraitFraming:
    @pytest.fixture
    def whole(self, appearance: Appearance, photo: Frame) -> Renderer:
        return Renderer(appearance, RenderOptions(size=500, framing=Framing.PORTRAIT, photo=photo))

    def test_the_whole_photo_is_shown_at_even_size(self, whole: Renderer) -> None:
        assert (whole.height, whole.width) == (500, 426)

    def test_the_source_motion_gives_the_photo_back(
        self, whole: Renderer, appearance: Appearance, photo: Frame
    ) -> None:
        resized = cv2.resize(photo, (426, 500), interpolation=cv2.INTER_AREA)
        assert psnr(draw(whole, appearance.source_motion)[0], resized) > 45

    def test_far_from_the_face_every_pixel_stays_the_photos(self, whole: Renderer, photo: Frame) -> None:
        resized = cv2.resize(photo, (426, 500), interpolation=cv2.INTER_AREA)
        frame = draw(whole, motion(rotation=(10, 8, 6), jawOpen=0.6))[0]
        assert np.array_equal(frame[470:], resized[470:])
        assert np.array_equal(frame[:, 415:], resized[:, 415:])
        assert mouth_opening(frame) > 0.1

    def test_a_wrong_or_missing_photo_is_refused(self, appearance: Appearance, photo: Frame) -> None:
        for wrong in (None, photo[::-1].copy()):
            with pytest.raises(ValueError, match="photo"):
                Renderer(appearance, RenderOptions(framing=Framing.PORTRAIT, photo=wrong))


class TestEdges:
    """The background stands still to the last bit, the face stays sharp, and any background may be chosen."""

    @pytest.fixture
    def sharp(self, appearance: Appearance, photo: Frame) -> Renderer:
        return Renderer(appearance, RenderOptions(photo=photo))

    def test_what_the_person_never_reaches_is_the_photo_in_every_frame(
        self, sharp: Renderer, appearance: Appearance
    ) -> None:
        frames = draw(sharp, wandering(12))
        inner = round(len(appearance.matte) * 0.1), round(len(appearance.matte) * 0.9)
        matte = cv2.resize(appearance.matte[slice(*inner), slice(*inner)], (512, 512))
        far = cv2.dilate(matte, np.ones((161, 161), np.uint8)) == 0
        assert far.sum() > 2000
        assert all(np.array_equal(frame[far], frames[0][far]) for frame in frames)

    def test_the_moving_face_is_as_sharp_as_the_photo(self, appearance: Appearance, photo: Frame) -> None:
        """At the photo's own resolution, by the energy of the Laplacian, for shifts by parts of a pixel."""
        side = appearance.crop[2]
        native = Renderer(appearance, RenderOptions(size=side, photo=photo))
        pixel = 1 / (side * appearance.interocular)
        still, *moved = draw(
            native,
            Motion.concatenate(motion(translation=(d * pixel, d * pixel, 0)) for d in (0, 0.15, 0.35, 0.5, 0.65, 0.85)),
        )
        points = appearance.landmarks[[70, 300, 411, 187], :2] * side  # brows and cheeks
        left, top = (points.min(0) + 4).astype(int)
        right, bottom = (points.max(0) - 4).astype(int)

        def energy(frame: Frame) -> float:
            gray = cv2.cvtColor(frame[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
            return float(np.square(cv2.Laplacian(gray, cv2.CV_32F)).mean())

        assert np.mean([energy(frame) for frame in moved]) > 0.95 * energy(still)

    def test_nothing_of_the_photos_background_comes_before_a_chosen_one(
        self, appearance: Appearance, photo: Frame
    ) -> None:
        color = np.array([[[0, 160, 60]]], np.uint8)
        frame = draw(Renderer(appearance, RenderOptions(photo=photo, background=color)), motion())[0]
        assert np.array_equal(frame[60, 20], color[0, 0])
        before = draw(Renderer(appearance, RenderOptions(photo=photo)), motion())[0]
        assert np.array_equal(frame[200:320, 200:300], before[200:320, 200:300])

    def test_a_picture_behind_the_person_fills_the_frame(self, appearance: Appearance) -> None:
        picture = np.zeros((100, 400, 3), np.uint8)
        picture[:, 150:250] = 200  # the middle square is what fits
        frame = draw(Renderer(appearance, RenderOptions(background=picture)), motion())[0]
        assert (frame[20, [5, 505]] > 150).all()
