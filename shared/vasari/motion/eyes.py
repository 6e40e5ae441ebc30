"""Blinks and glances, and what they are as coefficients."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.motion.chance import Events, Times
from vasari.motion.control_signals import ControlSignals
from vasari.values import Controls
from vasari.values.motion import GAZE_PITCH, GAZE_YAW

_LID: Final = (
    (0.0, 0.0),
    (0.03, 0.45),
    (0.06, 1.0),
    (0.11, 1.0),
    (0.15, 0.62),
    (0.19, 0.28),
    (0.23, 0.08),
    (0.27, 0.0),
)
"""Seconds and closure of a blink as measured on real lids: down within 2 frames, up within 3 to 6."""
_SHUT: Final = 0.06
_SLOWER: Final = (1.0, 2.0)
"""How much slower lids rise: on film they are more than half shut for 107 to 400 ms."""
_BLINK_SIGMA: Final = 0.6
"""Of the logarithm of the gaps between blinks."""
_SHORTEST_GAP: Final = 0.32
_LONG_OPEN: Final = 1.0
"""Seconds since the last blink when the video begins."""
_WAITS: Final = 0.5
"""Seconds by which a blink is moved to the end of a phrase."""
_GLANCE: Final = np.array([4.4, 2.2])
"""Standard deviation in degrees, sideways and up, of where a glance goes."""
_SACCADE_SECONDS: Final = 0.045


class Blinks:
    """Lids that fall at log-normal intervals.

    Args:
        rate: blinks per minute; 0 for none.
    """

    def __init__(self, rng: np.random.Generator, rate: float) -> None:
        mean_gap = 60.0 / rate if rate else np.inf
        centre = np.log(mean_gap) - _BLINK_SIGMA**2 / 2

        def draw() -> tuple[float, tuple[float, ...]]:
            gap = max(rng.lognormal(centre, _BLINK_SIGMA), _SHORTEST_GAP)
            return gap, (rng.uniform(0.94, 1.0), rng.uniform(*_SLOWER))

        self._events = Events(draw, memory=_SLOWER[1] * _LID[-1][0] + _WAITS, since=-_LONG_OPEN)

    def __call__(self, times: Times, ends: Times | None = None) -> NDArray[np.floating]:
        """
        Args:
            times: (T,) seconds, not before those of the last call.
            ends: (n,) seconds at which phrases end, of late and soon: a blink waits for one, or hurries to it.

        Returns:
            (T,) closure of the lids 0..1.
        """
        onsets = self._events.during(times[0], times[-1] + _WAITS).reshape(-1, 3)
        onsets = onsets[onsets[:, 0] > _WAITS]  # the first frame shows the photo's eyes
        if not len(onsets):
            return np.zeros(len(times))
        if ends is not None and len(ends):
            nearest = ends[np.abs(onsets[:, :1] - ends).argmin(1)]
            onsets[:, 0] = np.where(np.abs(onsets[:, 0] - nearest) < _WAITS, nearest, onsets[:, 0])
        when, closure = zip(*_LID, strict=True)
        onset, depth, slower = onsets.T
        since = times[:, None] - onset
        since = np.minimum(since, _SHUT + (since - _SHUT) / slower)
        return np.asarray((np.interp(since, when, closure) * depth).max(1))


class Glances:
    """Where the eyes look: at what they were asked to look at, away from it for a moment, and back.

    Args:
        away: part of the fixations that are beside the aim, 0..1. Who looks away more than others looks farther, too.
    """

    def __init__(self, rng: np.random.Generator, signals: ControlSignals, away: float = Controls.look_away) -> None:
        reach = _GLANCE * signals.factor("eyes") * max(1.0, away / Controls.look_away) ** 2

        def draw() -> tuple[float, tuple[float, ...]]:
            beside = rng.normal(size=2) * reach * (rng.random() < away)
            return 0.3 + rng.gamma(2.0, 0.6), tuple(beside)

        self._events = Events(draw, memory=_SACCADE_SECONDS)

    def __call__(self, times: Times) -> NDArray[np.floating]:
        """(T,) seconds, not before those of the last call -> (T, 2) degrees of yaw (positive to the image's right)
        and pitch (positive up) beside the aim."""
        events = np.concatenate([[[-1.0, 0.0, 0.0]], self._events.during(times[0], times[-1]).reshape(-1, 3)])
        last = np.searchsorted(events[:, 0], times, side="right") - 1
        way = np.clip((times - events[last, 0]) / _SACCADE_SECONDS, 0, 1)[:, None]
        way = way * way * (3 - 2 * way)
        return np.asarray((1 - way) * events[np.maximum(last - 1, 0), 1:] + way * events[last, 1:])


def look(gaze: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
    """(T, 2) degrees of yaw (positive to the subject's left, the image's right) and pitch -> eyeLook coefficients."""
    right, up = np.clip(gaze[:, 0] / GAZE_YAW, -1, 1), np.clip(gaze[:, 1] / GAZE_PITCH, -1, 1)
    sideways = {
        "eyeLookOutLeft": np.maximum(right, 0),
        "eyeLookInRight": np.maximum(right, 0),
        "eyeLookInLeft": np.maximum(-right, 0),
        "eyeLookOutRight": np.maximum(-right, 0),
    }
    return sideways | {
        f"eyeLook{d}{s}": np.maximum(w, 0) for d, w in (("Up", up), ("Down", -up)) for s in ("Left", "Right")
    }
