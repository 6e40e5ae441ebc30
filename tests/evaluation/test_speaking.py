"""What `vasari eval motion` measures, on curves whose figures are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vasari.evaluation.filmed import best_lag, correlation, without_drift
from vasari.evaluation.speaking import Spoken, contacts, lip_gap, read_phones
from vasari.values import Motion
from vasari.values.motion import coefficient_index


def curve(seed: int = 0, frames: int = 400) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=frames)
    return np.convolve(noise, np.ones(4) / 4, "same")


@pytest.mark.parametrize("lag", [-7, -1, 0, 3, 12])
def test_the_lag_of_a_film_is_found(lag: int) -> None:
    heard = curve()
    assert best_lag(heard, np.roll(heard, lag)) == lag
    assert correlation(heard, np.roll(heard, lag), lag) > 0.97


def test_slow_drift_does_not_count() -> None:
    heard = curve()
    drifting = heard + 5 * np.sin(np.arange(len(heard)) / 120)
    assert correlation(heard, drifting, 0) > 0.9
    assert without_drift(heard).std() == pytest.approx(1)


def test_phones_are_read_as_aligners_write_them(tmp_path: Path) -> None:
    file = tmp_path / "clip.phones"
    file.write_text("0.10 0.20 M\n0.20 0.45 AY1\n\n")
    assert read_phones(file) == [Spoken("m", 0.10, 0.20), Spoken("ay", 0.20, 0.45)]


def test_closed_lips_are_told_from_open_ones() -> None:
    motion = Motion.neutral(100)
    motion.coefficients[:, coefficient_index("jawOpen")] = 0.5
    motion.coefficients[20:24, coefficient_index("mouthClose")] = 0.5
    phones = [Spoken("m", 0.8, 0.95), Spoken("b", 2.0, 2.1), Spoken("ah", 0.2, 0.3), Spoken("aa", 3.0, 3.2)]
    figures = {quantity.name: value for quantity, value in contacts(motion, phones)}
    assert figures["p/b/m closed"] == 0.5
    assert figures["p/b/m against open vowels, AUC"] == 0.5
    assert lip_gap(motion)[21] == 0
