"""From a file's packets to blocks of samples in time: what is damaged is told from what was never recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import av
import numpy as np
from av.audio import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from vasari.media.clock import Clock, beginning
from vasari.media.tags import tag_end
from vasari.values import InputError, Reason

Check = Callable[[], None]
Tell = Callable[[str], None]

FORMATS: Final = (
    "wav,w64,aiff,au,caf,flac,mp3,aac,ac3,eac3,amr,ape,wv,tta,ogg,mov,matroska,webm,avi,asf,flv,mpeg,mpegts"
)
"""Containers that hold their own sound. Playlists (HLS, DASH, concat) would open other files and addresses."""

_STREAMS: Final = 64
"""Most tracks of a file; one with more is refused before they are looked at."""

_STAMPED: Final = ("ogg", "mov", "matroska", "asf", "flv", "mpeg", "mpegts")
"""Those whose packets bear the time they were recorded at; in the others they follow one another without gaps."""

_TAGGED: Final = ("mp3", "aac")
"""Those that people join by laying file after file."""

_GAP: Final = 0.1
"""Seconds from the end of a packet to the stamp of the next that make a gap. Less is rounding, or a sound card whose
clock is not quite the computer's."""

_PASSED_OVER: Final = 1024
"""Bytes between two packets of Ogg or Matroska that make a gap damage. Headers there have some 50, a page or cluster
that cannot be read is passed over as a whole."""

_BEYOND_BELIEF: Final = 360_000.0
"""Seconds that no header is believed to tell truly: a hundred hours."""

_MIN_RATE, _MAX_RATE = 4_000, 768_000
"""Hz. Below there is no speech to be heard; a freak rate would make the resampler's filters enormous."""


