"""How a head moves while somebody speaks, and how it rests while nobody does.

Head motion follows speech only weakly (its speed correlates with speech energy at about .2), so it is drawn: noise
with the spectrum, ranges and speeds measured on real speakers, livelier in speech, with small nods on accents.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.motion.chance import Times, Wander
from vasari.motion.control_signals import ControlSignals
from vasari.values import Emotion

_SPREAD: Final = np.array([5.1, 3.6, 3.0])
"""Standard deviation of yaw, pitch and roll, degrees; 4.8, 3.3 and 2.8 on eleven filmed speakers, which is what is left
of it when large turns are limited to what a photo can carry."""
_SWAY: Final = np.array([0.045, 0.075, 0.05])
"""Standard deviation of the translation, interocular distances."""
_QUICK: Final = np.array([0.36, 0.56, 0.36])
"""Share of the motion between 0.5 and 2 Hz; the rest is slower."""
_ROLL_WITH_YAW: Final = 0.3
_BREATH_HZ: Final = 0.24
_BREATH: Final = 0.008
_NOD: Final = 1.6
"""Degrees, downwards, of an accent's nod."""
_NOD_SECONDS: Final = 0.11
_TEMPO: Final = {
    Emotion.HAPPY: 1.15,
    Emotion.SAD: 0.6,
    Emotion.ANGRY: 1.25,
    Emotion.SURPRISED: 1.1,
    Emotion.AFRAID: 1.25,
    Emotion.DISGUSTED: 0.85,
    Emotion.CONTEMPT: 0.75,
}
_NODS: Final = {
    Emotion.HAPPY: 1.3,
    Emotion.SAD: 0.5,
    Emotion.ANGRY: 1.6,
    Emotion.SURPRISED: 0.8,
    Emotion.AFRAID: 0.6,
    Emotion.DISGUSTED: 0.7,
    Emotion.CONTEMPT: 0.6,
}


class Head:
    """Pose of the head as a function of time."""

    def __init__(self, rng: np.random.Generator, signals: ControlSignals) -> None:
        self._tempo = signals.mean(_TEMPO, 1.0)
        self._nods = _NOD * signals.mean(_NODS, 1.0)
        self._amplitude = signals.factor("vigour")
        self._slow = [Wander(rng, 0.05, 0.5) for _ in range(6)]
        self._quick = [Wander(rng, 0.5, 2.0) for _ in range(3)]
        self._vigour = Wander(rng, 0.1, 0.5)
        self._breath_phase = 2 * np.pi * rng.random()

    def __call__(
        self, times: Times, activity: NDArray[np.floating], accents: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """
        Args:
            times: (T,) seconds.
            activity: (T,) 0 in pauses, 1 in speech.
            accents: (n, 2) seconds and strength, about 1, of the accents near these times.

        Returns:
            (T, 6) rotation in degrees and translation in interocular distances, in the axes of `Motion`.
        """
        paced = times * self._tempo
        slow = np.stack([wander(paced) for wander in self._slow], 1)
        vigour = (0.6 + 0.4 * activity) * np.exp(0.5 * self._vigour(times))
        quick = np.stack([wander(paced) for wander in self._quick], 1) * vigour[:, None]
        rotation = _SPREAD * (np.sqrt(1 - _QUICK**2) * slow[:, :3] + _QUICK * quick)
        rotation[:, 2] = np.sqrt(1 - _ROLL_WITH_YAW**2) * rotation[:, 2] + _ROLL_WITH_YAW * rotation[:, 0] / 2
        pose = np.concatenate([rotation, _SWAY * slow[:, 3:]], 1) * self._amplitude
        pose[:, 1] -= self._nods * pulses(times, accents, _NOD_SECONDS)
        pose[:, 4] += _BREATH * np.sin(2 * np.pi * _BREATH_HZ * times + self._breath_phase)
        return np.asarray(pose)


def pulses(times: Times, accents: NDArray[np.floating], seconds: float) -> NDArray[np.floating]:
    """(T,) the sum of Gaussian bumps of a width at the accents (n, 2), each as high as its strength."""
    distance = (times[:, None] - accents[:, 0]) / seconds
    return np.asarray((accents[:, 1] * np.exp(-0.5 * distance**2)).sum(1))
