"""What shows between the lips. About 12 s on two cores."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
from tests.render.measure import Frame, draw, motion, psnr

from vasari.face import encode
from vasari.render import Renderer, RenderOptions
from vasari.render.mouth.dentition import LOWER, MM, UPPER, Arch
from vasari.values import Appearance, Motion
from vasari.values.landmarks import LOWER_LIP, UPPER_LIP
from vasari.values.motion import coefficient_index

SMILE = {
    **{"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6, "mouthUpperUpLeft": 0.6, "mouthUpperUpRight": 0.6},
    **{"mouthLowerDownLeft": 0.4, "mouthLowerDownRight": 0.4, "jawOpen": 0.15},
}


def with_tongue(shown: Motion, raised: float) -> Motion:
    shown.tongue[:] = raised
    return shown


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


@pytest.mark.parametrize(
    "closed", [{}, {"mouthPressLeft": 0.8, "mouthPressRight": 0.8}, {"jawOpen": 0.2, "mouthClose": 0.2}], ids=str
)
def test_closed_lips_let_nothing_through(appearance: Appearance, closed: dict[str, float]) -> None:
    """To the very corners: whatever the color of what lies behind."""
    dark, bright = (
        draw(
            Renderer(dataclasses.replace(appearance, palette=np.full((4, 3), n, np.float32)), RenderOptions(size=256)),
            motion(coefficients=closed),
        )[0]
        for n in (10, 250)
    )
    np.testing.assert_array_equal(dark, bright)


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


def test_a_darker_photo_gets_darker_teeth(photo: Frame, appearance: Appearance) -> None:
    dark = encode((photo * 0.4).astype(np.uint8))
    assert dark.palette[0].mean() < 0.65 * appearance.palette[0].mean()


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

    def test_are_given_back_at_the_photo_s_expression(self, smiling: Frame, smiler: Appearance) -> None:
        left, top, side = smiler.crop
        crop = cv2.resize(smiling[top : top + side, left : left + side], (512, 512), interpolation=cv2.INTER_CUBIC)
        again = draw(Renderer(smiler, RenderOptions()), smiler.source_motion)[0]
        assert psnr(mouth(smiler, again), mouth(smiler, crop)) > 28
