"""Seeded chance as a function of time: smooth noise as sums of sinusoids, and events drawn as time goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

_SINUSOIDS: Final = 24


class Wander:
    """Gaussian-like noise with a power density of 1/f between two frequencies, mean 0 and standard deviation 1.

    A sum of sinusoids of equal amplitude, with frequencies spread evenly on a logarithmic scale and phases drawn:
    a function of time, so that any stretch of it can be had without the rest.
    """

    def __init__(self, rng: np.random.Generator, low_hz: float, high_hz: float) -> None:
        steps = (np.arange(_SINUSOIDS) + rng.random(_SINUSOIDS)) / _SINUSOIDS
        self._omegas = 2 * np.pi * low_hz * (high_hz / low_hz) ** steps
        self._phases = 2 * np.pi * rng.random(_SINUSOIDS)

    def __call__(self, times: Times) -> Times:
        """(T,) seconds -> (T,)"""
        return np.asarray(np.sin(np.outer(times, self._omegas) + self._phases).sum(1) * (2 / _SINUSOIDS) ** 0.5)


class Events:
    """A train of events, each with some numbers of its own, drawn in order as they are asked for.

    Args:
        draw: gives the seconds from the last event to the next (inf for never), and the next event's numbers.
        memory: seconds for which an event is remembered.
        since: the second from which the first gap counts.
    """

    def __init__(self, draw: Callable[[], tuple[float, tuple[float, ...]]], memory: float, since: float = 0.0) -> None:
        self._draw = draw
        self._memory = memory
        self._known: list[tuple[float, ...]] = []
        gap, numbers = draw()
        self._next = (since + gap, numbers)

    def during(self, start: float, stop: float) -> NDArray[np.float64]:
        """Events from `memory` before start up to stop, and the last one before those. Times must not go back.

        Returns:
            (n, 1 + numbers): time in seconds and numbers of each.
        """
        while self._next[0] < stop:
            time, numbers = self._next
            self._known.append((time, *numbers))
            gap, following = self._draw()
            self._next = (time + gap, following)
        recent = [k for k, event in enumerate(self._known) if event[0] >= start - self._memory]
        self._known = self._known[max((recent[0] if recent else len(self._known)) - 1, 0) :]
        return np.array(self._known)
