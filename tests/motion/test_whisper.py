"""The encoder hears the same whatever the blocks, the level and what lies farther away. About 5 s."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vasari.motion.speech import SAMPLE_RATE, speech_level
from vasari.motion.whisper import AHEAD, PAST, TOKEN, WhisperEncoder, whisper

Floats = NDArray[np.float32]
_PER_TOKEN = round(TOKEN * SAMPLE_RATE)


@pytest.fixture(scope="module")
def encoder() -> WhisperEncoder:
    torch.set_num_threads(1)
    return whisper()


@pytest.fixture(scope="module")
def noise() -> Floats:
    return np.random.default_rng(0).normal(0, 0.05, 12 * SAMPLE_RATE).astype(np.float32)


def test_a_token_is_20_ms_of_512_numbers(encoder: WhisperEncoder, noise: Floats) -> None:
    assert encoder.listen(noise, -26, 0, 50).shape == (50 + 2 * AHEAD, 512)


def test_these_weights_hear_what_they_were_published_to_hear(encoder: WhisperEncoder) -> None:
    """Figures of the day on which its six layers matched CTranslate2 to 5e-4."""
    times = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    heard = encoder.listen(np.sin(2 * np.pi * 440 * times).astype(np.float32), -3, 100, 150)
    assert float(heard.std()) == pytest.approx(0.4618, abs=2e-3)
    assert float(heard[40, :8].sum()) == pytest.approx(1.5926, abs=2e-3)


def test_the_past_and_the_look_ahead_are_bounded(encoder: WhisperEncoder, noise: Floats) -> None:
    changed = noise.copy()
    changed[: (200 - PAST) * _PER_TOKEN - 400] = 0
    changed[(300 + AHEAD) * _PER_TOKEN + 400 :] = 0
    assert torch.equal(encoder.listen(changed, -26, 200, 300), encoder.listen(noise, -26, 200, 300))


def test_the_level_of_a_recording_does_not_matter(encoder: WhisperEncoder, noise: Floats) -> None:
    quiet = 0.1 * noise
    a = encoder.listen(noise, speech_level(noise), 100, 200)
    b = encoder.listen(quiet, speech_level(quiet), 100, 200)
    assert float((a - b).abs().max()) < 1e-2


def test_beyond_the_recording_is_silence(encoder: WhisperEncoder, noise: Floats) -> None:
    padded = np.pad(noise, (0, 5 * SAMPLE_RATE))
    assert torch.equal(encoder.listen(noise, -26, 550, 700), encoder.listen(padded, -26, 550, 700))
