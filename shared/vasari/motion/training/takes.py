"""Takes of synthetic speech whose phones are known to the hundredth of a second."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy.signal import fftconvolve, resample_poly

from vasari.motion.speech import SAMPLE_RATE, Floats
from vasari.motion.training.sentences import sentences
from vasari.motion.visemes import Phone
from vasari.values import Fault, Reason

VOICES: Final = ("slt", "rms", "awb", "kal16")
"""Voices of CMU Flite (free for any use) that tell when each phone ends: Debian's package `flite`."""
_LONG_PAUSE: Final = 0.15
"""Part of the pauses that are as long as somebody thinks."""


@dataclass(frozen=True, eq=False)
class Take:
    """A recording and what is said in it."""

    samples: Floats
    """(S,) mono, 16 kHz, -1..1."""
    phones: tuple[Phone, ...]


def speak(voice: str, sentence: str, stretch: float) -> Take:
    """One sentence by flite, with the times of its phones.

    Raises:
        Fault: flite is not installed, or does not have the voice.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "said.wav")
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}", "-psdur", "-t", sentence]
        try:
            said = subprocess.run([*command, "-o", str(file)], capture_output=True, text=True, check=True).stdout
        except (FileNotFoundError, subprocess.CalledProcessError):
            raise Fault(Reason.INTERNAL, f"flite with the voice {voice} is needed: apt-get install flite") from None
        with wave.open(str(file)) as sound:
            pcm = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    names, ends = zip(*(token.rsplit(":", 1) for token in said.split()), strict=True)
    times = [0.0, *map(float, ends)]
    phones = tuple(Phone(name, start, stop) for name, start, stop in zip(names, times[:-1], times[1:], strict=True))
    return Take((pcm / 32768).astype(np.float32), phones)


def take(voice: str, rng: np.random.Generator, seconds: float = 22.0) -> Take:
    """About so many seconds of sentences, with the pauses of somebody who speaks freely."""
    samples, phones, length = [], [], 0.0

    def pause(long: float) -> None:
        nonlocal length
        lasting = long if rng.random() < _LONG_PAUSE else rng.uniform(0.0, 0.6)
        samples.append(np.zeros(round(lasting * SAMPLE_RATE), np.float32))
        phones.append(Phone("pau", length, length + len(samples[-1]) / SAMPLE_RATE))
        length = phones[-1].stop

    pause(rng.uniform(1, 3))
    for sentence in sentences(rng):
        said = speak(voice, sentence, rng.uniform(0.8, 1.2))
        samples.append(said.samples)
        phones += [Phone(name, start + length, stop + length) for name, start, stop in said.phones]
        length += len(said.samples) / SAMPLE_RATE
        pause(rng.uniform(1, 4))
        if length > seconds:
            break
    return Take(np.concatenate(samples), tuple(phones))


def disturbed(clean: Take, rng: np.random.Generator) -> Take:
    """The same speech by a longer or shorter vocal tract, through another microphone, in a room, with noise."""
    speed = int(rng.choice([84, 90, 96, 104, 112, 120, 128, 136]))
    x = resample_poly(clean.samples, 100, speed)
    phones = tuple(Phone(name, start * 100 / speed, stop * 100 / speed) for name, start, stop in clean.phones)

    frequencies = np.fft.rfftfreq(len(x), 1 / SAMPLE_RATE)
    knots = np.log([50, 200, 500, 1000, 2000, 4000, 8050])
    gain = np.interp(np.log(frequencies + 50), knots, rng.normal(0, 4, len(knots)))
    if rng.random() < 0.2:  # the telephone's band
        gain = np.where((frequencies < 300) | (frequencies > 3400), -50, gain)
    x = np.fft.irfft(np.fft.rfft(x) * 10 ** (gain / 20), len(x))
    if rng.random() < 0.5:
        t = np.arange(round(0.4 * SAMPLE_RATE)) / SAMPLE_RATE
        room = rng.normal(size=len(t)) * np.exp(-t / rng.uniform(0.03, 0.15))
        room *= rng.uniform(0.1, 0.6) / np.linalg.norm(room)
        room[0] = 1
        x = fftconvolve(x, room)[: len(x)]
    if rng.random() < 0.15:  # overdriven
        most = np.percentile(np.abs(x), rng.uniform(95, 99.5))
        x = np.clip(x, -most, most)
    x += noise(len(x), rng) * x.std() * 10 ** (-rng.uniform(5, 45) / 20)
    return Take(x.astype(np.float32), phones)


def hiss(rng: np.random.Generator, seconds: float = 16.0) -> Take:
    """A room in which nobody speaks."""
    quiet = noise(round(seconds * SAMPLE_RATE), rng) * 10 ** rng.uniform(-3.0, -1.0)
    return Take(quiet.astype(np.float32), (Phone("pau", 0.0, seconds),))


def noise(count: int, rng: np.random.Generator) -> Floats:
    """Steady noise between white and brown, sometimes with a hum or swelling, of standard deviation 1."""
    spectrum = np.fft.rfft(rng.normal(size=count))
    frequencies = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    x = np.fft.irfft(spectrum / (frequencies + 20) ** rng.uniform(0, 1), count)
    x /= x.std()
    times = np.arange(count) / SAMPLE_RATE
    if rng.random() < 0.3:
        pitch = rng.uniform(50, 200)
        x += sum(rng.uniform(0, 0.8) / k * np.sin(2 * np.pi * pitch * k * times) for k in range(1, 6))
    if rng.random() < 0.3:
        x *= 1 + rng.uniform(0.2, 0.8) * np.sin(2 * np.pi * rng.uniform(0.1, 3) * times)
    return np.asarray(x / x.std(), np.float32)
