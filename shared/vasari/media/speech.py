"""Reading speech: whatever holds sound becomes one stretch of samples, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.media.sound import decode_sound
from vasari.values import InputError, Reason

SAMPLE_RATE: Final = 16_000
"""Samples per second: the rate that speech models are made for; it carries all that lips need (up to 8 kHz)."""

MIN_SECONDS: Final = 0.1
"""One frame of the slowest video, 10 frames per second."""

SILENCE: Final = 1e-3
"""Peak below which nothing was said, -60 dBFS: a bad microphone's noise and 8-bit dither lie about there, a whisper
recorded far too low still reaches -40."""


@dataclass(frozen=True, eq=False)
class Speech:
    """Something said."""

    samples: NDArray[np.float32]
    """(N,) mono at SAMPLE_RATE, finite, -1..1."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def read_speech(path: Path, max_seconds: float, check: Callable[[], None] = lambda: None) -> Speech:
    """Read the sound of a file as mono speech; channels are mixed by their mean.

    Args:
        path: wav, flac, mp3, m4a, ogg, opus, webm, a video, ...: any rate, any number of channels.
        max_seconds: the longest speech that is accepted; a longer one is not decoded beyond it.
        check: called before each packet, many times a second; what it raises ends the reading.

    Raises:
        InputError: SPEECH_UNREADABLE, SPEECH_EMPTY, SPEECH_SILENT or SPEECH_TOO_LONG.
    """
    data = bytearray()  # grows in place: no second copy of a long speech at the end
    for block in decode_sound(path, SAMPLE_RATE, max_seconds, check):
        data += block.mean(axis=0, dtype=np.float32).tobytes()
    speech = Speech(np.frombuffer(data, np.float32))

    if speech.seconds < MIN_SECONDS:
        raise InputError(
            Reason.SPEECH_EMPTY,
            f"the speech is empty: {speech.seconds:.2f} s, at least {MIN_SECONDS:g} s are needed; "
            "check that the recording was saved",
        )
    peak = max(speech.samples.max(), -speech.samples.min())
    if peak < SILENCE:
        raise InputError(
            Reason.SPEECH_SILENT,
            f"the speech is silent: nothing in its {speech.seconds:.1f} s is louder than -60 dBFS; "
            "check the microphone or the track that was exported",
        )
    return speech
