"""Fit the articulation network anew: `python -m vasari.motion.fit [--hold-out VOICE]`.

Needs Debian's `flite` (apt-get install flite): four of its voices say plain sentences of Python's own language
reference and tell when each phone begins; nothing else goes in. Takes about ten minutes on two cores and overwrites
articulation.safetensors beside this file. With --hold-out the named voice is kept for the test, the figures are
printed and nothing is written.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from pydoc_data.topics import topics
from typing import Final, NamedTuple

import numpy as np
import torch
from safetensors.numpy import save_file
from scipy.signal import fftconvolve, resample_poly
from torch import nn

from vasari.motion.articulation import OFFSETS, REACH, WEIGHTS, Articulation
from vasari.motion.lips import Speaking
from vasari.motion.speech import BANDS, SAMPLE_RATE, Floats, log_mel, speech_level, tick_count
from vasari.motion.visemes import Gesture, Phone, gestures
from vasari.motion.voice import Voice, mean_colour

VOICES: Final = ("slt", "rms", "awb", "kal16")
HIDDEN: Final = (192, 96)
_VOICE_SENTENCES: Final = 320
_HISSES: Final = 30
_TAKE_SENTENCES: Final = 4
"""Sentences of one voice are joined into takes, whose level and colour are then those of a recording."""


class Take(NamedTuple):
    samples: Floats
    phones: list[Phone]


def sentences() -> list[str]:
    """Plain sentences of the documentation that Python carries (PSF licence), in a fixed order."""
    text = "\n\n".join(topics[key] for key in sorted(topics))
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))
    found = (s for paragraph in paragraphs for s in re.split(r"(?<=[.!?:;]) ", paragraph))
    return list(
        dict.fromkeys(s for s in found if re.fullmatch(r"[A-Z][A-Za-z ,'-]+[.:;?]", s) and 4 < len(s.split()) < 17)
    )


def speak(voice: str, sentence: str, stretch: float) -> Take:
    """One sentence by flite, with the times of its phones."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}", "-psdur", "-t", sentence]
        said = subprocess.run([*command, "-o", file.name], capture_output=True, text=True, check=True).stdout
        with wave.open(file.name) as sound:
            pcm = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    names, ends = zip(*(token.rsplit(":", 1) for token in said.split()), strict=True)
    times = [0.0, *map(float, ends)]
    phones = [Phone(name, start, stop) for name, start, stop in zip(names, times[:-1], times[1:], strict=True)]
    return Take((pcm / 32768).astype(np.float32), phones)


def takes(voice: str, rng: np.random.Generator) -> Iterator[Take]:
    """A voice's own choice of the sentences, a few to a take."""
    lines = rng.permutation(sentences())[:_VOICE_SENTENCES]
    for i in range(0, len(lines), _TAKE_SENTENCES):
        samples, phones, offset = [], [], 0.0
        for line in lines[i : i + _TAKE_SENTENCES]:
            part = speak(voice, line, rng.uniform(0.8, 1.2))
            samples.append(part.samples)
            phones += [Phone(name, start + offset, stop + offset) for name, start, stop in part.phones]
            offset += len(part.samples) / SAMPLE_RATE
        yield Take(np.concatenate(samples), phones)


def disturbed(take: Take, rng: np.random.Generator) -> Take:
    """The same speech by a longer or shorter vocal tract, through another microphone, in a room, with noise."""
    speed = rng.choice([84, 90, 96, 104, 112, 120, 128, 136])
    x = resample_poly(take.samples, 100, speed)
    phones = [Phone(name, start * 100 / speed, stop * 100 / speed) for name, start, stop in take.phones]

    frequencies = np.fft.rfftfreq(len(x), 1 / SAMPLE_RATE)
    knots = np.log([50, 200, 500, 1000, 2000, 4000, 8050])
    gain = np.interp(np.log(frequencies + 50), knots, rng.normal(0, 4, len(knots)))
    x = np.fft.irfft(np.fft.rfft(x) * 10 ** (gain / 20), len(x))
    if rng.random() < 0.5:
        t = np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
        room = rng.normal(size=len(t)) * np.exp(-t / rng.uniform(0.03, 0.12))
        room *= rng.uniform(0.1, 0.4) / np.linalg.norm(room)
        room[0] = 1
        x = fftconvolve(x, room)[: len(x)]
    noise = rng.normal(size=len(x))
    if rng.random() < 0.6:
        noise = np.fft.irfft(np.fft.rfft(noise) / np.sqrt(frequencies + 20), len(x))
    x += noise / noise.std() * x.std() * 10 ** (-rng.uniform(12, 50) / 20)
    return Take(x.astype(np.float32), phones)


def hiss(rng: np.random.Generator, seconds: float = 6.0) -> Take:
    """A room in which nobody speaks."""
    noise = 0.01 * rng.normal(size=round(seconds * SAMPLE_RATE))
    return disturbed(Take(noise.astype(np.float32), [Phone("pau", 0.0, seconds)]), rng)


class Examples(NamedTuple):
    spectra: Floats
    """(ticks + 2 REACH, BANDS) normalised."""
    targets: Floats
    """(ticks, 6)"""
    colour: Floats


