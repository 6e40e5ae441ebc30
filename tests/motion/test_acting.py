"""How a face acts what it says: phrase by phrase, on accents and in pauses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from vasari.motion.acting import Acted, Acting
from vasari.motion.phrases import Cut, Phrases
from vasari.motion.speech import TICK

Curve = NDArray[np.float64]
SECONDS, BLOCK, FPS = 60, 4.0, 25
AROUND = 160
"""Ticks that are heard beyond a block, to either side."""


def spoken(start: int, stop: int) -> tuple[Curve, Curve]:
    """Activity and energy from tick to tick: three seconds of speech in every four, four syllables a second."""
    times = np.arange(start, stop) * TICK
    speaking = ((times % 4 > 0.5) & (times % 4 < 3.5) & (times > 0)).astype(float)
    return speaking, speaking * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * times) * np.sin(times) ** 2)


def blocks(seed: int) -> Iterator[Acted]:
    acting = Acting(np.random.SeedSequence(seed))
    for start in np.arange(0, SECONDS, BLOCK):
        first = round(start / TICK) - AROUND
        activity, energy = spoken(first, first + round(BLOCK / TICK) + 2 * AROUND)
        yield acting(start + (np.arange(round(BLOCK * FPS)) + 0.5) / FPS, first, activity, energy)


def face(seed: int) -> dict[str, Curve]:
    acted = list(blocks(seed))
    return {name: np.concatenate([a.face[name] for a in acted]) for name in acted[0].face}


def test_a_phrase_begins_with_a_stress_and_ends_before_the_pause() -> None:
    phrases = Phrases(0)
    found = [moment for start in range(0, 1600, 400) for moment in phrases.hear(start, *spoken(start, start + 460))]
    assert [moment.second for moment in found] == sorted(moment.second for moment in found)
    ends = [moment.second for moment in found if moment.cut is Cut.END]
    assert ends == pytest.approx([3.5, 7.5, 11.5, 15.5], abs=0.03)
    first = [min(m.second for m in found if m.cut is Cut.ONSET and m.second > t) for t in (0, 3.6, 7.6, 11.6)]
    assert np.all(np.array(first) - np.array([0.5, 4.5, 8.5, 12.5]) < 0.55)


def test_blocks_join_and_nothing_jumps() -> None:
    for name, curve in face(0).items():
        assert np.abs(np.diff(curve)).max() < 0.25, name
        assert curve.min() >= 0, name
    head = np.concatenate([acted.pose for acted in blocks(0)])
    assert np.abs(np.diff(head[:, :3], axis=0)).max() * FPS < 120


def test_attitudes_change_from_phrase_to_phrase() -> None:
    """Brows rise and are knit, corners of the mouth rise and fall, lids widen and narrow; some of it is one-sided."""
    curves = face(1)
    for name in (
        "browOuterUpLeft",
        "browDownRight",
        "mouthSmileLeft",
        "mouthFrownRight",
        "eyeWideLeft",
        "eyeBlinkLeft",
    ):
        assert np.ptp(curves[name]) > 0.1, name
    assert np.abs(curves["mouthSmileLeft"] - curves["mouthSmileRight"]).max() > 0.1


def test_eyes_leave_the_viewer_in_pauses_and_come_back_to_speak() -> None:
    times = (np.arange(SECONDS * FPS) + 0.5) / FPS
    away = np.linalg.norm(np.concatenate([acted.gaze for seed in range(3) for acted in blocks(seed)]), axis=1) > 2
    within = np.tile(times % 4, 3)
    assert away[(within > 3.9) | (within < 0.3)].mean() > 0.3
    assert away[(within > 2.5) & (within < 3.4)].mean() < 0.1


def test_who_does_not_speak_does_not_act() -> None:
    acting = Acting(np.random.SeedSequence(0))
    quiet = np.zeros(720)
    acted = acting((np.arange(100) + 0.5) / FPS, -AROUND, quiet, quiet)
    assert not acted.pose.any()
    assert not acted.gaze.any()
    assert not any(curve.any() for curve in acted.face.values())
