"""Reading a video's pictures, one after the other, at a constant frame rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video import VideoStream
from numpy.typing import NDArray

from vasari.values import InputError, Reason

LARGEST: Final = 1280
"""Pixels along the longer side: larger videos are read reduced to it."""


@dataclass(frozen=True)
class Film:
    """The pictures of a video file. Iterated over as often as needed; memory holds one of them."""

    path: Path
    fps: float
    """Frames per second that it is read at: its own mean rate, whether its frames come evenly or not."""
    expected_frames: int
    """What its header says; 0 if nothing."""
    tell: Callable[[int], None] = lambda _count: None
    """Called with the number of frames read so far, whenever it is iterated over."""

    @classmethod
    def of(cls, path: Path) -> Film:
        """Raises InputError: INVALID_REQUEST, when the file is no video."""
        with _opened(path) as (_, stream):
            rate = stream.average_rate or stream.guessed_rate
            fps = float(rate) if rate else 25.0
            seconds = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
            return cls(path, fps, round(seconds * fps))

    def told(self, tell: Callable[[int], None]) -> Film:
        """The same film, which says how far it has been read."""
        return replace(self, tell=tell)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """(H, W, 3) RGB, upright. A frame that comes late is repeated, one that comes too soon is left out."""
        with _opened(self.path) as (source, stream):
            count, first = 0, None
            for frame in source.decode(stream):
                time = float(frame.time or 0.0)
                first = time if first is None else first
                due = round((time - first) * self.fps) + 1
                if due > count:
                    picture = _upright(frame)
                    for _ in range(due - count):
                        yield picture
                    count = due
                    self.tell(count)


def has_pictures(path: Path) -> bool:
    """Whether a file is a video; sound with a cover is none."""
    try:
        with av.open(str(path)) as source:
            return any(not stream.disposition & Disposition.attached_pic for stream in source.streams.video)
    except (av.FFmpegError, OSError):
        return False


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A video's container and the stream of its picture."""
    try:
        source = av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise InputError(Reason.INVALID_REQUEST, f"{path.name} is not a video that can be read") from error
    with source:
        if not source.streams.video:
            raise InputError(Reason.INVALID_REQUEST, f"{path.name} has no picture")
        yield source, source.streams.video[0]


def _upright(frame: av.VideoFrame) -> NDArray[np.uint8]:
    scale = min(1.0, LARGEST / max(frame.width, frame.height))
    width, height = round(frame.width * scale), round(frame.height * scale)
    picture = frame.to_ndarray(format="rgb24", width=width, height=height)
    return np.ascontiguousarray(np.rot90(picture, frame.rotation // 90), np.uint8)
