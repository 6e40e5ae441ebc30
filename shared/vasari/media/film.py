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
from av.video import VideoStream
from numpy.typing import NDArray

from vasari.media.clock import LONGEST_GAP, Clock, beginning, moving_picture
from vasari.values import InputError, Reason

LARGEST: Final = 1280
"""Pixels along the longer side: larger videos are read reduced to it."""

_SLOWEST, _FASTEST = 10.0, 60.0
"""Frames per second, those of the videos that are made."""

_PAUSE: Final = 4.0
"""Times the usual step from picture to picture that are a pause, and say nothing about the rate."""


@dataclass(frozen=True)
class Film:
    """The pictures of a video file. Iterated over as often as needed; memory holds one of them."""

    path: Path
    fps: float
    """Frames per second that it is read at: those of its header, or if its pictures come otherwise, their mean rate."""
    expected_frames: int
    """By the stamps of its pictures."""
    tell: Callable[[int], None] = lambda _count: None
    """Called with the number of frames read so far, whenever it is iterated over."""

    @classmethod
    def of(cls, path: Path) -> Film:
        """Count the pictures of a file, without decoding any.

        Raises:
            InputError: INVALID_REQUEST, when the file is no video.
        """
        with _opened(path) as (source, stream):
            stamps = [packet.dts for packet in source.demux(stream) if packet.dts is not None]
            steps = np.diff(stamps) * float(stream.time_base or 0)
            said = float(stream.average_rate or stream.guessed_rate or 0)
        steps = steps[(steps > 0) & (steps <= LONGEST_GAP)]
        going = steps[steps <= _PAUSE * np.median(steps)] if len(steps) else steps
        counted = 1 / float(going.mean()) if len(steps) else said or 25.0
        # Where a header says nothing, what is read from it is a guess, up to a thousand a second.
        fps = said if abs(said / counted - 1) < 0.05 else max(float(round(counted)), _SLOWEST)
        fps = min(fps, _FASTEST)
        return cls(path, fps, round(float(steps.sum()) * fps) + 1)

    def told(self, tell: Callable[[int], None]) -> Film:
        """The same film, which says how far it has been read."""
        return replace(self, tell=tell)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """(H, W, 3) RGB, upright. Frame k shows what is seen k / fps seconds after the beginning of picture and sound.

        A picture stands until the next is due, the first one from the beginning; one that comes too soon is left out.

        Raises:
            InputError: INVALID_REQUEST, when no picture can be decoded.
        """
        with _opened(self.path) as (source, stream):
            clock, count, reached, standing = Clock(beginning(source)), 0, 0.0, None
            for frame in _decoded(source, stream):
                reached = clock.due(frame.time, count / self.fps if frame.time is None else reached)
                due = round(reached * self.fps) + 1
                if due > count:
                    picture = _upright(frame)
                    for _ in range(count, due - 1):
                        yield picture if standing is None else standing
                    yield picture
                    count, standing = due, picture
                    self.tell(count)
        if count == 0:
            raise InputError(Reason.INVALID_REQUEST, f"no picture of {self.path.name} can be decoded")


def has_pictures(path: Path) -> bool:
    """Whether a file is a video; sound with a cover is none."""
    try:
        with av.open(str(path), metadata_errors="replace") as source:
            return moving_picture(source) is not None
    except (av.FFmpegError, OSError):
        return False


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A video's container and the stream of its picture."""
    try:
        with av.open(str(path), metadata_errors="replace") as source:
            stream = moving_picture(source)
            if stream is None:
                raise InputError(Reason.INVALID_REQUEST, f"{path.name} has no picture")
            yield source, stream
    except (av.FFmpegError, OSError) as error:
        raise InputError(Reason.INVALID_REQUEST, f"{path.name} is not a video that can be read") from error


def _decoded(source: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    """All that can be decoded: what is damaged is passed over, the picture before it stands meanwhile."""
    for packet in source.demux(stream):
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue


def _upright(frame: av.VideoFrame) -> NDArray[np.uint8]:
    scale = min(1.0, LARGEST / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    picture = frame.to_ndarray(format="rgb24", width=width, height=height)
    return np.ascontiguousarray(np.rot90(picture, frame.rotation // 90), np.uint8)
