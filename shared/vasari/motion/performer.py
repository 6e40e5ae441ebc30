"""The generator at work: windows of a performance, one after the other, for speech of any length."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from vasari.motion.generator import MANNER, Conditions, Generator, GeneratorParams
from vasari.motion.hearing import BLOCK, Hearing
from vasari.motion.manner import Manner
from vasari.motion.sampling import SPREAD, Guidance, sample
from vasari.motion.space import FACE, FPS
from vasari.motion.speech import fingerprint
from vasari.motion.whisper import TOKEN
from vasari.values import Emotion

WEIGHTS: Final = "generator.safetensors"
_BENT: Final = 10
"""Frames to either side of a seam that are softened, within a standard deviation of so many:"""
_BEND: Final = 1.7
_SLOW: Final = [k for k, c in enumerate(FACE.channels) if c.name not in ("glance_yaw", "glance_pitch", "blink")]
"""Channels that never jump; glances and lids do."""
_GUIDANCE: Final = Guidance(heard=1.0)
"""Heads move 1.4 times as fast in speech as in its pauses then, as filmed ones do (1.46); without it 1.3 times."""
_LIVELIER: Final = {"inner_up": 2.6, "outer_up": 3.1, "smile": 1.5, "frown": 1.5}
"""Few steps of sampling leave two thirds to three quarters of what these were taught to vary about their mean, and
settling takes from brows; this gives it back. Outer brows rise as far as inner ones: else a face looks worried."""
_BROWS: Final = [FACE.index(name) for name in ("inner_up", "outer_up")]
_SETTLES: Final = 0.7
"""Part of a raise that brows lose while they are held up,"""
_SETTLING: Final = 0.5
"""in about so many seconds. What is generated stays up for too long: half a second later its r with itself is .5, that
of filmed brows, less what the head's turns explain of them, .1; thus it becomes .15."""
_WINDOW: Final = round(BLOCK * TOKEN * FPS)
"""Frames of a block."""


def manner_vector(manner: Manner) -> NDArray[np.float32]:
    """(MANNER,) a manner as the generator is told it."""
    weights = [manner.emotion.get(emotion, 0.0) for emotion in Emotion]
    return np.array([*weights, manner.blink_rate / 24, *manner.style], np.float32).reshape(MANNER)


class Performer:
    """Performs a recording window by window: window k lies over the recording's block k.

    Chance comes from the seed and from what is said: the noise outweighs what is heard so far that one seed would
    turn the head alike whatever it says.
    """

    def __init__(self, hearing: Hearing, generator: Generator, manner: Manner, seed: int) -> None:
        self._hearing, self._generator = hearing, generator
        self._chance = (seed, 2, fingerprint(hearing.samples))
        self._manner = manner
        self._windows: dict[int, NDArray[np.float64]] = {}
        self._done = -1
        self._tail: Tensor | None = None
        self._raised = np.zeros(len(_BROWS))

    def __call__(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """(T, 16) curves of `FACE` at the given seconds, which must not go back by more than a window.

        Frames of the generator's own rate are joined by cubic convolution (Keys 1981)."""
        place = times * FPS - 0.5
        first = int(np.floor(place[0])) - 1
        frames = self._frames(first, int(np.floor(place[-1])) + 3)
        at = np.floor(place).astype(int)
        t = (place - at)[:, None]
        before, a, b, after = (frames[at - first + k] for k in (-1, 0, 1, 2))
        return np.asarray(
            a + 0.5 * t * (b - before + t * (2 * before - 5 * a + 4 * b - after + t * (3 * (a - b) + after - before)))
        )

    def _frames(self, start: int, stop: int) -> NDArray[np.float64]:
        """Generated frames start..stop; before the first there is the first."""
        wanted = range(max(start, 0) // _WINDOW, (stop - 1) // _WINDOW + 1)
        while self._done < wanted[-1]:
            self._perform(self._done + 1)
        for old in [k for k in self._windows if k < wanted[0] - 1]:
            del self._windows[old]
        joined = np.concatenate([self._windows[k] for k in wanted])
        places = np.maximum(np.arange(start, stop), 0) - wanted[0] * _WINDOW
        return np.asarray(joined[places])

    def _perform(self, index: int) -> None:
        p = self._generator.params
        tokens = torch.cat([self._hearing.block(index - 1).tokens[-2 * p.tail :], self._hearing.block(index).tokens])
        first = self._tail is None
        tail = tokens.new_zeros(1, p.tail, p.motion) if self._tail is None else self._tail
        known = torch.tensor([[1.0, 1.0, 0.0 if first else 1.0]], device=tokens.device)
        # A window is performed in the manner of its middle; the composition follows each frame's wish.
        manner = torch.from_numpy(manner_vector(self._manner.at((index + 0.5) * _WINDOW / FPS)))[None]
        noise = np.random.default_rng((*self._chance, index)).normal(0, SPREAD, (1, p.window, p.motion))
        window = sample(
            self._generator,
            Conditions(tokens.reshape(1, p.tail + p.window, p.heard), manner.to(tokens.device), tail, known),
            torch.from_numpy(noise.astype(np.float32)).to(tokens.device),
            _GUIDANCE,
        )
        self._tail = window[:, -p.tail :]
        normal = window[0].cpu().numpy().astype(np.float64)  # its own: the tail stays as it was generated
        normal[:, _BROWS] = self._settled(normal[:, _BROWS])
        for name, factor in _LIVELIER.items():
            normal[:, FACE.index(name)] *= factor
        self._windows[index] = FACE.restored(normal)
        if index:
            _soften(self._windows[index - 1], self._windows[index])
        self._done = index

    def _settled(self, brows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Normalised curves of a window, less of what they were of late: an exponential mean, from window to window."""
        follow = -np.expm1(-1 / (FPS * _SETTLING))
        of_late = np.empty_like(brows)
        for frame, brow in enumerate(brows):
            of_late[frame] = self._raised = (1 - follow) * self._raised + follow * brow
        return np.asarray(brows - _SETTLES * of_late)


def _soften(before: NDArray[np.float64], after: NDArray[np.float64]) -> None:
    """Bend slow curves gently where two windows meet: the network matches places there better than speeds.

    Nothing of `before` that is changed was used yet: frames at the end of a window wait for the next one.
    """
    joined = np.concatenate([before[-_BENT:], after[:_BENT]])[:, _SLOW]
    distance = np.arange(2 * _BENT) - _BENT + 0.5
    weight = np.exp(-0.5 * (distance / _BEND) ** 2)[:, None]
    joined += weight * (gaussian_filter1d(joined, _BEND, axis=0) - joined)
    before[-_BENT:, _SLOW], after[:_BENT, _SLOW] = np.split(joined, 2)


@cache
def generator(device: str = "cpu") -> Generator:
    """The generator with the weights that come with the package."""
    network = Generator(GeneratorParams())
    state = load(files(__package__).joinpath(WEIGHTS).read_bytes())
    network.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return network.requires_grad_(False).eval().to(device)