class _Piece(NamedTuple):
    frame: av.AudioFrame
    passed_over: int
    """Bytes of the file between the piece before and this one that no packet accounts for."""


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Raises av.FFmpegError for what is no such file."""
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file", "max_streams": str(_STREAMS)}
    with av.open(f"file:{path}", container_options=options, metadata_errors="replace") as container:
        yield container


def blocks_of(
    path: Path, index: int, rate: int, max_seconds: float | None, check: Check, tell: Tell
) -> Iterator[NDArray[np.float32]]:
    """The sound of one stream of a file, in time; for the arguments and errors see `vasari.media.sound.decode_sound`.

    Args:
        index: of the stream.

    Yields:
        (channels, n) float32 at the given rate, whatever the values are.
    """
    with opened(path) as container:
        stream = container.streams[index]
        assert isinstance(stream, AudioStream)
        yield from _in_time(container, _decoded(container, stream, check, tell), rate, max_seconds, tell)


def unreadable(what: str) -> InputError:
    return InputError(
        Reason.SPEECH_UNREADABLE, f"the speech cannot be read: {what}; export it again, as WAV, FLAC, MP3 or M4A"
    )


def _decoded(container: InputContainer, stream: AudioStream, check: Check, tell: Tell) -> Iterator[_Piece]:
    """The frames of a stream, whole and in order, or a refusal."""
    kind, holes = _kind(container), _Holes()
    seconds, end, tag_until = 0.0, 0.0, 0
    damaged = joined = False
    for packet in container.demux():
        check()
        place = packet.pos if packet.size and packet.pos is not None else None
        if place is not None:
            holes.pass_by(place, packet.size)
        own = packet.stream.index == stream.index
        if packet.pts is not None and (own or kind == "matroska"):  # whose header tells the end of all its streams
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if not own or (place is not None and place < tag_until):
            continue
        if place is not None and kind in _TAGGED and (tag := tag_end(bytes(packet))):
            tag_until, joined = place + tag, True
            continue
        try:
            frames, failed = packet.decode(), False
        except av.FFmpegError:
            # After a tag the rest of a packet may come that it begins in; zeros are what some programs fill up with.
            frames, failed = [], not joined and any(bytes(packet))
        damaged = damaged or failed
        for frame in frames:
            assert isinstance(frame, av.AudioFrame)
            if damaged and seconds:
                raise _damaged(seconds)
            if not _MIN_RATE <= frame.sample_rate <= _MAX_RATE:
                raise unreadable(f"it has {frame.sample_rate} samples per second, which is no rate for speech")
            if joined and seconds:
                tell("several files in one are read one after the other")
            damaged = joined = False
            seconds += frame.samples / frame.sample_rate
            yield _Piece(frame, holes.read())
    if damaged and not seconds:
        raise unreadable("it is damaged from its start")
    declared = _declared_end(container, stream)
    # A FLAC that was cut without decoding it keeps the header of the whole. A cut upload ends within a packet.
    if end < 0.95 * declared - 0.5 and (damaged or kind != "flac"):
        raise unreadable(f"only {end:.1f} s of the {declared:.1f} s that it should have are there")


class _Holes:
    """Bytes of the file that no packet accounts for."""

    def __init__(self) -> None:
        self._place = self._after = self._largest = 0
        self._is_read = True

    def pass_by(self, place: int, size: int) -> None:
        """The next packet of any stream. Those of one page all bear the place of the page."""
        if place != self._place:
            hole = place - self._after
            self._largest = hole if self._is_read else max(hole, self._largest)
            self._place = self._after = place
            self._is_read = False
        self._after += size

    def read(self) -> int:
        """The largest hole since sound was read from another place."""
        self._is_read = True
        return self._largest


def _declared_end(container: InputContainer, stream: AudioStream) -> float:
    """The last stamp, as the header tells it; 0 where that is none, or guessed from size and bit rate."""
    kind = _kind(container)
    if kind == "matroska":
        return (container.duration or 0) / av.time_base
    if kind in ("flac", "ogg", "mov") and stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return 0.0


def _in_time(
    container: InputContainer, pieces: Iterable[_Piece], rate: int, max_seconds: float | None, tell: Tell
) -> Iterator[NDArray[np.float32]]:
    """Samples at one rate, and silence where nothing was recorded."""
    kind, clock, line = _kind(container), Clock(beginning(container)), _Line(rate)
    reached, unrecorded = 0.0, 0.0
    for frame, passed_over in pieces:
        due = clock.due(frame.time if kind in _STAMPED else None, reached)
        gap = due - reached if due - reached > (_GAP if reached else 0.0) else 0.0
        if gap and reached:
            if passed_over > _PASSED_OVER and kind in ("ogg", "matroska"):
                raise _damaged(reached)
            unrecorded += gap
        reached += gap + frame.samples / frame.sample_rate
        if max_seconds is not None and reached > max_seconds + 1e-6:
            raise _too_long(container, max_seconds)
        if gap:
            yield from line.silence(due, frame.layout.nb_channels)
        yield from line.sound(frame)
    yield from line.end()
    if unrecorded:
        tell(f"{unrecorded:.1f} s in which nothing was recorded count as silence")


class _Line:
    """Arrays (channels, n) of interleaved float at one rate, one after the other (PyAV maps no more than 8 planes)."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._resampler, self._source = av.AudioResampler(), ("", "", 0)
        self._made = 0

    def sound(self, frame: av.AudioFrame) -> Iterator[NDArray[np.float32]]:
        """A frame. A chained or broadcast file may change its format on the way."""
        source = (frame.format.name, frame.layout.name, frame.sample_rate)
        if source != self._source:
            yield from self.end()
            self._source = source
        yield from self._arrays(self._resampler.resample(frame))

    def silence(self, until: float, channels: int) -> Iterator[NDArray[np.float32]]:
        """Zeros up to a time in seconds, a second at a time."""
        yield from self.end()
        while (missing := round(until * self._rate) - self._made) > 0:
            silence = np.zeros((channels, min(missing, self._rate)), np.float32)
            self._made += silence.shape[1]
            yield silence

    def end(self) -> Iterator[NDArray[np.float32]]:
        """What the resampler still holds."""
        yield from self._arrays(self._resampler.resample(None))
        self._resampler = av.AudioResampler("flt", rate=self._rate)

    def _arrays(self, frames: Sequence[av.AudioFrame | None]) -> Iterator[NDArray[np.float32]]:
        for frame in filter(None, frames):
            self._made += frame.samples
            yield frame.to_ndarray().astype(np.float32, copy=False).reshape(-1, frame.layout.nb_channels).T


def _kind(container: InputContainer) -> str:
    return container.format.name.partition(",")[0]


def _damaged(seconds: float) -> InputError:
    return unreadable(f"it is damaged {seconds:.1f} s from its start")


def _too_long(container: InputContainer, max_seconds: float) -> InputError:
    declared = (container.duration or 0) / av.time_base
    length = f"{declared:.1f} s long" if max_seconds < declared < _BEYOND_BELIEF else "too long"
    return InputError(Reason.SPEECH_TOO_LONG, f"the speech is {length}, the limit is {max_seconds:g} s: cut it")