def examples(take: Take) -> Examples:
    """What the network sees and should say, tick by tick."""
    ticks = tick_count(take.samples)
    mel = log_mel(take.samples, -REACH, ticks + REACH)
    level = speech_level(take.samples)
    colour = mean_colour(mel[REACH:-REACH], level)
    return Examples(Voice(level, colour).normalised(mel), gestures(take.phones, ticks), colour)


def fit(data: list[Examples], epochs: int = 10, batch: int = 2048) -> Articulation:
    """Adam on squared error of opening and rounding and cross-entropy of the contacts."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    spectra = torch.from_numpy(np.concatenate([d.spectra for d in data]))
    targets = torch.from_numpy(np.concatenate([np.pad(d.targets, ((REACH, REACH), (0, 0))) for d in data]))
    inner = torch.from_numpy(np.concatenate([np.pad(np.ones(len(d.targets), bool), REACH) for d in data]))
    ticks, offsets = inner.nonzero()[:, 0], torch.tensor(OFFSETS)
    sizes = (len(OFFSETS) * BANDS, *HIDDEN, len(Gesture))
    linear = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    net = nn.Sequential(nn.Dropout(0.05), linear[0], nn.ReLU(), nn.Dropout(0.1), linear[1], nn.ReLU(), linear[2])
    adam = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-3)
    steps = len(ticks) // batch
    rare = torch.tensor([3.0, 1.5, 1.0, 1.0])
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, 3e-3, total_steps=epochs * steps + 1)
    for epoch in range(epochs):
        total = 0.0
        for chosen in ticks[torch.randperm(len(ticks))][: steps * batch].view(steps, batch):
            said, wanted = net(spectra[chosen[:, None] + offsets].flatten(1)), targets[chosen]
            spoken = 0.2 + 0.8 * wanted[:, Gesture.SPEECH :]
            square = (spoken * (said[:, :2] - wanted[:, :2]) ** 2).mean()
            cross = nn.functional.binary_cross_entropy_with_logits(said[:, 2:], wanted[:, 2:], pos_weight=rare)
            loss = 4 * square + cross
            adam.zero_grad()
            loss.backward()
            adam.step()
            rate.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1} of {epochs}: loss {total / steps:.4f}", flush=True)

    every = np.concatenate([d.targets for d in data])
    low, high = np.percentile(every[every[:, Gesture.SPEECH] > 0.5, Gesture.OPENING], (8, 93))
    layers = tuple((layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear)
    return Articulation(layers, np.mean([d.colour for d in data], 0), (float(low), float(high)))


def score(network: Articulation, data: list[Take]) -> dict[str, float]:
    """How well a network hears speech whose phones are known.

    Returns:
        Pearson correlation of opening and rounding with the targets; the area under the ROC curve of telling open
        vowels from p, b, m by the gap between the lips at the phone's middle; and the part of p, b, m whose narrowest
        gap is under 15% of the take's 90th percentile.
    """
    heard, wanted, closed, vowels, shut = [], [], [], [], []
    for take in data:
        voice = Voice.of(take.samples, network)
        ticks = tick_count(take.samples)
        mel = log_mel(take.samples, -REACH, ticks + REACH)
        said = network(voice.normalised(mel))
        speaking = Speaking.of(said, mel[REACH:-REACH], voice)
        gap = speaking.opening * (1 - speaking.closed)
        high = np.percentile(gap[speaking.activity > 0.5], 90)
        heard.append(said)
        wanted.append(gestures(take.phones, ticks))
        for name, start, stop in take.phones:
            span = gap[round(start * 100) : max(round(stop * 100), round(start * 100) + 1)]
            if len(span) and name in ("p", "b", "m"):
                closed.append(span[len(span) // 2] / high)
                shut.append(span.min() < 0.15 * high)
            elif len(span) and name in ("aa", "ae", "ao", "ay", "aw", "eh"):
                vowels.append(span[len(span) // 2] / high)

    said, true = np.concatenate(heard), np.concatenate(wanted)
    spoken = true[:, Gesture.SPEECH] > 0.5
    return {
        "opening r": float(np.corrcoef(said[:, 0], true[:, 0])[0, 1]),
        "opening r in speech": float(np.corrcoef(said[spoken, 0], true[spoken, 0])[0, 1]),
        "rounding r": float(np.corrcoef(said[spoken, 1], true[spoken, 1])[0, 1]),
        "p/b/m against open vowels AUC": float(np.mean(np.subtract.outer(vowels, closed) > 0)),
        "p/b/m closed": float(np.mean(shut)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hold-out", choices=VOICES, help="keep this voice for the test and write nothing")
    held_out = parser.parse_args().hold_out

    rng = np.random.default_rng(0)
    data = []
    for voice in VOICES:
        if voice != held_out:
            for take in takes(voice, rng):
                data += [examples(take), examples(disturbed(take, rng))]
            data += [examples(hiss(rng)) for _ in range(_HISSES)]
            print(f"{voice}: {sum(len(d.targets) for d in data) / 6000:.0f} minutes so far", flush=True)
    network = fit(data)

    if held_out:
        tests = list(takes(held_out, rng))[::4]
        print("clean", score(network, tests))
        print("disturbed", score(network, [disturbed(take, rng) for take in tests]))
        return
    path = Path(__file__).with_name(WEIGHTS)
    save_file(network.to_arrays(), path)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
