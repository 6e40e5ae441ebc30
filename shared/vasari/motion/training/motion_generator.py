"""Fitting the diffusion transformer to the teacher's motion over the corpus' takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from vasari.motion.accents import accents
from vasari.motion.articulation import Articulation
from vasari.motion.audio_features import BLOCK, AudioFeatures, loudness
from vasari.motion.control_signals import STYLE, ControlSignals
from vasari.motion.diffusion_transformer import Conditions, DiffusionTransformer, TransformerParams
from vasari.motion.motion_generator import MotionGenerator, signal_vector
from vasari.motion.sampling import levels
from vasari.motion.space import FACE, FPS
from vasari.motion.speech import SAMPLE_RATE, TICK, speech_level
from vasari.motion.teacher import Teacher
from vasari.motion.training.corpus import Recorded
from vasari.motion.training.run import Run
from vasari.motion.visemes import Gesture, gestures
from vasari.motion.whisper import AHEAD, whisper
from vasari.values import Emotion

_BATCH: Final = 24
_LEFT_OUT: Final = torch.tensor([0.1, 0.1, 0.15])
"""How often audio, signals and tail are left out."""
_VELOCITY: Final = 4.0
"""Weight of the error between frames against that of the frames: motion is seen by its changes."""
_KEPT: Final = 0.998
_RATE: Final = 1e-3
_RATE_ON: Final = 4e-4
"""Highest learning rate from the start, and from weights that were trained before: 1e-3 doubled their error at once."""
_SLIPS: Final = 0.03
"""Noise on the tail in training: in use it is the generator's own work, and not without faults."""


class Dataset:
    """Takes, and the teacher's motion for them."""

    def __init__(self, recordings: Sequence[Recorded], params: TransformerParams) -> None:
        p = self._params = params
        long = [recorded for recorded in recordings if (len(recorded.heard) - 1) * BLOCK >= 2 * (p.tail + p.window)]
        self._audio = [_frames(recorded) for recorded in long]
        self._spoken = [_spoken(recorded) for recorded in long]
        self.sample = torch.from_numpy(np.concatenate([audio[::20] for audio in self._audio])).float()
        """(n, audio) some of the audio features."""

    def batch(self, rng: np.random.Generator) -> tuple[Tensor, Conditions]:
        """(B, tail + window, motion) the teacher's, and its conditions."""
        p = self._params
        length = p.tail + p.window
        motions, audios, told = [], [], []
        for _ in range(_BATCH):
            take = int(rng.integers(len(self._audio)))
            signals = drawn_signals(rng)
            audio, (energy, activity) = self._audio[take], self._spoken[take]
            frame = int(rng.integers(len(audio) - length + 1))
            times = (frame + np.arange(length) + 0.5) / FPS
            stressed = accents(0, energy, activity, int(rng.integers(1 << 31)))
            active = np.interp(times, np.arange(len(activity)) * TICK, gaussian_filter1d(activity, 0.2 / TICK))
            # The teacher's chances are functions of time: the same speech is said at any time of its.
            late = rng.uniform(0, 120)
            stressed[:, 0] += late
            teacher = Teacher(np.random.SeedSequence(int(rng.integers(1 << 62))), signals)
            motions.append(FACE.normalised(teacher(times + late, active, stressed)))
            audios.append(audio[frame : frame + length])
            told.append(signal_vector(signals))
        motion = torch.from_numpy(np.stack(motions))
        tail = motion[:, : p.tail] + _SLIPS * torch.from_numpy(rng.normal(size=(_BATCH, p.tail, p.motion))).float()
        known = torch.from_numpy(rng.random((_BATCH, 3))) >= _LEFT_OUT
        given = Conditions(
            torch.from_numpy(np.stack(audios)).float(),
            torch.from_numpy(np.stack(told)),
            tail,
            known.float(),
        )
        return motion, given


