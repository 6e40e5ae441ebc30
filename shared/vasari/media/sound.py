"""Decoding any file's sound, block by block: what the speech is analysed from and what the video's track is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from vasari.values import InputError, Reason

_FORMATS: Final = (
    "wav,w64,aiff,au,caf,flac,mp3,aac,ac3,eac3,amr,ape,wv,tta,ogg,mov,matroska,webm,avi,asf,flv,mpeg,mpegts"
)
"""Containers that hold their own sound. Playlists (HLS, DASH, concat) would open other files and addresses."""

_STREAMS: Final = 64
"""Most tracks of a file; one with more is refused before they are looked at."""

_COUNTED: Final = ("flac", "ogg", "mov", "matroska")
"""Those whose header counts samples; the length of the others is guessed from size and bit rate."""

_MIN_RATE, _MAX_RATE = 4_000, 768_000
"""Hz. Below there is no speech to be heard; a freak rate would make the resampler's filters enormous."""


def decode_sound(
    path: Path, rate: int, max_seconds: float | None = None, check: Callable[[], None] = lambda: None
) -> Iterator[NDArray[np.float32]]:
    """Decode a file's sound, one block at a time; memory stays flat whatever the length.

    Packets that no decoder understands are passed over before the first sound and after the last (tags, a torn end);
    between them they mean that a part of the speech is missing, and the file is refused. So it is when it ends well
    before the length that its header counts (over 0.5 s and 5 % are missing): a cut upload, a lost page.

    Args:
        path: a sound file, or a video with sound.
        rate: samples per second wanted.
        max_seconds: decoding stops with an error as soon as there is more; what the header claims is not relied on.
        check: called before each packet, many times a second; what it raises ends the decoding.

    Yields:
        (channels, n) float32 at the given rate, finite, -1..1. `channels` is the file's own.

    Raises:
        InputError: SPEECH_UNREADABLE or SPEECH_TOO_LONG.
    """
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": "file", "max_streams": str(_STREAMS)}
    try:
        with av.open(f"file:{path}", container_options=options, metadata_errors="replace") as container:
            for frame in _resampled(_decoded(container, max_seconds, check), rate):
                samples = frame.to_ndarray().reshape(-1, frame.layout.nb_channels).T
                yield np.nan_to_num(samples, posinf=0.0, neginf=0.0).clip(-1.0, 1.0)
    except FileNotFoundError:
        raise
    except av.FFmpegError as error:
        raise _unreadable("it is not a sound file, or it is damaged") from error


def _decoded(
    container: InputContainer, max_seconds: float | None, check: Callable[[], None]
) -> Iterator[av.AudioFrame]:
    stream = container.streams.best("audio")
    if not isinstance(stream, AudioStream) or stream.codec_context is None:
        raise _unreadable("it has no sound track of a known kind")

    seconds, damaged = Fraction(0), False
    for packet in container.demux(stream):
        check()
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damaged = True
            continue
        for frame in frames:
            if damaged and seconds > 0:
                raise _unreadable(f"it is damaged {float(seconds):.1f} s from its start")
            if not _MIN_RATE <= frame.sample_rate <= _MAX_RATE:
                raise _unreadable(f"it has {frame.sample_rate} samples per second, which is no rate for speech")
            damaged = False
            seconds += Fraction(frame.samples, frame.sample_rate)
            if max_seconds is not None and seconds > max_seconds:
                raise _too_long(container, max_seconds)
            yield frame
    if damaged and seconds == 0:
        raise _unreadable("it is damaged from its start")
    if seconds < 0.95 * (declared := _declared_seconds(container, stream)) - 0.5:
        raise _unreadable(f"only {float(seconds):.1f} s of the {declared:.1f} s that it should have are there")


def _declared_seconds(container: InputContainer, stream: AudioStream) -> float:
    """What the header says about the length of the sound; 0 where it says nothing that holds."""
    if container.format.name.partition(",")[0] not in _COUNTED:
        return 0.0
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    # Matroska counts for the file as a whole.
    return (container.duration or 0) / av.time_base if len(container.streams) == 1 else 0.0


def _resampled(frames: Iterator[av.AudioFrame], rate: int) -> Iterator[av.AudioFrame]:
    """Interleaved float at one rate (PyAV maps no more than 8 planes).

    A chained or broadcast file may change its format on the way.
    """
    resampler, source = av.AudioResampler(), None
    for frame in frames:
        if source != (source := (frame.format.name, frame.layout.name, frame.sample_rate)):
            yield from filter(None, resampler.resample(None))
            resampler = av.AudioResampler("flt", rate=rate)
        yield from resampler.resample(frame)
    yield from filter(None, resampler.resample(None))


def _unreadable(what: str) -> InputError:
    return InputError(
        Reason.SPEECH_UNREADABLE, f"the speech cannot be read: {what}; export it again, as WAV, FLAC, MP3 or M4A"
    )


def _too_long(container: InputContainer, max_seconds: float) -> InputError:
    declared = (container.duration or 0) / av.time_base
    length = f"{declared:.1f} s long" if declared > max_seconds else "too long"
    return InputError(Reason.SPEECH_TOO_LONG, f"the speech is {length}, the limit is {max_seconds:g} s: cut it")
