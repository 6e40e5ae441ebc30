"""What shows between the lips. About 12 s on two cores."""

from __future__ import annotations

import dataclasses
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.render.measure import Frame, draw, motion, psnr

from vasari.face import encode
from vasari.face.mouth.layers import mouth_patch
from vasari.face.mouth.palette import palette
from vasari.face.mouth.teeth import photographed_teeth
from vasari.face.picture.tones import Tones
from vasari.face.shape.canonical import face_space
from vasari.render import Renderer, RenderOptions
from vasari.render.mouth.dentition import LOWER, MM, UPPER, Arch
from vasari.values import Appearance, Motion
from vasari.values.appearance import MARGIN
from vasari.values.landmarks import LOWER_LIP, UPPER_LIP
from vasari.values.motion import coefficient_index

SMILE = {
    **{"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6, "mouthUpperUpLeft": 0.6, "mouthUpperUpRight": 0.6},
    **{"mouthLowerDownLeft": 0.4, "mouthLowerDownRight": 0.4, "jawOpen": 0.15},
}


def with_tongue(shown: Motion, raised: float) -> Motion:
    shown.tongue[:] = raised
    return shown


def lab(color: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """(3,) RGB 0..255 -> L*, a*, b*"""
    return np.asarray(cv2.cvtColor(np.float32(color / 255)[None, None], cv2.COLOR_RGB2LAB)[0, 0])


def skin_of(appearance: Appearance) -> NDArray[np.floating[Any]]:
    """(3,) RGB beside the mouth."""
    places = (appearance.landmarks[[205, 425], :2] + MARGIN) / (1 + 2 * MARGIN) * len(appearance.pixels)
    return np.asarray(np.median([appearance.pixels[round(y), round(x)] for x, y in places], 0), np.float64)


def mouth(appearance: Appearance, frame: Frame) -> Frame:
    """The part of a frame around the mouth."""
    x, y, _ = appearance.mouth_place * len(frame)
    half = 0.45 * appearance.interocular * len(frame)
    return frame[round(y - 0.6 * half) : round(y + half), round(x - half) : round(x + half)]


@pytest.mark.parametrize(("arch", "canines", "molars"), [(UPPER, 33, 52), (LOWER, 25, 49)], ids=["upper", "lower"])
def test_the_arches_are_as_wide_as_people_s(arch: Arch, canines: float, molars: float) -> None:
    """Millimeters between the cusps of the canines and of the first molars; the arch is the outer line around them."""
    widths = np.array([crown.width for crown in arch.crowns])
    along = np.cumsum(widths) - widths / 2
    across = 2 * arch.curve / MM * np.arcsinh(along * MM / arch.curve)
    assert canines - 1 < across[2] < canines + 3
    assert molars - 1 < across[5] < molars + 4


def test_a_jaw_that_opens_bends_both_lips_from_corner_to_corner(appearance: Appearance) -> None:
    jaw_open = appearance.shapes[coefficient_index("jawOpen"), :, 1]
    upper, lower = jaw_open[list(UPPER_LIP[0])], jaw_open[list(LOWER_LIP[0])]
    middle = len(upper) // 2
    assert (np.diff(upper[: middle + 1]) < 0).all()
    assert (np.diff(upper[middle:]) > 0).all()
    assert (np.diff(lower[: middle + 1]) > 0).all()
    assert (np.diff(lower[middle:]) < 0).all()
    gap = lower[middle] - upper[middle]
    assert -0.15 < upper[middle] / gap < -0.05
    assert upper[0] / gap == pytest.approx(0.28, abs=0.06)


def test_a_closed_mouth_hides_the_tongue(renderer: Renderer) -> None:
    still, raised = draw(renderer, motion()), draw(renderer, with_tongue(motion(), 1))
    assert np.abs(still.astype(int) - raised).max() <= 2


class TestLips:
    @pytest.fixture(scope="class")
    def drawers(self, appearance: Appearance) -> tuple[Renderer, Renderer]:
        """The same face with two colors of all that lies behind its lips but for the web at their corners."""
        colors = (np.array([(n,) * 3, (10,) * 3, (n,) * 3, (n,) * 3], np.float32) for n in (10, 250))
        dark, bright = (Renderer(dataclasses.replace(appearance, palette=c), RenderOptions()) for c in colors)
        return dark, bright

    @pytest.mark.parametrize(
        "closed", [{}, {"mouthPressLeft": 0.8, "mouthPressRight": 0.8}, {"jawOpen": 0.2, "mouthClose": 0.2}], ids=str
    )
    def test_closed_ones_let_nothing_through(
        self, drawers: tuple[Renderer, Renderer], closed: dict[str, float]
    ) -> None:
        """To the very corners: whatever the color of what lies behind."""
        dark, bright = (draw(one, motion(coefficients=closed))[0] for one in drawers)
        np.testing.assert_array_equal(dark, bright)

    @pytest.mark.parametrize("yaw", [-20, 0, 20])
    def test_parted_ones_leave_a_round_opening(self, drawers: tuple[Renderer, Renderer], yaw: float) -> None:
        """It fills as much of its rectangle as an ellipse, .785, and has blunt ends; a rhomb fills .5."""
        dark, bright = (draw(one, motion(rotation=(yaw, 0, 0), jawOpen=0.6))[0].astype(int) for one in drawers)
        heights = ((bright - dark).mean(2) > 60).sum(0)
        heights = heights[heights > 0]
        assert heights.mean() > 0.74 * heights.max()
        assert min(heights[1], heights[-2]) > 0.25 * heights.max()


def test_the_tip_of_the_tongue_rises(appearance: Appearance, renderer: Renderer) -> None:
    open_mouthed = {"jawOpen": 0.5}
    low, high = (draw(renderer, with_tongue(motion(coefficients=open_mouthed), t))[0] for t in (0, 1))
    change = np.abs(mouth(appearance, low).astype(int) - mouth(appearance, high)).max(2)
    assert (change > 15).sum() > 100


def test_a_tongue_put_out_lies_over_the_lower_lip(appearance: Appearance, renderer: Renderer) -> None:
    inside, out = (draw(renderer, motion(jawOpen=0.4, tongueOut=t))[0] for t in (0, 1))
    unit = appearance.interocular * len(out)
    x, y = appearance.mouth_place[:2] * len(out)
    below = np.s_[round(y + 0.2 * unit) : round(y + 0.3 * unit), round(x - 0.05 * unit) : round(x + 0.05 * unit)]
    assert np.abs(out[below].astype(int) - inside[below]).max(2).mean() > 20


def test_upper_teeth_stay_with_the_skull(appearance: Appearance, renderer: Renderer) -> None:
    """While the jaw drops, the bright row below the upper lip stays where it is."""
    lips_up = {"mouthUpperUpLeft": 0.7, "mouthUpperUpRight": 0.7}
    unit = appearance.interocular * 512
    columns = slice(*(round(appearance.mouth_place[0] * 512 + s * 0.08 * unit) for s in (-1, 1)))

    def row(jaw: float) -> float:
        frame = draw(renderer, motion(coefficients=lips_up | {"jawOpen": jaw}))[0]
        y = round(float(appearance.mouth_place[1]) * 512)
        part = frame[y - 12 : y + 12, columns].astype(float)
        pale = np.clip(part[..., 2] - 60, 0, None).mean(1) * (part[..., 0] < 1.6 * part[..., 2]).mean(1)
        return float((pale * np.arange(24)).sum() / pale.sum())

    assert row(0.4) == pytest.approx(row(0.9), abs=2.5)


@pytest.mark.parametrize("seam", [-8.5, 0, 8.5], ids=["left", "middle", "right"])
def test_single_teeth_are_told_apart(appearance: Appearance, renderer: Renderer, seam: float) -> None:
    """Across the upper incisors it is darker between two, so many millimeters from the middle, than on either."""
    frame = draw(renderer, motion(coefficients=SMILE | {"jawOpen": 0.4}))[0].astype(float).mean(2)
    mm = MM * appearance.interocular * 512
    x, y = 512 * (appearance.origin[:2] + appearance.axes[:2] @ appearance.incisors[0] * appearance.interocular)
    row = frame[round(y - 4 * mm) : round(y - 2 * mm)].mean(0)
    start = round(x + (seam - 2) * mm)
    between = start + int(row[start : start + round(4 * mm)].argmin())
    beside = (row[between - round(4 * mm) : between], row[between : between + round(4 * mm)])
    assert row[between] < 0.88 * min(tooth.max() for tooth in beside)


class TestColors:
    """Of teeth, gums, tongue and the dark, as the photo would have them."""

    @staticmethod
    def of(appearance: Appearance, pixels: Frame) -> NDArray[np.float32]:
        points = appearance.landmarks.astype(np.float64)
        space = face_space(points)
        seen = photographed_teeth(mouth_patch(points, space), pixels, points, space)
        return palette(pixels, points, space, Tones.of(pixels, points, space), seen)

    def test_teeth_are_lighter_than_skin_and_hardly_tinted(self, appearance: Appearance) -> None:
        teeth, skin = lab(self.of(appearance, appearance.pixels)[0]), lab(skin_of(appearance))
        assert teeth[0] > skin[0] + 10
        assert np.hypot(*teeth[1:]) < 0.4 * np.hypot(*skin[1:])

    def test_a_darker_photo_gets_darker_teeth(self, appearance: Appearance) -> None:
        dark = self.of(appearance, (appearance.pixels * 0.4).astype(np.uint8))
        assert dark[0].mean() < 0.5 * appearance.palette[0].mean()

    @pytest.mark.parametrize(
        ("darkest", "lightest"),
        [((0, 0, 0), (255, 255, 255)), ((30, 12, 5), (250, 235, 205)), ((10, 30, 40), (225, 245, 245))],
        ids=["black and white", "sepia", "cyan"],
    )
    def test_a_photo_in_tones_of_one_color_gets_no_other(
        self, appearance: Appearance, darkest: tuple[int, ...], lightest: tuple[int, ...]
    ) -> None:
        gray = cv2.cvtColor(appearance.pixels, cv2.COLOR_RGB2GRAY)[..., None] / 255
        first, last = np.array(darkest), np.array(lightest)
        colors = self.of(appearance, (first + (last - first) * gray).astype(np.uint8))
        share = (colors.mean(1, keepdims=True) - first.mean()) / (last - first).mean()
        np.testing.assert_allclose(colors, first + (last - first) * share, atol=4)

    def test_a_pale_photo_gets_no_darker_than_it_is(self, appearance: Appearance) -> None:
        pale = (110 + 0.4 * appearance.pixels).astype(np.uint8)
        colors = self.of(appearance, pale)
        assert colors.min() > np.percentile(pale, 0.2)
        assert lab(colors[2])[1] < 0.6 * lab(appearance.palette[2])[1]


class TestTeethInThePhoto:
    @pytest.fixture(scope="class")
    def smiling(self, renderer: Renderer) -> Frame:
        frame: Frame = draw(renderer, motion(coefficients=SMILE))[0]
        return frame

    @pytest.fixture(scope="class")
    def smiler(self, smiling: Frame) -> Appearance:
        return encode(smiling)

    def test_are_found(self, smiler: Appearance, appearance: Appearance) -> None:
        assert (smiler.mouth[..., 2] > 128).sum() > 200
        assert not appearance.mouth[..., 2:].any()

    def test_give_ours_their_color(self, smiling: Frame, smiler: Appearance) -> None:
        x, y, half = smiler.mouth_place
        left, top, side = smiler.crop
        size = round(2 * half * side)
        row, column = round(top + (y - half) * side), round(left + (x - half) * side)
        bluer = smiling.copy()
        patch = bluer[row : row + size, column : column + size]
        shown = cv2.resize(smiler.mouth[..., 2], (size, size)) > 100
        patch[shown] = (patch[shown] * np.array([0.8, 0.9, 1.0])).astype(np.uint8)
        before, after = smiler.palette[0], encode(bluer).palette[0]
        assert after[0] / after[2] < 0.95 * before[0] / before[2]

    def test_are_given_back_as_they_are_wherever_the_lips_go(self, smiling: Frame, smiler: Appearance) -> None:
        left, top, side = smiler.crop
        crop = cv2.resize(smiling[top : top + side, left : left + side], (512, 512), interpolation=cv2.INTER_CUBIC)
        opened = Motion.concatenate([smiler.source_motion] * 2)
        opened.coefficients[1, coefficient_index("jawOpen")] += 0.2
        again, wider = draw(Renderer(smiler, RenderOptions()), opened)
        assert psnr(mouth(smiler, again), mouth(smiler, crop)) > 28
        x, y, half = smiler.mouth_place * 512
        shown = np.zeros((512, 512), np.uint8)
        rows, columns = (slice(round(n - half), round(n - half) + round(2 * half)) for n in (y, x))
        shown[rows, columns] = cv2.resize(smiler.mouth[..., 2], (round(2 * half),) * 2, interpolation=cv2.INTER_AREA)
        teeth = shown > 200
        assert psnr(wider[teeth], crop[teeth]) > 25
