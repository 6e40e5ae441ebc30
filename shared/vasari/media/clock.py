"""One clock for the pictures and the sound of a file: the time stamps that it was recorded with."""

from __future__ import annotations

from typing import Final

from av.container import InputContainer
from av.stream import Disposition
from av.video import VideoStream

LONGEST_GAP: Final = 3600.0
"""Seconds. Nobody pauses for longer than an hour within a file: such a step is a clock that was set anew."""

_JITTER: Final = 0.1
"""Seconds by which stamps may go back without meaning anything."""


def moving_picture(container: InputContainer) -> VideoStream | None:
    """The stream of a video's picture; a cover is none."""
    return next((s for s in container.streams.video if not s.disposition & Disposition.attached_pic), None)


def beginning(container: InputContainer) -> float | None:
    """The stamp at which a video begins, with picture or sound; None for sound alone, which begins with itself."""
    if moving_picture(container) is None:
        return None
    streams = (*container.streams.video, *container.streams.audio)
    starts = [float(s.start_time * s.time_base) for s in streams if s.start_time is not None and s.time_base]
    return min(starts, default=None)


class Clock:
    """Turns the stamps of one stream into seconds from the beginning, which never run back.

    Joined files and broadcasts set their clock anew on the way: what comes then goes on where the stream has got to.

    Args:
        zero: the stamp of the beginning, seconds; the first one that comes, if not known.
    """

    def __init__(self, zero: float | None = None) -> None:
        self._zero = zero

    def due(self, stamp: float | None, reached: float) -> float:
        """When that is due which bears this stamp, in seconds; what bears none is due now.

        Args:
            reached: seconds of the stream that are known already.
        """
        if stamp is None:
            return reached
        if self._zero is None:
            self._zero = stamp
        if not -_JITTER <= stamp - self._zero - reached <= LONGEST_GAP:
            self._zero = stamp - reached
        return max(stamp - self._zero, reached)
