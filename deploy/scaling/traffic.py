"""Who asks for videos, and when: a day with a quiet night, a busy afternoon and a spike."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Final

DAY: Final = 24 * 3600.0
SPIKE_START, SPIKE_SECONDS, SPIKE_FACTOR = 14 * 3600.0, 600.0, 5.0
"""Ten minutes of five times the load, as when a newsletter goes out."""
_MEDIAN_SPEECH, _SPREAD, _LONGEST = 15.0, 0.8, 600.0
"""Speech lengths are log-normal: most short, some long. Seconds."""


def rate(time: float, jobs_a_minute: float) -> float:
    """Jobs a second at a time of the day, in seconds; their mean without the spike is `jobs_a_minute`."""
    daily = 1 - math.cos(
        2 * math.pi * (time - 3 * 3600) / DAY
    )  # 0 at three in the morning, 2 at three in the afternoon
    spike = SPIKE_FACTOR if SPIKE_START <= time < SPIKE_START + SPIKE_SECONDS else 1.0
    return jobs_a_minute / 60 * daily * spike


def arrivals(chance: random.Random, jobs_a_minute: float) -> Iterator[tuple[float, float]]:
    """Time of each job of the day and its seconds of speech; a Poisson process thinned (Lewis and Shedler, 1979)."""
    highest = jobs_a_minute / 60 * 2 * SPIKE_FACTOR
    time = 0.0
    while (time := time + chance.expovariate(highest)) < DAY:
        if chance.random() * highest < rate(time, jobs_a_minute):
            yield time, min(_MEDIAN_SPEECH * math.exp(chance.gauss(0, _SPREAD)), _LONGEST)
