"""Takes of synthetic speech whose phones are known to the hundredth of a second."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy.signal import fftconvolve, resample_poly

from vasari.motion.speech import SAMPLE_RATE, Floats
from vasari.motion.training.music import music
from vasari.motion.training.sentences import sentences
from vasari.motion.visemes import Phone
from vasari.values import Fault, Reason

VOICES: Final = ("slt", "rms", "awb", "kal16")
"""Voices of CMU Flite (free for any use) that tell when each phone ends: Debian's package `flite`."""
_NOTES: Final = (0, 2, 4, 5, 7, 9, 12)
_LONG_PAUSE: Final = 0.15
"""Part of the pauses that are as long as somebody thinks."""


@dataclass(frozen=True, eq=False)
class Take:
    """A recording and what is said in it."""

    samples: Floats
    """(S,) mono, 16 kHz, -1..1."""
    phones: tuple[Phone, ...]


def speak(voice: str, sentence: str, stretch: float, pitch: float | None = None) -> Take:
    """One sentence by flite, with the times of its phones.

    Args:
        pitch: Hz, to say all of it on one note; rms cannot.

    Raises:
        Fault: flite is not installed, or does not have the voice.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "said.wav")
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}", "-psdur", "-t", sentence]
        if pitch:
            command += ["--setf", f"int_f0_target_mean={pitch:.1f}", "--setf", "int_f0_target_stddev=2"]
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
    parts = [_pause(rng, rng.uniform(1, 3))]
    for sentence in sentences(rng):
        parts += [speak(voice, sentence, rng.uniform(0.8, 1.2)), _pause(rng, rng.uniform(1, 4))]
        if _seconds(parts) > seconds:
            break
    return joined(parts)


def sung(voice: str, rng: np.random.Generator, seconds: float = 22.0) -> Take:
    """Sentences drawn out on the notes of a scale, a note for each word or two."""
    lowest, parts = rng.uniform(110, 200), [_pause(rng, rng.uniform(1, 3))]
    for sentence in sentences(rng):
        words = sentence.split()
        while words and _seconds(parts) < seconds:
            count = int(rng.integers(1, 3))
            note = lowest * 2 ** (float(rng.choice(_NOTES)) / 12)
            parts.append(_without_edges(speak(voice, " ".join(words[:count]), rng.uniform(1.2, 2.5), note)))
            words = words[count:]
        parts.append(_pause(rng, rng.uniform(1, 4)))
        if _seconds(parts) > seconds:
            break
    return joined(parts)


def joined(takes: Sequence[Take]) -> Take:
    """One after the other."""
    phones, length = [], 0.0
    for one in takes:
        phones += [Phone(name, start + length, stop + length) for name, start, stop in one.phones]
        length += len(one.samples) / SAMPLE_RATE
    return Take(np.concatenate([one.samples for one in takes]), tuple(phones))


def _without_edges(said: Take) -> Take:
    """Without the pauses before and after it, which flite makes around whatever it says."""
    spoken = [phone for phone in said.phones if phone.name != "pau"] or said.phones[:1]
    start, stop = spoken[0].start, spoken[-1].stop
    samples = said.samples[round(start * SAMPLE_RATE) : round(stop * SAMPLE_RATE)]
    inside = (phone for phone in said.phones if start <= phone.start < stop)
    return Take(samples, tuple(Phone(name, a - start, b - start) for name, a, b in inside))


def _pause(rng: np.random.Generator, long: float) -> Take:
    lasting = long if rng.random() < _LONG_PAUSE else rng.uniform(0.0, 0.6)
    quiet = np.zeros(round(lasting * SAMPLE_RATE), np.float32)
    return Take(quiet, (Phone("pau", 0.0, len(quiet) / SAMPLE_RATE),))


def _seconds(takes: Sequence[Take]) -> float:
    return sum(len(one.samples) for one in takes) / SAMPLE_RATE


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


def played(rng: np.random.Generator, seconds: float = 16.0) -> Take:
    """Music in which nobody sings."""
    sound = music(round(seconds * SAMPLE_RATE), rng) * 10 ** rng.uniform(-2.5, -0.8)
    return Take(sound.astype(np.float32), (Phone("pau", 0.0, seconds),))


def accompanied(voice: Take, rng: np.random.Generator) -> Take:
    """The same over music, that goes on in its pauses."""
    behind = music(len(voice.samples), rng) * voice.samples.std() * 10 ** (-rng.uniform(0, 25) / 20)
    return Take((voice.samples + behind).astype(np.float32), voice.phones)


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
