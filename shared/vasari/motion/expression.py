"""What a face says without words: emotions asked for, and the small changes that keep a calm face alive."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.motion.chance import Times, Wander
from vasari.motion.head import pulses
from vasari.values import Emotion


def _sides(**coefficients: float) -> dict[str, float]:
    return {f"{name}{side}": value for name, value in coefficients.items() for side in ("Left", "Right")}


PATTERNS: Final[Mapping[Emotion, Mapping[str, float]]] = MappingProxyType(
    {
        Emotion.HAPPY: _sides(mouthSmile=0.6, cheekSquint=0.5, eyeSquint=0.3, mouthDimple=0.12, browOuterUp=0.1),
        Emotion.SAD: {"browInnerUp": 0.7, "mouthShrugLower": 0.2}
        | _sides(mouthFrown=0.5, browDown=0.12, eyeSquint=0.15, eyeBlink=0.1),
        Emotion.ANGRY: {"mouthShrugLower": 0.1}
        | _sides(browDown=0.8, eyeWide=0.25, eyeSquint=0.35, noseSneer=0.25, mouthPress=0.2, mouthFrown=0.2),
        Emotion.SURPRISED: {"browInnerUp": 0.8, "jawOpen": 0.1} | _sides(browOuterUp=0.7, eyeWide=0.65),
        Emotion.AFRAID: {"browInnerUp": 0.7} | _sides(browOuterUp=0.35, browDown=0.25, eyeWide=0.6, mouthStretch=0.35),
        Emotion.DISGUSTED: _sides(noseSneer=0.7, mouthUpperUp=0.2, browDown=0.4, eyeSquint=0.35, cheekSquint=0.3)
        | _sides(mouthFrown=0.25),
        Emotion.CONTEMPT: {"mouthSmileRight": 0.3, "mouthDimpleRight": 0.45, "mouthPressRight": 0.15}
        | _sides(eyeSquint=0.15, browDown=0.1),
    }
)
"""Coefficients of each emotion at weight 1, after the action units of Ekman and Friesen's EMFACS: happy 6+12,
sad 1+4+15+17, angry 4+5+7+23, surprised 1+2+5+26, afraid 1+2+4+5+20, disgusted 9+10+15, contempt a one-sided 12+14."""

_MOUTH_YIELDS: Final = 0.4
"""Part of an emotion's hold on the mouth that speech takes away."""
_BROWS: Final = 0.6
"""As far as accents raise the brows."""


class Expression:
    """Emotion, brows and the trace of a smile, as functions of time."""

    def __init__(self, rng: np.random.Generator, emotion: Mapping[Emotion, float]) -> None:
        self._pattern: dict[str, float] = {}
        for name, weight in emotion.items():
            for coefficient, value in PATTERNS[name].items():
                self._pattern[coefficient] = self._pattern.get(coefficient, 0.0) + weight * value
        self._smile, self._brow, self._strength = (
            Wander(rng, 0.02, 0.2),
            Wander(rng, 0.05, 0.6),
            Wander(rng, 0.05, 0.3),
        )

    def __call__(
        self, times: Times, activity: NDArray[np.floating], accents: NDArray[np.floating]
    ) -> dict[str, NDArray[np.floating]]:
        """
        Args:
            times: (T,) seconds.
            activity: (T,) 0 in pauses, 1 in speech.
            accents: (n, 2) seconds and strength of the accents near these times.

        Returns:
            (T,) for each coefficient that it moves, 0..1.
        """
        raised = np.maximum(0.10 + 0.09 * self._brow(times) + 0.2 * pulses(times, accents, 0.16), 0)
        raised = _BROWS * np.tanh(raised / _BROWS)
        smile = np.clip(0.04 + 0.05 * self._smile(times), 0, 0.16)
        curves: dict[str, NDArray[np.floating]] = {"browInnerUp": 0.8 * raised}
        for side in ("Left", "Right"):
            curves[f"browOuterUp{side}"] = 0.6 * raised
            curves[f"eyeWide{side}"] = 0.15 * raised
            curves[f"mouthSmile{side}"] = smile
            curves[f"cheekSquint{side}"] = 0.5 * smile

        strength = np.clip(1 + 0.12 * self._strength(times), 0.7, 1.3)
        for name, value in self._pattern.items():
            held = 1 - _MOUTH_YIELDS * activity if name.startswith(("mouth", "jaw")) else 1.0
            curves[name] = blend(curves.get(name, np.zeros(len(times))), np.clip(value * strength * held, 0, 1))
        return curves


def blend(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Two causes of one coefficient: they add up, and never beyond 1."""
    return np.asarray(1 - (1 - a) * (1 - b))
