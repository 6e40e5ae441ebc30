"""The video's sound: encoded once for the whole video, copied into segments and the finished file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from vasari.media.files import replacing
from vasari.media.sound import decode_sound

AAC_RATE: Final = 48_000
"""Samples per second, the rate of video sound."""

AAC_FRAME: Final = 1024
"""Samples that one AAC packet holds, and by which the encoder's output runs late (its priming)."""

_BIT_RATE: Final = 128_000


def encode_speech(
    source: Path, target: Path, seconds: float, check: Callable[[], None] = lambda: None, track: int | None = None
) -> str:
    """Encode the sound of a file as AAC-LC in MP4 (m4a), one or two channels, 128 kb/s, exactly as long as the picture.

    The sound starts at 0: the encoder's priming has negative timestamps, which the file's edit list tells players to
    skip. A longer source is cut, a shorter one ends in silence. Memory stays flat.

    Args:
        source: any file that `decode_sound` reads; more than two channels become one, as in `read_speech`.
        seconds: length of the picture, frames / fps.
        check: called before each packet of the source, many times a second; what it raises ends the encoding and
            leaves no file.
        track: which sound track of several, as in `decode_sound`.

    Returns:
        What was overlooked or mended in the file, as in `Speech.remark`.

    Raises:
        InputError: SPEECH_UNREADABLE; INVALID_REQUEST for a track that is not there.
    """
    remarks: list[str] = []
    sound = decode_sound(source, AAC_RATE, check=check, track=track, tell=remarks.append)
    blocks = _fitted(_one_or_two(sound), round(seconds * AAC_RATE))
    first = next(blocks)
    layout = "stereo" if len(first) == 2 else "mono"
    with replacing(target) as path, av.open(str(path), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=AAC_RATE, layout=layout, bit_rate=_BIT_RATE)
        stream.bit_rate = _BIT_RATE

        position = 0
        for block in chain([first], blocks):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", layout)
            frame.sample_rate, frame.pts = AAC_RATE, position
            position += frame.samples
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return "; ".join(dict.fromkeys(remarks))


def _one_or_two(blocks: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """As many channels as the first block has, or one if those are more than two."""
    channels = None
    for block in blocks:
        channels = channels or (len(block) if len(block) <= 2 else 1)
        if len(block) == channels:
            yield block
        else:
            yield np.repeat(block.mean(axis=0, keepdims=True, dtype=np.float32), channels, axis=0)


def _fitted(blocks: Iterator[NDArray[np.float32]], length: int) -> Iterator[NDArray[np.float32]]:
    """Blocks of `length` samples in sum: cut, or filled with silence a second at a time."""
    channels, position = 1, 0
    for block in blocks:
        if position == length:
            return
        channels, part = len(block), block[:, : length - position]
        position += part.shape[1]
        yield part
    while position < length:
        silence = np.zeros((channels, min(AAC_RATE, length - position)), np.float32)
        position += silence.shape[1]
        yield silence
