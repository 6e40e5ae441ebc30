"""How a head moves while somebody speaks, and how it rests while nobody does.

Head motion follows speech only weakly (its speed correlates with speech energy at about .2), so it is drawn: noise
with the spectrum, ranges and speeds measured on real speakers, livelier in speech, with small nods on accents.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.motion.chance import Times, Wander

_SPREAD: Final = np.array([4.0, 3.0, 2.0])
"""Standard deviation of yaw, pitch and roll, degrees."""
_LIMIT: Final = np.array([14.0, 10.0, 7.0])
"""What a single photo can carry: approached softly, never passed."""
_SWAY: Final = np.array([0.035, 0.045, 0.04])
"""Standard deviation of the translation, interocular distances."""
_QUICK: Final = np.array([0.34, 0.48, 0.34])
"""Share of the motion between 0.5 and 2 Hz; the rest is slower."""
_ROLL_WITH_YAW: Final = 0.3
_BREATH_HZ: Final = 0.24
_BREATH: Final = 0.008
_NOD: Final = 1.1
"""Degrees, downwards, of an accent's nod."""
_NOD_SECONDS: Final = 0.13
_EASE_SECONDS: Final = 0.9
"""The first frame shows the photo's own pose; motion sets in over about this time."""


class Head:
    """Pose of the head as a function of time."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._slow = [Wander(rng, 0.05, 0.5) for _ in range(6)]
        self._quick = [Wander(rng, 0.5, 2.0) for _ in range(3)]
        self._vigour = Wander(rng, 0.1, 0.5)
        self._breath_phase = 2 * np.pi * rng.random()
        self._start = self._drawn(np.zeros(1), np.zeros(1))

    def __call__(
        self, times: Times, activity: NDArray[np.floating], accents: NDArray[np.floating], amplitude: float
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """
        Args:
            times: (T,) seconds.
            activity: (T,) 0 in pauses, 1 in speech.
            accents: (n, 2) seconds and strength, about 1, of the accents near these times.
            amplitude: 0 still, 1 natural.

        Returns:
            (T, 3) rotation in degrees and (T, 3) translation in interocular distances, in the axes of `Motion`.
        """
        pose = self._drawn(times, activity) - self._start * np.exp(-((times / _EASE_SECONDS) ** 2))[:, None]
        pose[:, 1] -= _NOD * pulses(times, accents, _NOD_SECONDS)
        rotation, translation = amplitude * pose[:, :3], amplitude * pose[:, 3:]
        return _LIMIT * np.tanh(rotation / _LIMIT), translation

    def _drawn(self, times: Times, activity: NDArray[np.floating]) -> NDArray[np.floating]:
        slow = np.stack([wander(times) for wander in self._slow], 1)
        vigour = (0.6 + 0.4 * activity) * np.exp(0.5 * self._vigour(times))
        quick = np.stack([wander(times) for wander in self._quick], 1) * vigour[:, None]
        rotation = _SPREAD * (np.sqrt(1 - _QUICK**2) * slow[:, :3] + _QUICK * quick)
        rotation[:, 2] = np.sqrt(1 - _ROLL_WITH_YAW**2) * rotation[:, 2] + _ROLL_WITH_YAW * rotation[:, 0] / 2
        translation = _SWAY * slow[:, 3:]
        translation[:, 1] += _BREATH * np.sin(2 * np.pi * _BREATH_HZ * times + self._breath_phase)
        return np.concatenate([rotation, translation], 1)


def pulses(times: Times, accents: NDArray[np.floating], seconds: float) -> NDArray[np.floating]:
    """(T,) the sum of Gaussian bumps of a width at the accents (n, 2), each as high as its strength."""
    distance = (times[:, None] - accents[:, 0]) / seconds
    return np.asarray((accents[:, 1] * np.exp(-0.5 * distance**2)).sum(1))
