"""Head motion from landmarks. Takes 1 s."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vasari.face.shape.topology import CANONICAL
from vasari.face.tracking.pose import RIGID, head_motion
from vasari.values.motion import CAMERA_DISTANCE, rotation_angles, rotation_matrix

Array = NDArray[np.float64]

ROTATIONS = np.array([[0, 0, 0], [20, 0, 0], [0, -15, 0], [0, 0, 12], [-18, 9, -7]], np.float32)


@pytest.fixture
def shape() -> Array:
    """478 points of the canonical face, in interocular distances, the origin between the eyes."""
    return np.concatenate([CANONICAL, np.zeros((10, 3))])


def filmed(shape: Array, rotations: NDArray[np.float32], shift: tuple[float, float, float] = (0, 0, 0)) -> Array:
    """(T, 478, 3) in pixels, 100 between the eyes, from CAMERA_DISTANCE."""
    moved = shape @ rotation_matrix(rotations).astype(float).transpose(0, 2, 1) + shift
    moved[:, :, :2] = moved[:, :, :2] / (1 + moved[:, :, 2:] / CAMERA_DISTANCE)
    return 100 * moved + np.array([400, 300, 0])


def test_rotation_matrix_and_its_inverse() -> None:
    assert rotation_angles(rotation_matrix(ROTATIONS)) == pytest.approx(ROTATIONS, abs=1e-4)


def test_it_finds_rotation_and_shift(shape: Array) -> None:
    frames = filmed(shape, ROTATIONS, (0.3, -0.2, -1.5))
    found = head_motion(filmed(shape, ROTATIONS[:1])[0], frames)
    assert found.rotation == pytest.approx(ROTATIONS, abs=0.01)
    assert found.shift == pytest.approx(np.tile([0.3, -0.2, -1.5], (5, 1)), abs=1e-3)
    assert found.residual.max() < 1e-3


def test_a_head_that_turns_about_its_neck_does_not_shift_it(shape: Array) -> None:
    neck = np.array([0.0, 1.5, 1.0])
    turned = shape @ rotation_matrix(ROTATIONS).astype(float).transpose(0, 2, 1)
    offsets = neck - rotation_matrix(ROTATIONS).astype(float) @ neck
    frames = np.concatenate([filmed(shape, ROTATIONS[k : k + 1], tuple(offsets[k])) for k in range(len(turned))])
    found = head_motion(frames[0], frames)
    assert found.rotation == pytest.approx(ROTATIONS, abs=0.01)
    assert found.about(neck) == pytest.approx(np.zeros((5, 3)), abs=1e-3)


def test_expressions_do_not_turn_the_head(shape: Array) -> None:
    frames = filmed(shape, ROTATIONS)
    reference = frames[0].copy()
    others = [v for v in range(478) if v not in RIGID]
    frames[:, others] += np.random.default_rng(1).normal(0, 30, (5, len(others), 3))
    assert head_motion(reference, frames).rotation == pytest.approx(ROTATIONS, abs=0.01)


def test_the_depth_that_the_mesh_guesses_in_a_frame_does_not_count(shape: Array) -> None:
    frames = filmed(shape, ROTATIONS)
    reference = frames[0].copy()
    frames[:, :, 2] *= 0.8
    assert head_motion(reference, frames).rotation == pytest.approx(ROTATIONS, abs=0.05)


def test_a_point_that_slides_hardly_counts(shape: Array) -> None:
    frames = filmed(shape, ROTATIONS)
    reference = frames[0].copy()
    frames[:, RIGID[5], :2] += 20
    assert head_motion(reference, frames).rotation == pytest.approx(ROTATIONS, abs=0.5)


def test_each_frame_is_fitted_by_itself(shape: Array) -> None:
    frames = filmed(shape, ROTATIONS)
    alone = head_motion(frames[0], frames[2:3]).rotation
    assert head_motion(frames[0], frames).rotation[2:3] == pytest.approx(alone, abs=1e-5)
