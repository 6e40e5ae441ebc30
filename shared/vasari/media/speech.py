"""Reading speech: whatever holds sound becomes one stretch of samples, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.media.sound import SILENCE, decode_sound
from vasari.values import InputError, Reason

SAMPLE_RATE: Final = 16_000
"""Samples per second: the rate that speech models are made for; it carries all that lips need (up to 8 kHz)."""

MIN_SECONDS: Final = 0.1
"""One frame of the slowest video, 10 frames per second."""


@dataclass(frozen=True, eq=False)
class Speech:
    """Something said."""

    samples: NDArray[np.float32]
    """(N,) mono at SAMPLE_RATE, finite, -1..1."""
    remark: str = ""
    """What was overlooked or mended in its file, in a few words; empty for most."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def read_speech(
    path: Path, max_seconds: float, check: Callable[[], None] = lambda: None, track: int | None = None
) -> Speech:
    """Read the sound of a file as mono speech; channels are mixed by their mean.

    Args:
        path: wav, flac, mp3, m4a, ogg, opus, webm, a video, ...: any rate, any number of channels.
        max_seconds: the longest speech that is accepted; a longer one is not decoded beyond it.
        check: called before each packet, many times a second; what it raises ends the reading.
        track: which sound track of several, as in `decode_sound`.

    Raises:
        InputError: SPEECH_UNREADABLE, SPEECH_EMPTY, SPEECH_SILENT or SPEECH_TOO_LONG; INVALID_REQUEST for a track that
            is not there.
    """
    data = bytearray()  # grows in place: no second copy of a long speech at the end
    remarks: list[str] = []
    for block in decode_sound(path, SAMPLE_RATE, max_seconds, check, track, remarks.append):
        data += block.mean(axis=0, dtype=np.float32).tobytes()
    speech = Speech(np.frombuffer(data, np.float32), "; ".join(dict.fromkeys(remarks)))

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
