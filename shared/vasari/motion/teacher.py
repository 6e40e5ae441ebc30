"""Motion by rule, drawn with the figures that were measured on filmed speakers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.motion.chance import Times
from vasari.motion.control_signals import ControlSignals
from vasari.motion.expression import Expression
from vasari.motion.eyes import Blinks, Glances
from vasari.motion.head import Head


class Teacher:
    """Head, eyes and expression with their chances: functions of time that speech enlivens."""

    def __init__(self, seed: np.random.SeedSequence, signals: ControlSignals) -> None:
        head, blinks, glances, expression = (np.random.default_rng(child) for child in seed.spawn(4))
        self._head = Head(head, signals)
        self._blinks = Blinks(blinks, signals.blink_rate)
        self._glances = Glances(glances, signals)
        self._expression = Expression(expression, signals)

    def __call__(
        self, times: Times, activity: NDArray[np.floating], accents: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """
        Args:
            times: (T,) seconds, not before those of the last call.
            activity: (T,) 0 in pauses, 1 in speech.
            accents: (n, 2) seconds and strength, about 1, of the accents near these times.

        Returns:
            (T, 16) curves of `FACE`.
        """
        head = self._head(times, activity, accents)
        blink = self._blinks(times)[:, None]
        return np.concatenate(
            [head, self._glances(times), blink, self._expression(times, activity, accents)], 1, dtype=np.float64
        )
