"""What lips and tongue do for each phone: the table that the articulation network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from vasari.motion.speech import TICK


class Gesture(IntEnum):
    """The curves that describe speech on the lips, and their columns."""

    OPENING = 0
    """Height of the gap between the lips: 0 shut, 1 as wide as this speaker opens for "ah"."""
    ROUNDING = 1
    """-1 corners drawn apart as in "ee", 1 lips rounded as in "oo"."""
    BILABIAL = 2
    """Probability that the lips are pressed together for p, b, m."""
    LABIODENTAL = 3
    """Probability of f, v: lower lip under the upper teeth."""
    SIBILANT = 4
    """Probability of s, z, sh, ch, zh, j: teeth together behind parted lips."""
    ALVEOLAR = 5
    """Probability of t, d, n, l: the tongue's tip at the ridge behind the upper teeth."""
    DENTAL = 6
    """Probability of th: the tongue's tip between the teeth."""
    SPEECH = 7
    """Probability of any phone at all; 0 in pauses."""


class Phone(NamedTuple):
    """Who speaks what from when to when, in seconds. Names are those of the CMU pronouncing dictionary, lower case."""

    name: str
    start: float
    stop: float


class Target(NamedTuple):
    """What a phone asks of the lips, in the units of `Gesture`."""

    opening: float
    rounding: float
    dominance: float = 1.0
    """How strongly the phone holds its place against its neighbours (Cohen and Massaro 1993)."""


TARGETS: Final[dict[str, Target]] = {
    "pau": Target(0.0, 0.0, 0.6),
    **dict.fromkeys(("p", "b", "m"), Target(0.0, 0.0, 5.0)),
    **dict.fromkeys(("f", "v"), Target(0.12, 0.0, 3.0)),
    "w": Target(0.08, 1.0, 1.5),
    "uw": Target(0.20, 1.0),
    "uh": Target(0.32, 0.6),
    "ao": Target(0.70, 0.5),
    "er": Target(0.35, 0.4, 0.8),
    "r": Target(0.20, 0.5, 0.8),
    "aa": Target(0.95, 0.0),
    "ae": Target(1.00, -0.4),
    "ah": Target(0.65, -0.1, 0.8),
    "ax": Target(0.42, 0.0, 0.5),
    "eh": Target(0.75, -0.4),
    "ih": Target(0.48, -0.4, 0.7),
    "iy": Target(0.40, -0.8, 0.8),
    "y": Target(0.32, -0.5, 0.6),
    "l": Target(0.45, 0.0, 0.4),
    "hh": Target(0.60, 0.0, 0.15),
    **dict.fromkeys(("t", "d", "n"), Target(0.34, -0.1, 0.5)),
    **dict.fromkeys(("k", "g", "ng"), Target(0.42, 0.0, 0.3)),
    **dict.fromkeys(("s", "z"), Target(0.38, -0.25, 0.8)),
    **dict.fromkeys(("sh", "ch", "zh", "jh"), Target(0.44, 0.6, 1.0)),
    **dict.fromkeys(("th", "dh"), Target(0.32, 0.0, 0.6)),
}
"""Openings follow those measured on tracked lips (aa, ae 1; s .35 to .48; r .15; w .06), pauses are shut."""

_PARTS: Final = {
    "ay": ("aa", "ih", 0.55),
    "aw": ("aa", "uh", 0.55),
    "ow": ("ao", "uw", 0.55),
    "oy": ("ao", "ih", 0.55),
    "ey": ("eh", "ih", 0.55),
    "p": ("p", "hh", 0.65),
    "b": ("b", "hh", 0.75),
}
_CONTACTS: Final = {
    **dict.fromkeys(("p", "b", "m"), Gesture.BILABIAL),
    **dict.fromkeys(("f", "v"), Gesture.LABIODENTAL),
    **dict.fromkeys(("s", "z", "sh", "ch", "zh", "jh"), Gesture.SIBILANT),
    **dict.fromkeys(("t", "d", "n", "l"), Gesture.ALVEOLAR),
    **dict.fromkeys(("th", "dh"), Gesture.DENTAL),
}
_SYNONYMS: Final = {"axr": "er", "el": "l", "em": "m", "en": "n", "ix": "ih", "dx": "d", "hv": "hh", "ssil": "pau"}
_BLUR: Final = 0.035
"""Standard deviation in seconds of the dominance functions."""
_EDGE: Final = 0.015


def gestures(phones: Sequence[Phone], ticks: int) -> NDArray[np.float32]:
    """The lips' targets for a sequence of phones.

    Phones overlap by dominance functions (Cohen and Massaro 1993, with Gaussian dominance), without lag.

    Returns:
        (ticks, 8) in the order of `Gesture`.
    """
    opening, rounding, speech = np.zeros(ticks), np.zeros(ticks), np.zeros(ticks)
    dominance = np.full(ticks, TARGETS["pau"].dominance)
    contacts = np.zeros((Gesture.SPEECH - Gesture.BILABIAL, ticks))
    for name, start, stop in _halved(phones):
        span = slice(round(start / TICK), max(round(stop / TICK), round(start / TICK) + 1))
        opening[span], rounding[span], dominance[span] = TARGETS[name]
        speech[span] = name != "pau"
        if (contact := _CONTACTS.get(name)) is not None:
            contacts[contact - Gesture.BILABIAL, span] = 1.0

    weight = gaussian_filter1d(dominance, _BLUR / TICK)
    blend = [gaussian_filter1d(curve * dominance, _BLUR / TICK) / weight for curve in (opening, rounding)]
    edges = [gaussian_filter1d(curve, _EDGE / TICK) for curve in (*contacts, speech)]
    return np.stack([*blend, *edges], 1).astype(np.float32)


def _halved(phones: Sequence[Phone]) -> list[Phone]:
    """Diphthongs as their two halves, plosives of the lips as closure and burst, other names for phones as ours."""
    out = []
    for name, start, stop in phones:
        name = _SYNONYMS.get(name, name)
        first, second, share = _PARTS.get(name, (name, name, 1.0))
        middle = start + share * (stop - start)
        out.append(Phone(first, start, middle))
        if share < 1.0:
            out.append(Phone(second, middle, stop))
    return out
