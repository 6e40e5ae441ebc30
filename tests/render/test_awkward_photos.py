"""Photos as people have them: heads that lean, photos on their sides, tight crops, bars, round avatars."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.face.test_borders import avatar
from tests.render.measure import Frame, draw, eye_opening, face, motion, mouth_opening, psnr, turn

from vasari.face import encode
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, Framing, InputError, Motion, Reason
from vasari.values.appearance import MARGIN


def whole(appearance: Appearance, photo: Frame, size: int = 320) -> Renderer:
    return Renderer(appearance, RenderOptions(size=size, framing=Framing.PORTRAIT, photo=photo))


def rolled(photo: Frame, degrees: float) -> Frame:
    """The photo on a larger ground of one color, leaning clockwise."""
    height, width = photo.shape[:2]
    reach = int(np.hypot(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    matrix[:, 2] += [(reach - width) / 2, (reach - height) / 2]
    return np.asarray(cv2.warpAffine(photo, matrix, (reach, reach), borderValue=(110, 130, 150)), np.uint8)


class TestHeadsThatLean:
    @pytest.mark.parametrize("degrees", [40.0, -55.0])
    def test_up_to_60_degrees_they_stay_as_the_photo_lies(self, photo: Frame, degrees: float) -> None:
        leaning = Renderer(encode(rolled(photo, degrees)), RenderOptions(size=320))
        rest, speaking = draw(leaning, motion())[0], draw(leaning, motion(rotation=(8, 6, 8), jawOpen=0.5, blink=1))[0]
        assert face(rest).roll == pytest.approx(degrees, abs=4)
        assert mouth_opening(rest) < 0.02
        assert mouth_opening(speaking) > 0.1
        assert eye_opening(speaking) < 0.5 * eye_opening(rest)

    @pytest.mark.parametrize("quarters", [1, 2])
    def test_a_photo_on_its_side_or_upside_down_is_turned_upright(
        self, photo: Frame, appearance: Appearance, quarters: int
    ) -> None:
        lying = np.ascontiguousarray(np.rot90(photo, quarters))
        found = encode(lying)
        assert found.upright.size == photo.shape[:2]
        assert found.crop == pytest.approx(appearance.crop, abs=8)
        shown = draw(whole(found, lying), found.source_motion)[0]
        assert psnr(shown, draw(whole(appearance, photo), appearance.source_motion)[0]) > 40


CUTS = {"forehead": (0.17, 1.3, -0.5, 1.5), "all around": (0.02, 0.98, 0.02, 0.98), "chin": (-0.6, 0.93, -0.6, 1.6)}
"""First and last row and column of what is left, in heights and widths of the face."""


def cropped(photo: Frame, top: float, bottom: float, left: float, right: float) -> Frame:
    x0, y0, x1, y1 = face(photo).box
    rows = np.clip(y0 + np.array([top, bottom]) * (y1 - y0), 0, len(photo)).astype(int)
    columns = np.clip(x0 + np.array([left, right]) * (x1 - x0), 0, photo.shape[1]).astype(int)
    return np.ascontiguousarray(photo[slice(*rows), slice(*columns)])


class TestFacesThatThePhotoCuts:
    @pytest.fixture(scope="class", params=list(CUTS.values()), ids=list(CUTS))
    def tight(self, request: pytest.FixtureRequest, photo: Frame) -> tuple[Appearance, Frame]:
        cut = cropped(photo, *request.param)
        appearance = encode(cut)
        return appearance, appearance.upright.of(cut)

    def test_the_frame_lies_in_the_photo(self, tight: tuple[Appearance, Frame]) -> None:
        appearance, picture = tight
        left, top, side = appearance.crop
        assert min(left, top) >= 0
        assert left + side <= picture.shape[1]
        assert top + side <= picture.shape[0]
        shown = draw(Renderer(appearance, RenderOptions(size=side)), appearance.source_motion)[0]
        assert psnr(shown, picture[top : top + side, left : left + side]) > 33

    def test_it_speaks_and_no_second_face_comes_in(self, tight: tuple[Appearance, Frame]) -> None:
        renderer = Renderer(tight[0], RenderOptions(size=320))
        rest, speaking = draw(renderer, Motion.concatenate([motion(), motion(rotation=(9, 5, 6), jawOpen=0.5)]))
        assert mouth_opening(speaking) > mouth_opening(rest) + 0.08

    def test_beyond_the_edge_skin_goes_on_smoothly(self, photo: Frame) -> None:
        """Where a photo ends above the brows, a mirror would show them again."""
        appearance = encode(cropped(photo, *CUTS["forehead"]))
        size, edge = len(appearance.pixels), round(len(appearance.pixels) * MARGIN / (1 + 2 * MARGIN))
        left, right = (appearance.landmarks[[70, 300], 0] * (size - 2 * edge) + edge).astype(int)
        gray = cv2.cvtColor(appearance.pixels, cv2.COLOR_RGB2GRAY)[:, left:right].astype(np.float32)
        detail = np.square(cv2.Laplacian(gray, cv2.CV_32F)).mean(1)
        brows, beyond = detail[edge + 2 : edge + edge // 2], detail[edge // 2 : edge - 2]
        assert beyond.mean() < 0.1 * brows.mean()

    def test_a_head_without_room_moves_little(self, photo: Frame) -> None:
        tight = Renderer(encode(cropped(photo, *CUTS["all around"])), RenderOptions(size=320))
        rest, turned = draw(tight, Motion.concatenate([motion(), motion(rotation=(30, 0, 0))]))
        assert 3 < turn(rest, turned)[0] < 16


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ((-0.5, 1.2, 0.3, 1.4), r"cuts off \d+% of the right eye"),
        ((0.3, 1.3, -0.5, 1.5), r"cuts off \d+% of the (right|left) eye"),
        ((-0.5, 0.74, -0.5, 1.5), r"cuts off \d+% of the mouth"),
    ],
)
def test_a_face_that_is_cut_through_eyes_or_mouth_is_refused(
    photo: Frame, part: tuple[float, float, float, float], words: str
) -> None:
    with pytest.raises(InputError, match=words) as refused:
        encode(cropped(photo, *part))
    assert refused.value.reason is Reason.FACE_CUT_OFF


class TestWhatIsNoPicture:
    @pytest.mark.parametrize("framing", list(Framing))
    def test_bars_are_not_in_the_video(self, photo: Frame, framing: Framing) -> None:
        barred = cv2.copyMakeBorder(photo, 0, 0, 210, 130, cv2.BORDER_CONSTANT).astype(np.uint8)
        found = encode(barred)
        assert found.upright.size == pytest.approx(photo.shape[:2], abs=4)
        shown = draw(Renderer(found, RenderOptions(320, framing, barred)), motion(rotation=(15, 0, 8)))[0]
        assert (shown.max(2) < 8).mean(0).max() < 0.5


class TestRoundAvatars:
    @pytest.fixture(scope="class")
    def avatar(self, photo: Frame) -> Frame:
        """Her hair, shoulders and hat are cut by the circle."""
        return avatar(photo, (235, 235, 235), 0)

    @pytest.fixture(scope="class")
    def encoded(self, avatar: Frame) -> Appearance:
        return encode(avatar)

    @pytest.mark.parametrize("framing", list(Framing))
    def test_the_circle_stands_still_and_the_head_moves_in_it(
        self, avatar: Frame, encoded: Appearance, framing: Framing
    ) -> None:
        size = encoded.crop[2] if framing is Framing.FACE else 512
        renderer = Renderer(encoded, RenderOptions(size, framing, avatar))
        moving = Motion.concatenate(
            [encoded.source_motion, motion(rotation=(12, 8, 8)), motion(translation=(0.3, 0, 0))]
        )
        rest, *moved = draw(renderer, moving)
        left, top, side = encoded.crop if framing is Framing.FACE else (0, 0, 512)
        shown = avatar[top : top + side, left : left + side]
        assert psnr(rest, shown) > 35
        y, x = np.mgrid[top : top + side, left : left + side]
        away = np.hypot(x - 255.5, y - 255.5)
        for frame in moved:
            assert np.abs(frame[away > 258].astype(int) - 235).max() <= 2
            rim = (away > 246) & (away < 252)
            assert (np.abs(frame[rim].astype(int) - 235).max(1) < 12).mean() < 0.2
        assert face(moved[1]).box[0] > face(rest).box[0] + 10

    def test_another_background_stands_around_it_too(self, encoded: Appearance) -> None:
        green = np.array([[[0, 200, 0]]], np.uint8)
        frame = draw(Renderer(encoded, RenderOptions(256, background=green)), motion())[0]
        np.testing.assert_array_equal(frame[:8, :8].reshape(-1, 3), np.full((64, 3), (0, 200, 0)))
