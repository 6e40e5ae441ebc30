"""Which syllables are stressed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from vasari.motion.speech import TICK

_ACCENT_SECONDS: Final = 0.32
"""Two accents are at least this far apart."""
_ACCENT_CHANCE: Final = 0.55
_SYLLABLE: Final = 0.06
"""Seconds of smoothing that leave one peak for a syllable."""


def accents(first: int, energy: NDArray[np.floating], activity: NDArray[np.floating], seed: int) -> NDArray[np.float64]:
    """The loud syllables that are stressed by a nod or a brow.

    Args:
        first: the tick at which the curves begin.
        energy: (n,) loudness 0..1.
        activity: (n,) 0 in pauses, 1 in speech.

    Returns:
        (k, 2) seconds and strength, about 1, of each.
    """
    energy = gaussian_filter1d(energy, _SYLLABLE / TICK)
    peaks = (energy == maximum_filter1d(energy, 2 * round(_ACCENT_SECONDS / TICK) + 1)) & (activity > 0.5)
    found = []
    for tick in first + np.flatnonzero(peaks):
        chance = np.random.default_rng((seed, abs(int(tick))))
        if chance.random() < _ACCENT_CHANCE:
            found.append((tick * TICK, chance.uniform(0.6, 1.6)))
    return np.array(found).reshape(-1, 2)
