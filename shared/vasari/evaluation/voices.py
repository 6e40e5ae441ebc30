"""Recordings of any language, in any voice, whose words are not known: what can be said of the lips all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion

from vasari.evaluation.figures import Figure, Measured, Quantity, Show, at_most, gathered
from vasari.evaluation.filmed import correlation
from vasari.evaluation.lips import lip_gap, lip_rounding
from vasari.evaluation.microphones import beneath
from vasari.motion import animate
from vasari.motion.audio_features import loudness
from vasari.motion.speech import TICK, speech_level, tick_count

_PAUSE = 0.8
"""Seconds: in shorter pauses lips stay a little apart, as filmed ones do."""
_SETTLING = 0.3
"""Seconds at either end of a pause in which lips may still close, or already part."""


def measure_voices(recordings: Mapping[str, NDArray[np.float32]], show: Show) -> list[Figure]:
    """Lips in speech and in its pauses, and how far they do the same when noise lies over it, by recording."""
    found: dict[str, list[Measured]] = {}
    for name, samples in recordings.items():
        show("voices", len(found), len(recordings))
        found[name] = list(_measured(samples))
    show("voices", len(found), len(recordings))
    return gathered(found)


def _measured(samples: NDArray[np.float32]) -> Iterator[Measured]:
    motion = animate(samples)
    gap, fps = lip_gap(motion), motion.fps
    quiet = paused(samples, len(motion), fps)
    high = float(np.percentile(gap, 95))
    yield Quantity("opening, 95th percentile"), high
    yield Quantity("rounding, standard deviation"), float(lip_rounding(motion).std())
    shut = gap < 0.15 * np.percentile(gap, 90)
    spoken = ~binary_dilation(quiet, iterations=round(_SETTLING * fps)) if quiet.any() else np.ones(len(gap), bool)
    closings = int((shut[1:] & ~shut[:-1] & spoken[1:]).sum())
    yield Quantity("lips close, in speech", "per second"), closings * fps / max(int(spoken.sum()), 1)
    yield Quantity("largest step of the opening, over its reach"), float(np.abs(np.diff(gap)).max() / high)
    widest = float(gap[quiet].max() / high) if quiet.any() else float("nan")
    yield Quantity("gap in pauses, over its reach", "", at_most(0.1)), widest
    noisy = beneath(samples, np.random.default_rng(2).normal(size=len(samples)), 10)
    yield Quantity("opening r with noise at 10 dB"), correlation(lip_gap(animate(noisy)), gap, 0)


def paused(samples: NDArray[np.float32], frames: int, fps: float) -> NDArray[np.bool_]:
    """(frames,) where nobody has spoken for a while, nor will."""
    ticks = tick_count(samples)
    loud = loudness(samples, speech_level(samples), 0, ticks)
    silent = np.interp((np.arange(frames) + 0.5) / fps, np.arange(ticks) * TICK, loud) < -35
    long = binary_erosion(silent, iterations=max(round(_PAUSE / 2 * fps), 1))
    kept = binary_dilation(long, iterations=max(round((_PAUSE / 2 - _SETTLING) * fps), 1))
    return np.asarray(kept & silent)
