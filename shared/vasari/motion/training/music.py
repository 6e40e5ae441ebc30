"""Music of synthetic instruments, in which nobody sings: what lips must not take for speech.

Tones are like vowels: harmonics under an envelope, one after the other. So what is made here is as various as can be
had cheaply: plucked, struck, bowed, blown and swept tones of drawn timbres, in chords, basses, figures and melodies,
with and without drums.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from vasari.motion.speech import SAMPLE_RATE, Floats

Sound = NDArray[np.float64]
Instrument = Callable[[float, float], Sound]
"""A tone of so many Hz that is held for so many seconds; it may ring on."""

_SCALES: Final = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 3, 5, 7, 10))
_PARTS: Final = ("chords", "bass", "figure", "melody")
_PARTIALS: Final = 24


def music(count: int, rng: np.random.Generator) -> Floats:
    """So many samples of a piece of its own: drawn tempo, key, chords, parts and instruments. Standard deviation 1."""
    beat, root = 60 / rng.uniform(60, 170), rng.uniform(45, 57)
    scale = _SCALES[rng.integers(len(_SCALES))]
    bars = rng.integers(len(scale), size=4)
    seconds = count / SAMPLE_RATE
    out = np.zeros(count)
    playing = [part for part in _PARTS if rng.random() < 0.5] or [str(rng.choice(_PARTS))]
    for part in playing:
        instrument, loud = _instrument(rng), 10 ** rng.uniform(-0.7, 0)
        octave = -12 if part == "bass" else 12 * int(rng.integers(3))
        every = beat * {"chords": 2.0 * rng.integers(1, 3), "bass": 1.0, "figure": 0.5, "melody": 0.0}[part]
        at = -rng.uniform(0, 2 * beat)
        while at < seconds:
            held = float(every or beat * rng.choice([0.5, 1, 1, 2, 3]))
            degree = int(bars[int(max(at, 0) / (4 * beat)) % 4])
            steps = {"chords": (0, 2, 4), "bass": (0,)}.get(part) or (int(rng.integers(-2, len(scale) + 2)),)
            for step in steps if part == "chords" or rng.random() > 0.12 else ():
                octaves, place = divmod(degree + step, len(scale))
                pitch = 440 * 2 ** ((root + octave + 12 * octaves + scale[place] - 69) / 12)
                _add(out, at, loud * rng.uniform(0.6, 1) * instrument(float(pitch), held * rng.uniform(0.5, 1)))
            at += held
    if rng.random() < 0.5:
        _drums(out, beat, rng)
    return np.asarray(out / (out.std() + 1e-9), np.float32)


def _add(out: Sound, at: float, sound: Sound) -> None:
    """Mix a sound in that begins at so many seconds; what lies outside is lost."""
    start = round(at * SAMPLE_RATE)
    sound = sound[max(-start, 0) : max(len(out) - start, 0)]
    start = max(start, 0)
    out[start : start + len(sound)] += sound


def _instrument(rng: np.random.Generator) -> Instrument:
    return partial(_plucked, rng=rng) if rng.random() < 0.25 else _toned(rng)


def _plucked(pitch: float, held: float, rng: np.random.Generator) -> Sound:
    """A string: noise in a delay line that damps it (Karplus and Strong 1983)."""
    period = max(round(SAMPLE_RATE / pitch), 2)
    sound = np.zeros(round((held + 0.6) * SAMPLE_RATE))
    sound[:period] = rng.uniform(-1, 1, min(period, len(sound)))
    damping = np.zeros(period + 2)
    damping[[0, -2, -1]] = 1, -0.498, -0.498
    return np.asarray(lfilter([1.0], damping, sound))


def _toned(rng: np.random.Generator) -> Instrument:
    """Partials under a resonance, with a drawn attack, decay, vibrato, breath, and stretch of the partials."""
    struck = rng.random() < 0.5
    slope, even = rng.uniform(0.3, 2.0), rng.choice([1.0, 1.0, 0.3, 0.0])
    stretch = rng.choice([0.0, 0.0, 3e-4, 0.02]) if struck else 0.0
    attack = rng.uniform(0.002, 0.02) if struck else rng.uniform(0.02, 0.3)
    decay, faster = (rng.uniform(0.5, 6), rng.uniform(0, 1)) if struck else (0.0, 0.0)
    vibrato, rate = rng.choice([0.0, 0.004, 0.012]), rng.uniform(4, 7)
    breath = rng.choice([0.0, 0.0, 0.05, 0.2])
    centre, width = rng.uniform(300, 2500), rng.uniform(0.3, 1.5)
    sweep = rng.choice([0.0, 0.0, 1.0, -1.0]) * rng.uniform(0.5, 2)
    resonance = rng.uniform(0, 6)
    release = rng.uniform(0.05, 0.6)
    voices = rng.normal(0, 0.004, int(rng.choice([1, 1, 2, 3])))
    order = np.arange(1, _PARTIALS + 1)
    strength = order**-slope * np.where(order % 2, 1.0, even)

    def tone(pitch: float, held: float) -> Sound:
        times = np.arange(round((held + release) * SAMPLE_RATE)) / SAMPLE_RATE
        wobble = vibrato / (2 * np.pi * rate) * (1 - np.cos(2 * np.pi * rate * times))
        peak = np.log2(centre) + sweep * np.exp(-times / 0.2)
        sound = breath * rng.normal(size=len(times))
        for k, loud in zip(order, strength, strict=True):
            hz = pitch * k * (1 + stretch * k * k) ** 0.5
            if loud and hz < SAMPLE_RATE / 2:
                shaped = loud * (1 + resonance * np.exp(-(((np.log2(hz) - peak) / width) ** 2)))
                shaped *= np.exp(-times * decay * (1 + faster * k))
                for off in voices:
                    sound += shaped * np.sin(2 * np.pi * hz * (1 + off) * (times + wobble) + rng.uniform(0, 7))
        rising = np.clip(times / attack, 0, 1)
        return np.asarray(sound * rising * np.clip((held + release - times) / release, 0, 1))

    return tone


def _drums(out: Sound, beat: float, rng: np.random.Generator) -> None:
    times = np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    hiss = rng.normal(size=len(times))
    bass = np.sin(2 * np.pi * 50 * times + 12 * (1 - np.exp(-times / 0.03))) * np.exp(-times / rng.uniform(0.06, 0.2))
    snare = (hiss + np.sin(2 * np.pi * rng.uniform(150, 250) * times)) * np.exp(-times / rng.uniform(0.03, 0.1))
    hat = sosfilt(butter(2, 5000, "high", fs=SAMPLE_RATE, output="sos"), hiss) * np.exp(
        -times / rng.uniform(0.01, 0.06)
    )
    loud = out.std() * 10 ** rng.uniform(-0.2, 0.7)
    pattern = rng.random((3, 8)) < np.array([[0.3], [0.3], [0.7]])
    for step in range(int(len(out) / SAMPLE_RATE / (beat / 2))):
        for sound, played in zip((bass, snare, 0.5 * hat), pattern[:, step % 8], strict=True):
            if played:
                _add(out, step * beat / 2, loud * rng.uniform(0.6, 1.2) * sound)
