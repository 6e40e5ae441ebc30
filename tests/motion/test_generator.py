"""Heads that are generated move like filmed ones, without seams, and as they are told to. About 30 s."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vasari.motion import animate, motion_generator
from vasari.motion.control_signals import ControlSignals
from vasari.motion.diffusion_transformer import (
    Conditions,
    DiffusionTransformer,
    TransformerParams,
    diffusion_transformer,
)
from vasari.motion.motion_generator import signal_vector
from vasari.motion.sampling import Guidance, levels, sample
from vasari.motion.space import FACE
from vasari.values import Controls, Emotion, Motion

Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def minutes() -> list[Motion]:
    """Two seeds of a minute over a hum that swells like syllables."""
    torch.set_num_threads(1)
    times = np.arange(60 * 16000) / 16000
    hum = sum(np.sin(2 * np.pi * 120 * k * times) / k for k in range(1, 20)) * np.sin(4 * np.pi * times) ** 2
    return [animate((0.1 * hum).astype(np.float32), Controls(seed=seed)) for seed in (1, 2)]


def test_heads_turn_as_far_and_as_fast_as_filmed_ones(minutes: list[Motion]) -> None:
    """10% to 90% of the filmed speakers, widened by a half: two minutes are few."""
    for motion in minutes:
        yaw, pitch, roll = motion.rotation.std(0)
        assert 1.0 < yaw < 12
        assert 0.7 < pitch < 9
        assert 0.5 < roll < 8
        turning = np.linalg.norm(np.diff(motion.rotation, axis=0), axis=1) * motion.fps
        assert 5 < turning.mean() < 40


def test_two_seeds_are_two_takes(minutes: list[Motion]) -> None:
    a, b = minutes
    assert abs(np.corrcoef(a.rotation[:, 0], b.rotation[:, 0])[0, 1]) < 0.8
    assert np.abs(a("browInnerUp") - b("browInnerUp")).mean() > 0.01


def test_windows_meet_without_a_step(minutes: list[Motion]) -> None:
    bend = np.mean([np.abs(np.diff(motion.rotation, 2, axis=0)).sum(1) for motion in minutes], 0)
    seams = np.arange(1, 15) * 100
    assert np.mean([bend[seams - k] for k in (0, 1, 2)]) < 1.6 * bend.mean()


def test_brows_move_and_neither_stay_up_nor_reach_their_end(minutes: list[Motion]) -> None:
    """Half a second later filmed brows are hardly like themselves."""
    for motion in minutes:
        for name in ("browInnerUp", "browOuterUpLeft"):
            brow = motion(name)
            assert brow.std() > 0.15
            assert brow.max() < 1
            assert np.corrcoef(brow[:-12], brow[12:])[0, 1] < 0.35


def test_how_lively_brows_are_does_not_turn_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a window goes on from is what was generated, not what was made of it."""
    quiet = np.zeros(9 * 16000, np.float32)
    lively = animate(quiet)
    monkeypatch.setattr(motion_generator, "_LIVELIER", {})
    calm = animate(quiet)
    assert lively("browInnerUp").std() > calm("browInnerUp").std()
    assert (lively.rotation == calm.rotation).all()


def test_lids_of_both_eyes_shut_fully_and_open_again(minutes: list[Motion]) -> None:
    for motion in minutes:
        assert motion("eyeBlinkLeft").max() > 0.85
        assert np.median(motion("eyeBlinkLeft")) < 0.1


def test_an_emotion_changes_how_the_head_is_held() -> None:
    quiet = np.zeros(40 * 16000, np.float32)
    sad, proud = (animate(quiet, Controls(emotion={e: 1.0})) for e in (Emotion.SAD, Emotion.CONTEMPT))
    assert sad.rotation[50:, 1].mean() < proud.rotation[50:, 1].mean() - 2


def test_guidance_leans_on_a_condition() -> None:
    p = TransformerParams()
    told = torch.from_numpy(np.stack([signal_vector(ControlSignals({Emotion.SAD: 1.0}))] * 4))
    given = Conditions(
        torch.zeros(4, p.tail + p.window, p.audio),
        told,
        torch.zeros(4, p.tail, p.motion),
        torch.tensor([[1.0, 1, 0]] * 4),
    )
    noise = torch.from_numpy(np.random.default_rng(0).normal(size=(4, p.window, p.motion)).astype(np.float32))
    pitch = FACE.index("pitch")
    plain, leaning = (
        sample(diffusion_transformer(), given, noise, Guidance(signals=w))[..., pitch].mean() for w in (0.0, 1.5)
    )
    assert leaning < plain < 0


def test_the_same_noise_gives_the_same_window_alone_or_in_a_batch() -> None:
    p = TransformerParams(width=16, layers=1, heads=1)
    torch.manual_seed(0)
    network = DiffusionTransformer(p).eval()
    rng = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=rng)

    given = Conditions(drawn(3, p.tail + p.window, p.audio), drawn(3, 12), drawn(3, p.tail, p.motion), torch.ones(3, 3))
    noise = drawn(3, p.window, p.motion)
    together = sample(network, given, noise, Guidance(audio=0.5))
    alone = sample(network, Conditions(*(part[1:2] for part in given)), noise[1:2], Guidance(audio=0.5))
    assert torch.allclose(together[1:2], alone, atol=1e-5)


def test_signal_and_noise_share_the_variance() -> None:
    signal, noise = levels(torch.linspace(0, 1, 5))
    assert torch.allclose(signal**2 + noise**2, torch.ones(5))
    assert float(signal[0]) == 1
    assert float(signal[-1]) == pytest.approx(0, abs=1e-6)


def test_the_space_is_normalised_and_restored() -> None:
    curves = np.random.default_rng(0).normal(size=(7, FACE.width))
    assert FACE.restored(FACE.normalised(curves)) == pytest.approx(curves, abs=1e-5)
