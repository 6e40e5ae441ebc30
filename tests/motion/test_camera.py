"""`vasari.motion.camera`: the camera's way."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vasari.motion import animate, play_windows
from vasari.motion.camera import camera_path
from vasari.values import CameraKeyframe, Controls, Motion

KEYFRAMES = (CameraKeyframe(4, 0, 5, 1.2), CameraKeyframe(1, 0, 0), CameraKeyframe(2, 15, 0))
"""In any order."""


def path(*times: float) -> NDArray[np.float32]:
    found = camera_path(KEYFRAMES, np.array(times, np.float64))
    assert found is not None
    return found


def test_it_passes_every_keyframe() -> None:
    assert np.allclose(path(1, 2, 4), np.array([(0, 0, 1), (15, 0, 1), (0, 5, 1.2)]))


def test_it_stands_still_before_and_after() -> None:
    assert np.array_equal(path(0, 0.5), path(1, 1))
    assert np.array_equal(path(5, 60), path(4, 4))


def test_it_moves_without_jerks_and_never_beyond_its_keyframes() -> None:
    found = path(*np.arange(0, 5, 0.04))
    assert found[:, 0].min() >= 0
    assert found[:, 0].max() <= 15
    assert np.abs(np.diff(found[:, 0], 2)).max() < 0.2


@pytest.mark.parametrize("keyframes", [(), KEYFRAMES], ids=["none", "some"])
def test_a_motion_carries_it_from_window_to_window(keyframes: tuple[CameraKeyframe, ...]) -> None:
    silence = np.zeros(6 * 16_000, np.float32)
    motion = animate(silence, Controls(camera=keyframes))
    if not keyframes:
        assert motion.camera is None
        return
    assert motion.camera is not None
    wanted = camera_path(keyframes, np.asarray((np.arange(len(motion)) + 0.5) / motion.fps, np.float64))
    assert wanted is not None
    assert np.allclose(motion.camera, wanted)
    assert np.array_equal(type(motion).from_bytes(motion.to_bytes()).seen_from, motion.camera)


def test_a_motion_that_is_played_is_seen_from_where_it_was_wished_and_is_else_as_it_was() -> None:
    motion = Motion.neutral(130)
    motion.rotation[:, 0] = np.arange(130)
    windows = list(play_windows(motion, Controls(camera=KEYFRAMES, head_motion=0), 50))
    assert [len(window) for window in windows] == [50, 50, 30]
    played = Motion.concatenate(windows)
    assert np.array_equal(played.rotation, motion.rotation)
    assert played.camera is not None
    assert np.allclose(played.camera, path(*(np.arange(130) + 0.5) / 25), atol=1e-5)
