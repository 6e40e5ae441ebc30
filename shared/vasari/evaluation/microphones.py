"""The same speech through worse microphones, in worse rooms and beside other sounds: do the lips still do the same?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from vasari.evaluation.figures import Measured, Quantity, at_most
from vasari.evaluation.filmed import correlation
from vasari.evaluation.lips import lip_gap
from vasari.motion import animate
from vasari.motion.speech import SAMPLE_RATE

Sound = NDArray[np.float32]

_RATIOS: Final = (30, 20, 10, 5, 0)


def disturbed(speech: Sound) -> Iterator[tuple[str, Sound]]:
    """The speech, spoilt in ways that have names. Seeded: the same speech is always spoilt alike."""
    rng = np.random.default_rng(1)
    for ratio in _RATIOS:
        yield f"noise at {ratio} dB", beneath(speech, rng.normal(size=len(speech)), ratio)
    yield "a room, 0.4 s", _room(speech, rng, 0.4, 0.5)
    yield "a hall, 1.2 s", _room(speech, rng, 1.2, 0.7)
    yield "a far microphone", beneath(_room(_band(speech, 80, 5000), rng, 0.6, 2.0), rng.normal(size=len(speech)), 20)
    yield "a telephone", _band(speech, 300, 3400)
    most = float(np.percentile(np.abs(speech), 95))
    yield "clipping", np.clip(speech, -most, most)
    for ratio in (20, 10, 5):
        yield f"music behind at {ratio} dB", beneath(speech, music(len(speech)), ratio)


def measure_disturbed(speech: Sound) -> Iterator[Measured]:
    """Pearson's r of the lips' opening with that of the clean speech; how far sounds without speech part the lips."""
    clean = lip_gap(animate(speech))
    for name, sound in disturbed(speech):
        yield Quantity(f"opening r with {name}"), correlation(lip_gap(animate(sound)), clean, 0)
    for name, sound in silent(20 * SAMPLE_RATE):
        gap = lip_gap(animate(sound))
        yield Quantity(f"lips in {name}, 95th percentile", "", at_most(0.1)), float(np.percentile(gap, 95))


def silent(count: int) -> Iterator[tuple[str, Sound]]:
    """Sounds in which nobody speaks, of so many samples."""
    rng = np.random.default_rng(0)
    white = rng.normal(size=count)
    yield "white noise", np.asarray(0.01 * white, np.float32)
    yield "loud white noise", np.asarray(0.2 * white, np.float32)
    brown = np.cumsum(white) - np.convolve(np.cumsum(white), np.ones(1600) / 1600, "same")
    yield "rumble", np.asarray(0.05 * brown / brown.std(), np.float32)
    times = np.arange(count) / SAMPLE_RATE
    hum = sum(np.sin(2 * np.pi * 50 * k * times) / k for k in range(1, 8))
    yield "hum", np.asarray(0.05 * hum, np.float32)
    yield "music", np.asarray(0.1 * music(count), np.float32)


def music(count: int) -> NDArray[np.float64]:
    """Chords of plucked strings, two a second, over a soft beat; standard deviation 1."""
    rng, step = np.random.default_rng(7), SAMPLE_RATE // 2
    times = np.arange(4 * step) / SAMPLE_RATE
    out = np.zeros(count + len(times))
    for start in range(0, count, step):
        for note in rng.choice([0, 4, 7, 9, 12, 16], 3, replace=False):
            pitch = 220 * 2 ** (float(note) / 12)
            for k in range(1, 7):
                partial = np.sin(2 * np.pi * k * pitch * times) * np.exp(-times * (1.5 + k))
                out[start : start + len(times)] += partial / k
        out[start : start + 800] += rng.normal(size=800) * np.exp(-np.arange(800) / 150)
    return np.asarray(out[:count] / out[:count].std())


def beneath(speech: Sound, other: NDArray[np.floating], ratio: float) -> Sound:
    """Another sound of standard deviation 1 under the speech, so many dB weaker."""
    return np.asarray(speech + speech.std() * 10 ** (-ratio / 20) * other, np.float32)


def _room(speech: Sound, rng: np.random.Generator, seconds: float, reverberant: float) -> Sound:
    """Exponentially decaying noise as a room's answer, 60 dB in so many seconds, with so much of the direct energy."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    answer = rng.normal(size=len(times)) * 10 ** (-3 * times / seconds)
    answer *= reverberant**0.5 / np.linalg.norm(answer)
    answer[0] = 1
    return np.asarray(fftconvolve(speech, answer)[: len(speech)], np.float32)


def _band(speech: Sound, low: float, high: float) -> Sound:
    return np.asarray(sosfilt(butter(4, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos"), speech), np.float32)
