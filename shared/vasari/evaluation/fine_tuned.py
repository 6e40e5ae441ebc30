"""Lips that went on learning from filmed speakers: trained on all of them, or measured on each by the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from vasari.evaluation.figures import Figure, Measured, Quantity, Show, at_least, gathered
from vasari.evaluation.filmed import FPS, Filmed, best_lag, correlation, without_drift
from vasari.evaluation.lips import Array, contacts, lip_gap, lip_rounding, phones_of
from vasari.motion import lips
from vasari.motion.articulation import WEIGHTS, Articulation, ArticulationParams
from vasari.motion.audio_features import AudioFeatures
from vasari.motion.composition import Composition
from vasari.motion.space import FACE
from vasari.motion.speech import SAMPLE_RATE, Floats, tick_count
from vasari.motion.training import filmed as films
from vasari.motion.training.corpus import load_all
from vasari.motion.training.lips import Examples
from vasari.motion.training.whole import load_weights, save
from vasari.motion.whisper import whisper
from vasari.values import Controls, InputError, Reason

_TRUSTED: Final = 0.4
"""A clip is trained on when lips and sound agree by this much where they agree best: otherwise its lag is a guess."""


def fine_tune(
    clips: Sequence[Path], corpus: Path, output: Path, start: Path, steps: int, seed: int, device: str, show: Show
) -> list[Figure]:
    """Train the lips on clips, going on from weights; writes them and returns how well they do on these clips."""
    synthetic = _synthetic(corpus)
    starting = _network(start)
    shot = _read(clips, starting, show)
    tuned = _tuned(list(shot.values()), synthetic, output, start, steps, seed, device)
    save(tuned, output / WEIGHTS)
    return _figures(clips, shot, {path.stem: tuned for path in clips}, starting)


def leave_one_out(
    clips: Sequence[Path], corpus: Path, output: Path, start: Path, steps: int, seed: int, device: str, show: Show
) -> list[Figure]:
    """For each clip, how well lips do that were trained on all others: nothing of it was seen, nor chosen by it.

    Raises:
        InputError: fewer than two clips, or a corpus without takes.
    """
    if len(clips) < 2:
        raise InputError(Reason.INVALID_REQUEST, "leaving one out needs two clips at least")
    synthetic = _synthetic(corpus)
    starting = _network(start)
    shot = _read(clips, starting, show)
    networks = {}
    for done, path in enumerate(clips):
        show("left out", done, len(clips))
        others = [clip for name, clip in shot.items() if name != path.stem]
        networks[path.stem] = _tuned(others, synthetic, output / path.stem, start, steps, seed, device)
    show("left out", len(clips), len(clips))
    return _figures(clips, shot, networks, starting)


def _synthetic(corpus: Path) -> Examples:
    takes = load_all(corpus)
    if not takes:
        raise InputError(Reason.INVALID_REQUEST, f"{corpus} has no takes to train on; `vasari data tts` makes them")
    return Examples(takes)


class _Clip:
    """A filmed speaker, and by how many frames the picture comes after the sound, as the starting weights hear it."""

    def __init__(self, path: Path, starting: Articulation) -> None:
        self.filmed = Filmed.read(path)
        gap = said(self.filmed.samples, starting)[0]
        self.lag = best_lag(gap, self.filmed.opening)
        self.trusted = correlation(gap, self.filmed.opening, self.lag) >= _TRUSTED

    @cached_property
    def watched(self) -> films.Watched:
        """What it teaches: without what is slower than speech."""
        opening, rounding = (without_drift(curve) for curve in (self.filmed.opening, -self.filmed.width))
        return films.Watched.of(self.filmed.samples, opening, rounding, FPS, self.lag)


def _read(clips: Sequence[Path], starting: Articulation, show: Show) -> dict[str, _Clip]:
    shot = {}
    for done, path in enumerate(clips):
        show("clips", done, len(clips))
        shot[path.stem] = _Clip(path, starting)
    show("clips", len(clips), len(clips))
    return shot


def _tuned(
    clips: Sequence[_Clip], synthetic: Examples, folder: Path, start: Path, steps: int, seed: int, device: str
) -> Articulation:
    watched = [clip.watched for clip in clips if clip.trusted]
    if not watched:
        raise InputError(Reason.INVALID_REQUEST, "in none of the clips do the lips follow the sound")
    return films.fit(watched, synthetic, folder, steps, seed, load_weights(start / WEIGHTS), device)


def _figures(
    clips: Sequence[Path], shot: dict[str, _Clip], networks: dict[str, Articulation], starting: Articulation
) -> list[Figure]:
    found = {}
    for path in clips:
        clip = shot[path.stem]
        before, after = (_measured(path, clip, network) for network in (starting, networks[path.stem]))
        found[path.stem] = [
            *((Quantity(f"{quantity.name}, before", quantity.unit), value) for quantity, value in before),
            *after,
        ]
    return gathered(found)


def _measured(path: Path, clip: _Clip, network: Articulation) -> Iterator[Measured]:
    gap, rounding = said(clip.filmed.samples, network)
    yield Quantity("opening r", "", at_least(0.68)), correlation(gap, clip.filmed.opening, clip.lag)
    yield Quantity("rounding r", "", at_least(0.55)), correlation(rounding, -clip.filmed.width, clip.lag)
    yield from contacts(gap, FPS, phones_of(path))


def said(samples: Floats, network: Articulation) -> tuple[Array, Array]:
    """(T,) opening and rounding of the lips' coefficients at 25 frames a second, without a face's own expression."""
    features = AudioFeatures(samples, whisper(), network)
    curves = lips.LipCurves.of(features, 0, tick_count(samples), features.opening())
    times = (np.arange(int(len(samples) / SAMPLE_RATE * FPS)) + 0.5) / FPS
    calm = np.zeros((len(times), FACE.width))
    motion = Composition(Controls(fps=FPS), None, said=0)(times, calm, 0, curves)
    return lip_gap(motion), lip_rounding(motion)


def _network(folder: Path) -> Articulation:
    network = Articulation(ArticulationParams())
    network.load_state_dict(load_weights(folder / WEIGHTS))
    return network.requires_grad_(False).eval()
