"""From audio features to blendshape coefficients of mouth, jaw and tongue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, grey_closing

from vasari.motion.audio_features import AudioFeatures
from vasari.motion.speech import TICK
from vasari.motion.visemes import Gesture

Curves = dict[str, NDArray[np.floating]]

REACH: Final = 100
"""Ticks on either side that the smoothing below looks at."""

_JAW: Final = 0.62
"""jawOpen of a wide open vowel."""
_BRIDGE: Final = 15
"""Ticks: the jaw only half follows closings of the lips that are shorter."""
_BREATH: Final = 80
"""Ticks: in pauses that are shorter the lips stay apart, as they do on filmed speakers (median .1 to 1.2 of the reach),
and close in longer ones."""
_REST: Final = 0.25
"""How far they then are apart."""
_ROUND: Final = 0.15
"""How much less rounded lips part."""

_WIDENS: Final = (0.32, 0.08)
"""mouthStretch and mouthSmile of lips wide open that are not rounded: corners go apart with an open vowel. As tracked
on eleven filmed speakers the mouth's width then follows its opening by an r of .43."""


def smooth(curve: NDArray[np.floating], seconds: float) -> NDArray[np.floating]:
    """Gaussian smoothing by a standard deviation in seconds: without lag."""
    return np.asarray(gaussian_filter1d(curve, seconds / TICK, axis=0, truncate=3.0, mode="nearest"))


@dataclass(frozen=True, eq=False)
class LipCurves:
    """What the lips are to do, on the grid of ticks. All of shape (n,)."""

    activity: NDArray[np.floating]
    """0 in pauses, 1 in speech, with soft edges."""
    energy: NDArray[np.floating]
    """How loud it is, 0 to 1; 0 in pauses."""
    opening: NDArray[np.floating]
    """0 shut, 1 as wide as this speaker opens."""
    rounding: NDArray[np.floating]
    """-1 spread, 1 rounded."""
    closed: NDArray[np.floating]
    """1 where the lips are pressed together: p, b, m."""
    labiodental: NDArray[np.floating]
    """1 for f, v."""
    sibilant: NDArray[np.floating]
    """1 for s, sh and the like."""
    alveolar: NDArray[np.floating]
    """1 where the tongue's tip is raised: t, d, n, l."""
    dental: NDArray[np.floating]
    """1 where it shows between the teeth: th."""

    @classmethod
    def of(cls, features: AudioFeatures, start: int, stop: int, reach: tuple[float, float]) -> LipCurves:
        """What was heard from tick to tick.

        Args:
            reach: what the network tells of this speaker's opening where the lips are shut and where wide open.
        """
        heard = features.gestures(start, stop)
        loudness = features.loudness(start, stop)
        audible = np.clip((loudness + 40) / 10, 0, 1)
        activity = smooth(np.clip(2 * heard[:, Gesture.SPEECH] - 0.6, 0, 1) * smooth(audible, 0.05), 0.05)

        low, high = reach
        opening = (heard[:, Gesture.OPENING] - low) / (high - low) - _ROUND * heard[:, Gesture.ROUNDING]
        closed = np.clip((heard[:, Gesture.BILABIAL] - 0.12) / 0.25, 0, 1)
        speaking = grey_closing(activity, _BREATH)
        parted = smooth(np.clip(opening, 0, 1.15), 0.015) * speaking + _REST * (speaking - activity)
        return cls(
            activity=activity,
            energy=smooth(np.clip((loudness + 30) / 30, 0, 1), 0.08) * activity,
            opening=np.clip(parted, 0, 1.15),
            rounding=smooth(np.clip(heard[:, Gesture.ROUNDING] * 1.2, -1, 1), 0.03) * activity,
            closed=smooth(closed, 0.012) * np.clip(1.5 * activity, 0, 1),
            labiodental=smooth(heard[:, Gesture.LABIODENTAL], 0.02) * activity,
            sibilant=smooth(heard[:, Gesture.SIBILANT], 0.02) * activity,
            alveolar=smooth(heard[:, Gesture.ALVEOLAR], 0.015) * activity,
            dental=smooth(heard[:, Gesture.DENTAL], 0.02) * activity,
        )


def mouth(curves: LipCurves, amplitude: float) -> Curves:
    """Coefficients of mouth and jaw on the grid of ticks.

    The gap between the lips is shared out as on tracked speakers: the jaw is slow and stays open under a closure,
    where mouthClose takes its opening back; the lips are quick. Amplitude scales how far everything moves.
    """
    s = curves
    gap = amplitude * s.opening
    free = 1 - s.closed
    parted = smooth(gap, 0.03) * free
    teeth = 1 - 0.65 * s.sibilant - 0.45 * s.labiodental
    bridged = 0.4 * gap + 0.6 * grey_closing(gap, _BRIDGE)
    jaw = _JAW * smooth(bridged * teeth, 0.035)

    lively = min(amplitude, 1.5)
    rounded = lively * np.clip(s.rounding, 0, 1)
    spread = lively * np.clip(-s.rounding, 0, 1)
    wide = smooth(s.opening, 0.03) * free * (1 - np.clip(s.rounding, 0, 1))
    funnelled = 0.5 * np.clip(1.4 * gap + 0.6 * s.sibilant, 0, 1)
    press = min(amplitude, 1.0) * s.closed
    sibilant, bite = min(amplitude, 1.0) * s.sibilant, min(amplitude, 1.0) * s.labiodental
    return {
        "jawOpen": jaw,
        "mouthClose": np.clip(jaw - _JAW * smooth(gap * teeth, 0.02), 0, jaw),
        "mouthPucker": 0.85 * rounded * (1 - funnelled),
        "mouthFunnel": 0.85 * rounded * funnelled * free,
        **_both("mouthStretch", np.clip(0.45 * spread + _WIDENS[0] * wide, 0, 1)),
        **_both("mouthSmile", np.clip(0.28 * spread + _WIDENS[1] * wide, 0, 1)),
        **_both("mouthUpperUp", 0.30 * parted + 0.10 * (sibilant + bite) * free),
        **_both("mouthLowerDown", (0.42 * parted + 0.14 * sibilant) * (1 - 0.8 * bite) * free),
        **_both("mouthPress", 0.45 * press),
        "mouthRollLower": 0.30 * press + 0.40 * bite * free,
        "mouthRollUpper": 0.18 * press,
        "tongueOut": 0.25 * np.clip(2 * s.dental, 0, 1) * np.clip(4 * parted, 0, 1),
    }


def _both(name: str, curve: NDArray[np.floating]) -> Curves:
    return {f"{name}Left": curve, f"{name}Right": curve}
