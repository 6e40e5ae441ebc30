"""Generated heads beside filmed ones, by the same figures. Takes 5 s."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vasari.evaluation.filmed import FPS, Filmed
from vasari.evaluation.heads import measure_heads
from vasari.values.landmarks import EYES


def filmed(reach: float, blinks: int) -> Filmed:
    """Ten seconds of a head that nods by so many degrees once a second, and blinks so often."""
    times = np.arange(10 * FPS) / FPS
    open_ = np.ones(len(times))
    for k in range(blinks):
        open_[20 + 20 * k : 25 + 20 * k] = 0.25  # what the mesh leaves of shut eyes
    points = np.zeros((len(times), 478, 3))
    for apart, eye in enumerate(EYES):
        for k, (upper, lower) in enumerate(zip(eye.upper, eye.lower, strict=True)):
            points[:, [upper, lower], 0] = 2 * apart + k / (len(eye.upper) - 1)
            if 0 < k < len(eye.upper) - 1:
                points[:, upper, 1], points[:, lower, 1] = -0.15 * open_, 0.15 * open_
    rotation = np.stack([0 * times, reach * np.sin(2 * np.pi * times), 0 * times], 1)
    return Filmed(np.zeros(0, np.float32), points, rotation)


def test_the_filmed_ones_band_is_the_aim_of_the_generated_ones() -> None:
    clips = {Path(f"{k}.mp4"): filmed(4.0 * k, blinks=2 * k) for k in (1, 2, 3)}
    figures = {f.quantity.name: f for f in measure_heads(np.zeros(32000, np.float32), 0.01, clips, lambda *_: None)}
    nods = figures["filmed pitch, standard deviation"]
    assert nods.values == pytest.approx({"1": 4 / 2**0.5, "2": 8 / 2**0.5, "3": 12 / 2**0.5}, rel=0.01)
    assert figures["filmed pitch power 0.5 to 2 Hz"].mean > 0.9
    assert figures["filmed blinks"].values == pytest.approx({"1": 12, "2": 24, "3": 36})
    assert figures["filmed blink, closed more than half"].mean == pytest.approx(200)
    aim = figures["pitch, standard deviation"].aim
    assert aim
    assert (aim.low, aim.high) == pytest.approx(np.array([4.8, 11.2]) / 2**0.5, rel=0.01)
    assert figures["pitch, standard deviation"].kept is False  # nobody speaks in it: a still head