def _frames(recorded: Recorded) -> NDArray[np.float16]:
    """(frames, 1024) audio features of each frame of a take: its two tokens."""
    tokens = recorded.heard[:, AHEAD : AHEAD + BLOCK].reshape(-1, recorded.heard.shape[-1])[recorded.shift :]
    return tokens[: len(tokens) // 2 * 2].reshape(len(tokens) // 2, -1)


def _spoken(recorded: Recorded) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Energy and activity of a take on the grid of ticks, from what is known to be said in it."""
    ticks = 2 * (len(recorded.heard) * BLOCK - recorded.shift)
    spoken = gestures(recorded.take.phones, ticks)[:, Gesture.SPEECH]
    activity = gaussian_filter1d(np.clip(2 * spoken - 0.6, 0, 1), 0.05 / TICK)
    loud = loudness(recorded.take.samples, speech_level(recorded.take.samples), 0, ticks)
    return gaussian_filter1d(np.clip((loud + 30) / 30, 0, 1), 0.08 / TICK) * activity, activity


def drawn_signals(rng: np.random.Generator) -> ControlSignals:
    """Any wish: a third neutral, a third one emotion, a third a blend."""
    emotions = list(Emotion)
    kind = rng.integers(3)
    weights: dict[Emotion, float] = {}
    if kind == 1:
        weights = {emotions[int(rng.integers(len(emotions)))]: rng.uniform(0.3, 1)}
    elif kind == 2:
        chosen = rng.permutation(len(emotions))[:2]
        shares = rng.dirichlet(np.ones(3))[:2]
        weights = {emotions[int(k)]: float(share) for k, share in zip(chosen, shares, strict=True)}
    rate = 24.0 if rng.random() < 0.3 else rng.uniform(0, 60)
    return ControlSignals(weights, rate, np.clip(rng.normal(size=len(STYLE)), -2, 2))


def fit(
    recordings: Sequence[Recorded],
    folder: Path,
    steps: int,
    seed: int,
    params: TransformerParams,
    device: str,
    start: Mapping[str, Tensor] | None = None,
) -> DiffusionTransformer:
    """The clean motion's squared error, over all levels of noise; a running mean of the weights is what is kept.

    Goes on where a run in the folder ended, otherwise from the weights of `start`.
    """
    data = Dataset(recordings, params)
    torch.manual_seed(seed)
    network = DiffusionTransformer(params)
    network.mean.copy_(data.sample.mean(0))
    network.deviation.copy_(data.sample.std(0) + 1e-3)
    if start is not None:
        network.load_state_dict(start)
    run = Run(folder, "generator", network.to(device), steps, _RATE if start is None else _RATE_ON, kept=_KEPT)
    for step in run.steps():
        rng = np.random.default_rng((seed, step))
        motion, given = data.batch(rng)
        level = torch.from_numpy(rng.random(len(motion))).float()
        noise = torch.from_numpy(rng.normal(size=(len(motion), params.window, params.motion))).float()
        error = loss(network, *on(device, motion, given, level, noise))
        run.descend(error)
        if step % 20 == 0:
            run.log(step, loss=error.item())
    return run.averaged().cpu().eval()


def on(
    device: str, motion: Tensor, given: Conditions, level: Tensor, noise: Tensor
) -> tuple[Tensor, Conditions, Tensor, Tensor]:
    return motion.to(device), Conditions(*(part.to(device) for part in given)), level.to(device), noise.to(device)


def loss(network: DiffusionTransformer, motion: Tensor, given: Conditions, level: Tensor, noise: Tensor) -> Tensor:
    """Of frames and of their differences; what is nearly clean counts more, as in Min-SNR (Hang et al. 2023)."""
    signal, noisiness = (share[:, None, None] for share in levels(level))
    clean = network(signal * motion[:, -noise.shape[1] :] + noisiness * noise, level, given)
    off = clean - motion
    tail = network.params.tail
    off = torch.cat([off[:, :tail] * given.known[:, 2, None, None], off[:, tail:]], 1)
    ratio = (signal / noisiness.clamp(min=1e-3)).square().clamp(0.2, 5)
    return (ratio * off.square()).mean() + _VELOCITY * (ratio * off.diff(dim=1).square()).mean()


def score(network: DiffusionTransformer, hears: Articulation, recordings: Sequence[Recorded]) -> dict[str, float]:
    """What was learned of the teacher's liveliness: each figure of what is generated over the teacher's, where
    that is not 0."""
    generated, taught = [], []
    for seed, recorded in enumerate(recordings):
        energy, activity = _spoken(recorded)
        times = (np.arange(int(len(recorded.take.samples) / SAMPLE_RATE) * FPS) + 0.5) / FPS
        signals = ControlSignals(style=np.clip(np.random.default_rng(seed).normal(size=len(STYLE)), -2, 2))
        active = np.interp(times, np.arange(len(activity)) * TICK, gaussian_filter1d(activity, 0.2 / TICK))
        teacher = Teacher(np.random.SeedSequence(seed), signals)
        taught.append(teacher(times, active, accents(0, energy, activity, seed)))
        features = AudioFeatures(recorded.take.samples, whisper(), hears)
        generated.append(MotionGenerator(features, network, signals, seed)(times))
    ours, theirs = (_liveliness(motions) for motions in (generated, taught))
    return {f"{name}, generated over taught": ours[name] / taught for name, taught in theirs.items() if taught}


def _liveliness(motions: Sequence[NDArray[np.float64]]) -> dict[str, float]:
    joined = np.concatenate(motions)
    turning = np.concatenate([np.linalg.norm(np.diff(p[:, :3], axis=0), axis=1) for p in motions])
    lids = joined[:, FACE.index("blink")] > 0.5
    spreads = {f"{channel.name} spread": float(joined[:, k].std()) for k, channel in enumerate(FACE.channels)}
    return {**spreads, "head speed": float(turning.mean()), "blinks": float((lids[1:] & ~lids[:-1]).sum())}
