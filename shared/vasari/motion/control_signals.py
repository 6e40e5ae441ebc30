"""What motion is generated under beside the audio: the wishes, and a style that differs by person and by take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from vasari.motion.emotions import emotion_path
from vasari.values import Controls, Emotion, EmotionKeyframe

STYLE: Final = ("vigour", "brows", "smiles", "eyes")
"""How much the head moves, how far brows rise, how often smiles come, how far glances go: standard normal numbers."""
_STYLED: Final = 0.22
"""Standard deviation of their logarithm."""


@dataclass(frozen=True, eq=False)
class ControlSignals:
    """What the motion generator is told beside the audio, as VASA-1 tells its own gaze, distance and emotion."""

    emotion: Mapping[Emotion, float] = field(default_factory=lambda: MappingProxyType({}))
    """Weight 0..1 of each; what they leave to 1 is neutral."""
    blink_rate: float = 24.0
    """Blinks per minute."""
    style: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(STYLE)))
    """(4,) in the order of STYLE."""
    keyframes: tuple[EmotionKeyframe, ...] = ()
    """Emotions that change, in the place of `emotion`."""

    @classmethod
    def of(cls, controls: Controls) -> Self:
        """The wishes of a user, with a style that the seed draws."""
        rng = np.random.default_rng((controls.seed, 1))
        style = np.clip(rng.normal(size=len(STYLE)), -2, 2)
        return cls(controls.emotion, controls.blink_rate, style, controls.emotion_keyframes)

    def at(self, second: float) -> Self:
        """As it is at one moment of the keyframes."""
        if not self.keyframes:
            return self
        (weights,) = emotion_path(self.keyframes, np.array([second]))
        return replace(self, emotion={e: float(w) for e, w in zip(Emotion, weights, strict=True) if w}, keyframes=())

    def factor(self, name: str) -> float:
        """About 1: how much more or less of it than others."""
        return float(np.exp(_STYLED * self.style[STYLE.index(name)]))

    def mean(self, table: Mapping[Emotion, float], neutral: float) -> float:
        """What a table says of the blend of emotions."""
        rest = 1 - sum(self.emotion.values())
        return rest * neutral + sum(weight * table[emotion] for emotion, weight in self.emotion.items())
