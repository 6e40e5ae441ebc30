"""Where speech is cut: phrases begin after a pause, are marked by accents and end before the next pause."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vasari.motion.accents import accents
from vasari.motion.speech import TICK

_PAUSE: Final = 18
"""Ticks without speech that end a phrase: shorter ones lie within words."""
_FIRST_STRESS: Final = 50
"""Ticks after a phrase's beginning in which its first stress is looked for."""
_LONGEST: Final = 200
"""Ticks after which an accent begins another phrase though nobody drew breath."""
AHEAD: Final = 60
"""Ticks beyond what is cut that must be heard."""


class Cut(Enum):
    """What happens at a moment of speech."""

    ONSET = auto()
    """The first stress of a phrase."""
    ACCENT = auto()
    """Any other."""
    END = auto()
    """The last sound before a pause."""


class Moment(NamedTuple):
    second: float
    cut: Cut
    strength: float = 1.0
    """Of a stress, about 1."""


class Phrases:
    """Cuts speech as it is heard: each tick is looked at once, with what is around it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._done = 0
        self._speaking = False
        self._begun = 0

    def hear(self, first: int, activity: NDArray[np.floating], energy: NDArray[np.floating]) -> list[Moment]:
        """What is cut up to AHEAD ticks before the end of two curves, 0..1, that begin at tick `first`, in order."""
        stop = first + len(activity) - AHEAD
        speech = activity > 0.5
        stressed = {round(second / TICK): strength for second, strength in accents(first, energy, activity, self._seed)}
        moments = []
        for tick in range(self._done, stop):
            place = tick - first
            if not self._speaking and speech[place]:
                self._speaking, self._begun = True, tick
                onset = next((k for k in range(tick, tick + _FIRST_STRESS) if k in stressed), tick + _FIRST_STRESS // 3)
                moments.append(Moment(onset * TICK, Cut.ONSET, stressed.pop(onset, 1.0)))
            elif self._speaking and not speech[place : place + _PAUSE].any():
                self._speaking = False
                moments.append(Moment(tick * TICK, Cut.END))
            elif tick in stressed:
                long = tick - self._begun > _LONGEST
                self._begun = tick if long else self._begun
                moments.append(Moment(tick * TICK, Cut.ONSET if long else Cut.ACCENT, stressed[tick]))
        self._done = stop
        return moments
