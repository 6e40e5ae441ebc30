"""Who speaks, into what microphone: what has to be known of a recording before its sounds can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from vasari.motion.articulation import REACH, Articulation
from vasari.motion.speech import Floats, log_mel, loudness, speech_level, tick_count
from vasari.motion.visemes import Gesture

_RANGE_DB: Final = 55.0
"""Quieter than this below the speech, all is silence."""
_UNIT_DB: Final = 15.0
_ACTIVE_DB: Final = 15.0
"""Ticks at most this much below the level of the speech count as speech."""
_SPANS: Final = 12
_SPAN_TICKS: Final = 500
"""At most 12 spans of 5 s, evenly spread, are listened to, however long the speech is."""
_PRIOR_TICKS: Final = 100
"""An average voice weighs as much as one second of this one, so that very short speech has sane figures too."""


@dataclass(frozen=True, eq=False)
class Voice:
    """Normalisation of one recording."""

    level: float
    """dB relative to full scale of the speech without its pauses."""
    colour: Floats
    """(BANDS,) mean log-mel spectrum of the speech, in dB relative to `level`: voice, room and microphone."""
    opening: tuple[float, float] = (0.0, 1.0)
    """8th and 93rd percentile of the opening that the network hears in it: shut and open for this speaker."""

    @classmethod
    def of(cls, samples: Floats, network: Articulation) -> Self:
        """Listen to a recording: once to its powers, and to at most a minute of its spectra."""
        level = speech_level(samples)
        spans = [log_mel(samples, start - REACH, stop + REACH) for start, stop in _spans(tick_count(samples))]
        colour = mean_colour(np.concatenate([span[REACH:-REACH] for span in spans]), level, network.colour)
        voice = cls(level, colour)

        heard = np.concatenate([network(voice.normalised(span)) for span in spans])
        spoken = heard[heard[:, Gesture.SPEECH] > 0.5, Gesture.OPENING]
        trust = len(spoken) / (len(spoken) + _PRIOR_TICKS)
        low, high = network.opening
        if len(spoken):
            own_low, own_high = np.percentile(spoken, (8, 93))
            low, high = low + trust * (own_low - low), high + trust * (own_high - high)
        return cls(level, colour, (float(low), float(high)))

    def normalised(self, mel: Floats) -> Floats:
        """Spectra in dB as `log_mel` gives them -> without level and colour, in units of about 1."""
        return np.asarray((np.maximum(mel - self.level, -_RANGE_DB) - self.colour) / _UNIT_DB, np.float32)


def mean_colour(mel: Floats, level: float, prior: Floats | None = None) -> Floats:
    """(n, BANDS) spectra -> (BANDS,) their mean over what is loud enough to be speech, relative to its level."""
    active = np.maximum(mel[loudness(mel) > level - _ACTIVE_DB] - level, -_RANGE_DB)
    if prior is None:
        return np.asarray(active.mean(0), np.float32)
    return np.asarray((active.sum(0) + _PRIOR_TICKS * prior) / (len(active) + _PRIOR_TICKS), np.float32)


def _spans(ticks: int) -> list[tuple[int, int]]:
    """Where to listen: everything, or evenly spread spans of a long recording."""
    if ticks <= _SPANS * _SPAN_TICKS:
        return [(0, ticks)]
    starts = np.linspace(0, ticks - _SPAN_TICKS, _SPANS).round().astype(int).tolist()
    return [(start, start + _SPAN_TICKS) for start in starts]
