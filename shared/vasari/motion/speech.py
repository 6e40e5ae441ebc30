"""Speech as samples on a grid of 10 ms ticks, and how loud it is.

Every later curve lives on the same grid: tick k stands at k * TICK seconds. A span of ticks is computed from the
samples around it alone, so speech of any length is read in blocks.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SAMPLE_RATE: Final = 16_000
HOP: Final = 160
TICK: Final = HOP / SAMPLE_RATE
"""Seconds from one tick to the next."""
_GATE_DB: Final = -60.0
"""Quieter than this, relative to full scale, nothing counts as speech."""
_RELATIVE_GATE_DB: Final = 10.0


def tick_count(samples: Floats) -> int:
    """Ticks that cover the samples."""
    return -(-len(samples) // HOP)


def fingerprint(samples: Floats, seconds: float = 4.0) -> int:
    """32 bits that tell one recording from another, of its first seconds: known before all of it was heard."""
    first = excerpt(samples, 0, round(seconds * SAMPLE_RATE))
    return zlib.crc32(np.round(32767 * np.clip(first, -1, 1)).astype("<i2").tobytes())


def excerpt(samples: Floats, start: int, stop: int) -> Floats:
    """samples[start:stop], with silence where that reaches beyond either end."""
    inside = samples[max(start, 0) : max(stop, 0)]
    before = min(max(-start, 0), stop - start)
    return np.pad(inside.astype(np.float32, copy=False), (before, stop - start - before - len(inside)))


def tick_powers(samples: Floats, seconds: float = 8.0) -> Iterator[Floats]:
    """Mean power of the samples of each tick, in blocks of so many seconds."""
    block = round(seconds * SAMPLE_RATE)
    for start in range(0, len(samples), block):
        part = np.asarray(samples[start : start + block], np.float32)
        part = np.pad(part, (0, -len(part) % HOP))
        yield np.square(part).reshape(-1, HOP).mean(1)


def speech_level(samples: Floats) -> float:
    """Level of the speech without its pauses, in dB relative to full scale.

    The two gates of EBU R 128's integrated loudness, on unweighted 10 ms powers: the mean of all that is not
    silence, then the mean of what is at most 10 dB quieter than that. Reads the samples once, in blocks.
    Returns the first gate, -60, for silence.
    """
    edges = np.arange(_GATE_DB, 12.0, 0.5)
    counts = np.zeros(len(edges) - 1)
    for powers in tick_powers(samples):
        counts += np.histogram(10.0 * np.log10(powers + 1e-12), edges)[0]
    if not counts.any():
        return _GATE_DB

    power = 10.0 ** ((edges[:-1] + 0.25) / 10)
    mean = (counts * power).sum() / counts.sum()
    counts[power < mean * 10 ** (-_RELATIVE_GATE_DB / 10)] = 0
    return float(10.0 * np.log10((counts * power).sum() / counts.sum()))
