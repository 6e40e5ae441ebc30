"""A motion's parts, and head poses as a table. Takes 1 s."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vasari.values import COEFFICIENTS, InputError, Motion
from vasari.values.parts import Part, combined, exchanged
from vasari.values.pose_csv import from_pose_csv, is_pose_csv

ARRAYS = ("rotation", "translation", "coefficients", "tongue")


def wandering(seed: int, frames: int = 7) -> Motion:
    random = np.random.default_rng(seed)
    shapes = {"rotation": (3,), "translation": (3,), "coefficients": (len(COEFFICIENTS),), "tongue": ()}
    return Motion(**{name: random.random((frames, *s), np.float32) for name, s in shapes.items()}, fps=25.0)


def test_each_part_comes_from_its_source_and_nothing_else_does() -> None:
    base, other = wandering(0), wandering(1)
    moved = {
        "jawOpen": Part.MOUTH,
        "mouthSmileLeft": Part.MOUTH,
        "tongueOut": Part.MOUTH,
        "cheekPuff": Part.MOUTH,
        "browInnerUp": Part.EXPRESSION,
        "eyeBlinkRight": Part.EXPRESSION,
        "eyeLookInLeft": Part.EXPRESSION,
        "cheekSquintLeft": Part.EXPRESSION,
        "noseSneerRight": Part.EXPRESSION,
    }
    for part in Part:
        mixed = exchanged(base, part, other)
        for name, owner in moved.items():
            assert np.array_equal(mixed(name), (other if owner is part else base)(name)), name
        pose = other if part is Part.POSE else base
        assert np.array_equal(mixed.rotation, pose.rotation)
        assert np.array_equal(mixed.translation, pose.translation)
        assert np.array_equal(mixed.tongue, (other if part is Part.MOUTH else base).tongue)


@pytest.mark.parametrize("order", list(permutations(Part)))
def test_all_parts_are_the_whole_in_any_order(order: tuple[Part, ...]) -> None:
    mixed, other = wandering(0), wandering(1)
    for part in order:
        mixed = exchanged(mixed, part, other)
    for name in ARRAYS:
        assert np.array_equal(getattr(mixed, name), getattr(other, name)), name


@given(st.integers(1, 9), st.integers(1, 12))
def test_what_ends_early_holds_its_last_frame_and_what_goes_on_is_cut(frames: int, wanted: int) -> None:
    motion = wandering(2, frames)
    lasting = motion.lasting(wanted)
    assert len(lasting) == wanted
    for name in ARRAYS:
        own, kept = getattr(motion, name), getattr(lasting, name)
        both = min(frames, wanted)
        assert np.array_equal(kept[:both], own[:both])
        assert (kept[both:] == own[-1]).all()


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_windows_take_their_own_stretch_of_each_source(lengths: list[int]) -> None:
    frames = sum(lengths)
    base, pose, mouth = (wandering(seed, frames) for seed in range(3))
    ends = np.cumsum(lengths)
    windows = (base[end - length : end] for end, length in zip(ends, lengths, strict=True))
    mixed = list(combined(windows, {Part.POSE: pose, Part.MOUTH: mouth}))
    assert [len(window) for window in mixed] == lengths
    whole = exchanged(exchanged(base, Part.POSE, pose), Part.MOUTH, mouth)
    for name in ARRAYS:
        assert np.array_equal(getattr(Motion.concatenate(mixed), name), getattr(whole, name)), name


class TestPoses:
    def test_rows_at_any_pace(self) -> None:
        motion = from_pose_csv("second,yaw,pitch,roll\n0,0,5,0\n1,10,5,0\n3,-10,5,2\n")
        assert motion.seconds == pytest.approx(3)
        at = (np.array([0.5, 1.0, 2.0]) * motion.fps).astype(int)
        assert motion.rotation[at] == pytest.approx(np.array([[5, 5, 0], [10, 5, 0], [0, 5, 1]]), abs=0.1)
        assert not motion.translation.any()
        assert not motion.coefficients.any()

    def test_translation_in_any_order_of_columns(self) -> None:
        text = "z, second, roll, pitch, yaw, x, y\n0.5,0,0,0,0,0.1,-0.2\n0.5,1,0,0,0,0.1,-0.2\n"
        assert is_pose_csv(text)
        motion = from_pose_csv(text)
        assert motion.translation == pytest.approx(np.tile([0.1, -0.2, 0.5], (len(motion), 1)))

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ("", "no rows"),
            ("0,a,0,0\n", "cannot be read"),
            ("1,0,0,0\n0,0,0,0\n", "must rise"),
            ("0,nan,0,0\n", "be numbers"),
            ("-1,0,0,0\n", "from 0"),
            ("1e9,0,0,0\n", "to 14400"),
        ],
    )
    def test_what_is_wrong_is_said(self, rows: str, words: str) -> None:
        with pytest.raises(InputError, match=words):
            from_pose_csv("second,yaw,pitch,roll\n" + rows)

    def test_other_tables_are_none(self) -> None:
        assert not is_pose_csv("Timecode,BlendShapeCount,HeadYaw\n")
        assert not is_pose_csv("")
