"""Any file's sound, block by block: what the speech is analysed from and what the video's track is made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray

from vasari.media.channels import uncancelled
from vasari.media.decoding import Check, Tell, blocks_of, opened, unreadable
from vasari.values import InputError, Reason

SILENCE: Final = 1e-3
"""Peak below which nothing was said, -60 dBFS: a bad microphone's noise and 8-bit dither lie about there, a whisper
recorded far too low still reaches -40."""

_COARSE: Final = 16_000
"""Samples per second that are looked at where only loudness matters."""

_STRAY: Final = 0.01
"""Seconds of samples beyond full scale that are clipped and no more: a click, a loud consonant."""

_HOTTEST: Final = 32.0
"""Float sound may be mixed too loud, by up to 30 dB. What goes further counts in whole numbers of some size."""

_WHOLE: Final = {16: 2.0**15, 24: 2.0**23, 32: 2.0**31}
"""Bits of whole numbers, and full scale in them."""


def _nothing(_words: str = "") -> None:
    pass


def decode_sound(
    path: Path,
    rate: int,
    max_seconds: float | None = None,
    check: Check = _nothing,
    track: int | None = None,
    tell: Tell = _nothing,
) -> Iterator[NDArray[np.float32]]:
    """Decode a file's sound, one block at a time; memory stays flat whatever the length.

    Its time is that of the file's stamps: a film's sound begins when its picture does, silent until it comes in, and
    there is silence where nothing was recorded (pauses that encoders leave out, lost packets). Channels can be mixed by
    their mean: where that would cancel, all of them carry the loudest. Float sound in the range of whole numbers, or
    mixed too loud, is brought down as a whole.

    Packets that no decoder understands are passed over before the first sound, after the last (a torn end), and where
    they are tags between files that were joined; elsewhere they mean that a part of the speech is missing, and the file
    is refused. So it is when its last stamp lies well before the end that its header tells (over 0.5 s and 5 %): a cut
    upload.

    Args:
        path: a sound file, or a video with sound.
        rate: samples per second wanted.
        max_seconds: decoding stops with an error as soon as there is more; what the header claims is not relied on.
        check: called before each packet, many times a second; what it raises ends the decoding.
        track: which of the file's sound tracks, from 1. If not given, the one that is marked as the usual one or comes
            first; if that is silent, the next that is not.
        tell: called with what was overlooked or mended, in a few words.

    Yields:
        (channels, n) float32 at the given rate, finite, -1..1. `channels` is the file's own.

    Raises:
        InputError: SPEECH_UNREADABLE or SPEECH_TOO_LONG; INVALID_REQUEST for a track that is not there.
    """
    try:
        index = _chosen(path, track, max_seconds, check, tell)
        scale = _scale(path, index, max_seconds, check, tell)
        blocks = blocks_of(path, index, rate, max_seconds, check, tell)
        limited = (np.nan_to_num(block * scale, posinf=0.0, neginf=0.0).clip(-1.0, 1.0) for block in blocks)
        yield from uncancelled(limited, rate, tell)
    except FileNotFoundError:
        raise
    except av.FFmpegError as error:
        raise unreadable("it is not a sound file, or it is damaged") from error


def _chosen(path: Path, track: int | None, max_seconds: float | None, check: Check, tell: Tell) -> int:
    """Index of the stream to decode."""
    with opened(path) as container:
        tracks = [stream.index for stream in container.streams.audio]
        # FFmpeg's choice of the best hangs on how much it has looked at; two readers have to choose alike.
        likely = sorted(container.streams.audio, key=lambda stream: not stream.disposition & Disposition.default)
        known = [stream.index for stream in likely if stream.codec_context is not None]
    if track is not None and not 1 <= track <= len(tracks):
        raise InputError(Reason.INVALID_REQUEST, f"there is no sound track {track}: {path.name} has {len(tracks)}")
    if track is not None:
        known = [index for index in known if index == tracks[track - 1]]
    if not known:
        raise unreadable("it has no sound track of a known kind")
    if len(known) == 1:
        return known[0]
    heard = next((index for index in known if _is_heard(path, index, max_seconds, check)), known[0])
    if heard != known[0]:
        silent, taken = tracks.index(known[0]) + 1, tracks.index(heard) + 1
        tell(f"sound track {silent} is silent, so track {taken} is taken")
    return heard


def _is_heard(path: Path, index: int, max_seconds: float | None, check: Check) -> bool:
    blocks = blocks_of(path, index, _COARSE, max_seconds, check, _nothing)
    return any(np.abs(block).max(initial=0) >= SILENCE for block in blocks)


def _scale(path: Path, index: int, max_seconds: float | None, check: Check, tell: Tell) -> float:
    """What samples have to be multiplied with so that full scale is 1. Only uncompressed float goes far beyond it."""
    with opened(path) as container:
        codec = container.streams[index].codec_context
        if codec is None or not codec.name.startswith(("pcm_f", "wavpack")):
            return 1.0
    beyond, peak = 0, 0.0
    for block in blocks_of(path, index, _COARSE, max_seconds, check, _nothing):
        size = np.abs(block[np.isfinite(block)])
        beyond += int((size > 1).sum())
        peak = max(peak, float(size.max(initial=0)))
    if beyond <= _STRAY * _COARSE:
        return 1.0
    if peak <= _HOTTEST:
        tell(f"the sound is {20 * np.log10(peak):.0f} dB above full scale, and brought down")
        return 1 / peak
    for bits, full in _WHOLE.items():
        if peak <= full:
            tell(f"the float samples go up to {peak:,.0f} instead of 1, and are read as {bits}-bit numbers")
            return 1 / full
    raise unreadable(f"its float samples go up to {peak:.2g}, where 1 is full scale")
