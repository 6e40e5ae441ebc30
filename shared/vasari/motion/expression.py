"""What a face says without words: emotions asked for, and the small changes that keep a calm face alive."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vasari.motion.chance import Events, Times, Wander
from vasari.motion.control_signals import ControlSignals
from vasari.motion.head import pulses
from vasari.values import Emotion


def _sides(**coefficients: float) -> dict[str, float]:
    return {f"{name}{side}": value for name, value in coefficients.items() for side in ("Left", "Right")}


PATTERNS: Final[Mapping[Emotion, Mapping[str, float]]] = MappingProxyType(
    {
        Emotion.HAPPY: _sides(mouthSmile=0.85, cheekSquint=0.6, eyeSquint=0.35, mouthDimple=0.15, browOuterUp=0.15),
        Emotion.SAD: {"browInnerUp": 0.9, "mouthShrugLower": 0.3}
        | _sides(mouthFrown=0.75, browDown=0.12, eyeSquint=0.15, eyeBlink=0.1),
        Emotion.ANGRY: {"mouthShrugLower": 0.1}
        | _sides(browDown=1.0, eyeWide=0.2, eyeSquint=0.4, noseSneer=0.35, mouthPress=0.2, mouthFrown=0.35),
        Emotion.SURPRISED: {"browInnerUp": 0.95, "jawOpen": 0.12} | _sides(browOuterUp=0.85, eyeWide=0.7),
        Emotion.AFRAID: {"browInnerUp": 0.7} | _sides(browOuterUp=0.35, browDown=0.25, eyeWide=0.6, mouthStretch=0.5),
        Emotion.DISGUSTED: _sides(noseSneer=0.95, mouthUpperUp=0.3, browDown=0.5, eyeSquint=0.35, cheekSquint=0.3)
        | _sides(mouthFrown=0.35),
        Emotion.CONTEMPT: {"mouthSmileRight": 0.45, "mouthDimpleRight": 0.65, "mouthPressRight": 0.2}
        | _sides(eyeSquint=0.15, browDown=0.1),
    }
)
"""Coefficients of each emotion at weight 1, after the action units of Ekman and Friesen's EMFACS: happy 6+12,
sad 1+4+15+17, angry 4+5+7+23, surprised 1+2+5+26, afraid 1+2+4+5+20, disgusted 9+10+15, contempt a one-sided 12+14."""

POSTURES: Final[Mapping[Emotion, tuple[float, float, float, float]]] = MappingProxyType(
    {
        Emotion.HAPPY: (0.0, 1.5, 1.0, 0.0),
        Emotion.SAD: (0.0, -4.0, 1.5, 0.0),
        Emotion.ANGRY: (0.0, -2.5, 0.0, -0.12),
        Emotion.SURPRISED: (0.0, 2.0, 0.0, 0.05),
        Emotion.AFRAID: (0.0, 1.0, -0.5, 0.15),
        Emotion.DISGUSTED: (3.0, 1.5, 1.5, 0.1),
        Emotion.CONTEMPT: (2.0, 3.0, 2.5, 0.05),
    }
)
"""Yaw, pitch, roll and distance about which the head moves at weight 1: sadness hangs it, anger brings it forward,
fear draws it back, disgust turns it away, contempt lifts it. Chosen, not measured."""
_RAISED: Final = 0.5
"""Part of the accents that the brows mark, each by about so much."""


class Passing(NamedTuple):
    """An expression that comes and goes."""

    every: float
    """Mean seconds between two."""
    lasts: tuple[float, float]
    rises: float
    """Seconds in which it comes; it goes half as fast."""
    amount: tuple[float, float]


_PASSING: Final = {
    "smile": Passing(10.0, (0.6, 3.0), 0.45, (0.12, 0.45)),
    "frown": Passing(16.0, (0.5, 2.0), 0.4, (0.10, 0.32)),
    "knit": Passing(8.0, (0.4, 2.0), 0.25, (0.20, 0.70)),
    "lift": Passing(5.0, (0.4, 1.8), 0.22, (0.40, 1.20)),
}
_SMILING: Final = {
    Emotion.HAPPY: 2.5,
    Emotion.SAD: 0.1,
    Emotion.ANGRY: 0.1,
    Emotion.SURPRISED: 0.6,
    Emotion.AFRAID: 0.1,
    Emotion.DISGUSTED: 0.1,
    Emotion.CONTEMPT: 0.5,
}
"""How often a smile passes over a face in an emotion; frowns, the other way round."""


class Expression:
    """Brows, smiles and frowns of somebody who speaks or listens, as functions of time."""

    def __init__(self, rng: np.random.Generator, signals: ControlSignals) -> None:
        smiling = signals.mean(_SMILING, 1.0)
        often = {"smile": smiling * signals.factor("smiles"), "frown": 1 / max(smiling, 0.25), "knit": 1.0, "lift": 1.0}
        self._passing = {name: _events(rng, kind, often[name]) for name, kind in _PASSING.items()}
        self._brows = signals.factor("brows")
        self._smile, self._brow, self._strength = (
            Wander(rng, 0.02, 0.2),
            Wander(rng, 0.05, 0.6),
            Wander(rng, 0.05, 0.3),
        )

    def __call__(
        self, times: Times, activity: NDArray[np.floating], accents: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """
        Args:
            times: (T,) seconds, not before those of the last call.
            activity: (T,) 0 in pauses, 1 in speech.
            accents: (n, 2) seconds and strength of the accents near these times.

        Returns:
            (T, 7) inner_up, outer_up, knit, smile, frown, squint and the strength of the wished emotion.
        """
        passing = {name: _shape(events, _PASSING[name], times) for name, events in self._passing.items()}
        marked = accents[_hash(accents[:, 0]) < _RAISED]
        raised = 0.12 + 0.14 * self._brow(times) + passing["lift"] + 0.6 * pulses(times, marked, 0.14)
        raised = np.tanh(np.maximum(raised, 0) * self._brows)
        smile = np.clip(0.04 + 0.04 * self._smile(times), 0, 0.14) + passing["smile"] * (1 - 0.3 * activity)
        squint = 0.3 * smile + 0.2 * passing["knit"]
        strength = np.clip(1 + 0.15 * self._strength(times), 0.6, 1.3)
        curves = (0.85 * raised, 0.75 * raised, passing["knit"], smile, passing["frown"], squint, strength)
        return np.stack(curves, 1)


def _events(rng: np.random.Generator, kind: Passing, often: float) -> Events:
    def draw() -> tuple[float, tuple[float, ...]]:
        gap = 0.5 + rng.exponential(kind.every / often)
        return gap, (rng.uniform(*kind.lasts), rng.uniform(*kind.amount))

    return Events(draw, memory=kind.lasts[1] + 4 * kind.rises)


def _shape(events: Events, kind: Passing, times: Times) -> NDArray[np.floating]:
    """(T,) the largest of the events at each time."""
    known = events.during(times[0], times[-1])
    if not len(known):
        return np.zeros(len(times))
    start, lasts, amount = known.T
    since = times[:, None] - start
    up = np.clip(since / kind.rises, 0, 1)
    down = np.clip((since - kind.rises - lasts) / (2 * kind.rises), 0, 1)
    ease = up * up * (3 - 2 * up) * (1 - down * down * (3 - 2 * down))
    return np.asarray((ease * amount).max(1))


def _hash(seconds: NDArray[np.floating]) -> NDArray[np.floating]:
    """0..1, evenly: the same for the same time, whoever asks."""
    return np.asarray(np.modf(np.abs(np.sin(seconds * 7919.0)) * 1e4)[0])


def blend(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Two causes of one coefficient: they add up, and never beyond 1."""
    return np.asarray(1 - (1 - a) * (1 - b))
