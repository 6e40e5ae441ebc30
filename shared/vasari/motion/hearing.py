"""What is heard of a recording, in blocks of 4 s: each from its own samples, whoever asks for it and when."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

import numpy as np
from torch import Tensor

from vasari.device import core_threads
from vasari.motion.articulation import Articulation
from vasari.motion.speech import HOP, Floats, excerpt, speech_level
from vasari.motion.visemes import Gesture
from vasari.motion.whisper import AHEAD, WhisperEncoder

BLOCK: Final = 200
"""Tokens of a block: 4 s."""
BLOCK_TICKS: Final = 2 * BLOCK
_REMEMBERED: Final = 24
"""Blocks that are kept: more than those that are listened to before the first is spoken."""
_LISTENED: Final = 8
"""At most so many blocks, evenly spread, are listened to in order to know a voice, however long the speech is."""
_PRIOR_TICKS: Final = 100
"""An average voice weighs as much as one second of this one, so that very short speech has sane figures too."""
_PRIOR_OPENING: Final = (0.08, 0.77)
"""8th and 93rd percentile of the opening in the speech that the network was fitted on."""


@dataclass(frozen=True, eq=False)
class Block:
    """What is heard in 4 s."""

    tokens: Tensor
    """(BLOCK, 512) of Whisper's encoder."""
    gestures: Floats
    """(BLOCK_TICKS, 8) in the order of `Gesture`."""


class Hearing:
    """A recording and the two networks that hear it: by every core, and a block ahead of what is asked for.

    Args:
        samples: (S,) mono, 16 kHz, -1..1.
    """

    def __init__(self, samples: Floats, encoder: WhisperEncoder, articulation: Articulation) -> None:
        self.samples = samples
        self.level = speech_level(samples)
        self._encoder = encoder
        self._articulation = articulation
        self._known: OrderedDict[int, Future[Block]] = OrderedDict()
        self._blocks = -(-len(samples) // (BLOCK_TICKS * HOP))

    def begin(self) -> None:
        """Listen to what `opening` and the first window will ask for, without waiting for it."""
        for k in (*self._chosen(), -1):
            self._listening(k)

    def block(self, index: int) -> Block:
        """Tokens index * BLOCK.. of the recording and what lips do; silence before and after it."""
        block = self._listening(index)
        if index + 1 < self._blocks:
            self._listening(index + 1)
        return block.result()

    def _listening(self, index: int) -> Future[Block]:
        if index not in self._known:
            self._known[index] = core_threads().submit(self._heard, index)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return self._known[index]

    def _heard(self, index: int) -> Block:
        heard = self._encoder.listen(self.samples, self.level, index * BLOCK, (index + 1) * BLOCK)
        gestures = self._articulation.gestures(heard).cpu().numpy()
        return Block(heard[AHEAD:-AHEAD], gestures)

    def gestures(self, start: int, stop: int) -> Floats:
        """(stop - start, 8) curves on the grid of ticks, which may lie beyond the recording."""
        first, last = start // BLOCK_TICKS, (stop - 1) // BLOCK_TICKS
        joined = np.concatenate([self.block(k).gestures for k in range(first, last + 1)])
        return joined[start - first * BLOCK_TICKS : stop - first * BLOCK_TICKS]

    def loudness(self, start: int, stop: int) -> Floats:
        """(stop - start,) dB relative to the level of the speech."""
        return loudness(self.samples, self.level, start, stop)

    def opening(self) -> tuple[float, float]:
        """8th and 93rd percentile of the opening in speech: shut and open for this speaker."""
        listening = [self._listening(k) for k in self._chosen()]
        heard = np.concatenate([block.result().gestures for block in listening])
        spoken = heard[heard[:, Gesture.SPEECH] > 0.5, Gesture.OPENING]
        low, high = _PRIOR_OPENING
        if len(spoken):
            trust = len(spoken) / (len(spoken) + _PRIOR_TICKS)
            own_low, own_high = np.percentile(spoken, (8, 93))
            low, high = low + trust * (own_low - low), high + trust * (own_high - high)
        return float(low), float(high)

    def _chosen(self) -> list[int]:
        """The blocks from which the voice is known."""
        even = np.linspace(0, self._blocks - 1, min(self._blocks, _LISTENED)).round()
        return [int(k) for k in np.unique(even)]


def loudness(samples: Floats, level: float, start: int, stop: int) -> Floats:
    """(stop - start,) dB relative to a level, of the 25 ms around each tick."""
    half = 200
    signal = excerpt(samples, start * HOP - half, (stop - 1) * HOP + half)
    frames = np.lib.stride_tricks.sliding_window_view(signal, 2 * half)[::HOP]
    return np.asarray(10 * np.log10(frames.var(1) + 1e-12) - level, np.float32)
