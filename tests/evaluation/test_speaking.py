"""What `vasari eval motion` measures, on curves whose figures are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vasari.evaluation.alive import alive
from vasari.evaluation.filmed import Filmed, best_lag, correlation, without_drift
from vasari.evaluation.filmed_again import jitter
from vasari.evaluation.lips import Spoken, contacts, lip_gap, lip_rounding, picture_after_sound, read_phones
from vasari.evaluation.microphones import disturbed
from vasari.evaluation.speaking import measure_clips
from vasari.evaluation.voices import paused
from vasari.face.shape.topology import CANONICAL
from vasari.media.speech import read_speech
from vasari.motion import animate
from vasari.values import Motion
from vasari.values.landmarks import EYES
from vasari.values.motion import coefficient_index

SAMPLE = Path(__file__).parents[2] / "samples" / "speech.flac"


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
    figures = {quantity.name: value for quantity, value in contacts(lip_gap(motion), motion.fps, phones)}
    assert figures["p/b/m closed"] == 0.5
    assert figures["p/b/m against open vowels, AUC"] == 0.5
    assert lip_gap(motion)[21] == 0


def test_filmed_lips_are_measured_beside_the_motions(tmp_path: Path) -> None:
    """A film of what the motion does, three frames late, closes where the motion closes."""
    samples = read_speech(SAMPLE, 60).samples
    motion = animate(samples)
    gap = lip_gap(motion)
    film = Filmed(samples, np.zeros((len(gap), 478, 3)), np.zeros((len(gap), 3)))
    film.__dict__.update(opening=np.roll(gap, 3), width=-np.roll(lip_rounding(motion), 3))
    clip = tmp_path / "clip.mp4"
    seconds = (np.arange(len(gap)) + 0.5) / motion.fps
    said = [(second, "b" if low else "aa") for second, low in zip(seconds[25:-25:9], gap[25:-25:9] < 0.1, strict=True)]
    lines = (f"{second - 0.02:.3f} {second + 0.02:.3f} {name}" for second, name in said)
    clip.with_suffix(".phones").write_text("\n".join(lines))
    figures = {f.quantity.name: f.values["clip"] for f in measure_clips({clip: film}, lambda *_: None)}
    assert figures["lag of the clip"] == 3
    for name in ("p/b/m closed", "p/b/m against open vowels, AUC"):
        assert figures[f"{name}, as filmed"] == pytest.approx(figures[name], abs=0.02)


@pytest.mark.parametrize("later", [-2, 0, 1])
def test_pictures_that_come_late_are_found(later: int) -> None:
    gap = np.ones(200)
    starts = np.arange(20, 180, 20)
    for start in starts:
        gap[start + later : start + later + 3] = 0
    phones = [Spoken("b", start / 25, (start + 3) / 25) for start in starts]
    phones += [Spoken("aa", (start + 8) / 25, (start + 12) / 25) for start in starts]
    assert picture_after_sound(gap, 25, phones)[1] == later


def test_a_pause_is_where_nobody_speaks_for_long() -> None:
    rng = np.random.default_rng(0)
    samples = np.concatenate([rng.normal(0, 0.1, 32_000), np.zeros(32_000), rng.normal(0, 0.1, 32_000)])
    quiet = paused(samples.astype(np.float32), 150, 25.0)
    assert quiet[60:90].all()
    assert not quiet[:54].any()
    assert not quiet[96:].any()


def test_a_spoilt_recording_is_as_long_and_each_is_spoilt_otherwise() -> None:
    speech = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    sounds = dict(disturbed(speech))
    assert all(len(sound) == len(speech) and np.isfinite(sound).all() for sound in sounds.values())
    assert len({sound.tobytes() for sound in sounds.values()}) == len(sounds)
    noise = sounds["noise at 10 dB"] - speech
    assert 20 * np.log10(speech.std() / noise.std()) == pytest.approx(10, abs=0.3)
    heard = np.abs(np.fft.rfft(sounds["a telephone"]))
    assert heard[:150].mean() < 0.1 * heard[500:3000].mean()


def test_moving_the_head_is_no_jitter_and_shaking_brows_are() -> None:
    rng = np.random.default_rng(0)
    face = rng.uniform(100, 200, (478, 3)).astype(np.float32)
    face[33, :2], face[263, :2] = (100, 150), (200, 150)
    turns = 1.05 * np.exp(1j * np.cumsum(rng.normal(0, 0.02, 60)))[:, None]
    moved = (face[:, :2] @ np.array([1, 1j]))[None] * turns + rng.normal(0, 5, (60, 1))
    points = np.stack([moved.real, moved.imag, np.zeros_like(moved.real)], -1).astype(np.float32)
    assert jitter(points) < 1e-4
    points[::2, [70, 63, 105], 1] += 3
    assert jitter(points) > 1e-3


def test_what_changes_in_a_face_is_told_from_its_landmarks() -> None:
    """A mouth that widens as it opens, over the distance of the eyes' outer corners, and eyes that blink twice."""
    opening = np.abs(np.sin(np.arange(250) / 7))
    mesh = np.concatenate([CANONICAL, np.zeros((10, 3))])
    for eye in EYES:
        mesh[list(eye.iris)] = (mesh[eye.upper[0]] + mesh[eye.upper[-1]]) / 2
    points = np.repeat(256 + 100 * mesh[None], len(opening), 0)
    apart = points[0, 263, 0] - points[0, 33, 0]
    points[:, 14, 1] += 0.3 * apart * opening
    points[:, 61, 0] -= 0.1 * apart * opening
    points[:, 291, 0] += 0.1 * apart * opening
    for frame in (80, 160):
        for upper, lower in ((159, 145), (386, 374)):
            points[frame : frame + 4, upper] = points[frame : frame + 4, lower]
    figures = {quantity.name: value for quantity, value in alive(points, 25.0)}
    assert figures["width of the mouth, 5th to 95th percentile"] == pytest.approx(0.2 * 0.92, abs=0.02)
    assert figures["width of the mouth with its opening, r"] > 0.99
    assert figures["width wide open less half open"] == pytest.approx(0.2 * (0.99 - 0.7), abs=0.015)
    assert figures["blinks seen"] == pytest.approx(12)
    assert figures["yaw, 5th to 95th percentile"] == pytest.approx(0, abs=0.01)
    assert figures["height of the brows, 5th to 95th percentile"] == pytest.approx(0, abs=1e-6)
