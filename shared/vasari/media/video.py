"""The video's picture: segments that any number of workers write, joined without encoding anything again.

Every segment starts with an IDR frame and refers to nothing outside itself (closed GOP), has no B-frames, so that
packets lie in the order of their display times, and is encoded with the same fixed settings: what joins is a
concatenation of packets, and decodes to exactly the frames that its segments decode to.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import av
import numpy as np
from av.audio import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video import VideoStream
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray

from vasari.media.audio_track import AAC_FRAME, AAC_RATE
from vasari.media.files import replacing
from vasari.values import Clip, Fault, Reason
from vasari.values.encoding import VideoEncoding

_QUEUED_FRAMES: Final = 16
"""Frames that wait for the encoder before `write` waits too."""

_EXACT: Final = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
"""swscale's slower, rounded arithmetic: the same bytes on every processor."""


class SegmentWriter:
    """Write one segment: H.264 yuv420p (BT.709, limited range) at a constant frame rate, as fragmented MP4 from time 0.

    Frames are encoded in a thread of the writer's own while the caller renders the next ones. The file takes its name
    when the block ends well; when it raises, nothing is left.

        with SegmentWriter(path, fps=25) as segment:
            for frames in batches:
                segment.write(frames)

    Args:
        target: the file.
        fps: frames per second.
        encoding: the encoder's settings.
        audio: the whole video's sound as `encode_speech` wrote it; the part that belongs to the segment's time is
            copied in, so that the segment can be watched by itself.
        start: the segment's own start in the whole video, seconds.
    """

    def __init__(
        self,
        target: Path,
        fps: int,
        encoding: VideoEncoding | None = None,
        audio: Path | None = None,
        start: float = 0.0,
    ) -> None:
        self.frames = 0
        """Frames written so far."""
        self._target, self._fps, self._audio, self._start = target, fps, audio, start
        self._encoding = encoding or VideoEncoding()
        self._queue: deque[Future[None]] = deque()
        self._reformatter = VideoReformatter()

    def __enter__(self) -> Self:
        self._run = self._running()
        self._run.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run.__exit__(kind, error, trace)

    @contextmanager
    def _running(self) -> Iterator[None]:
        # delay_moov: the index is written with the first fragment, when the sound's edit list is known.
        # A time scale of one tick a frame says the frame rate exactly, however short the segment.
        options = {"movflags": "frag_keyframe+delay_moov+default_base_moof", "video_track_timescale": str(self._fps)}
        with ExitStack() as stack:
            path = stack.enter_context(replacing(self._target))
            self._output = stack.enter_context(av.open(str(path), "w", format="mp4", container_options=options))
            self._video = self._output.add_stream("libx264", rate=self._fps, options=self._encoding.options(self._fps))
            self._sound: Iterator[Packet[AudioStream]] = iter(())
            if self._audio is not None:
                source = stack.enter_context(av.open(str(self._audio)))
                self._sound = _copied_sound(source, self._output, self._start)
            self._next_sound = next(self._sound, None)
            self._thread = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="x264"))

            yield

            if self.frames == 0:
                raise ValueError("a segment has at least one frame")
            self._submit(None)
            while self._queue:
                self._queue.popleft().result()

    def write(self, frames: NDArray[np.uint8]) -> None:
        """Append one frame, (H, W, 3) uint8 RGB with even H and W, or several, (N, H, W, 3). They are copied.

        Waits while the encoder is more than a few frames behind.

        Raises:
            ValueError: odd size, or another size than the first frame's.
            av.FFmpegError: what the encoder met with an earlier frame.
        """
        for frame in frames.reshape(-1, *frames.shape[-3:]):
            if self.frames == 0:
                self._configure(*frame.shape[:2])
            if frame.shape != (self._video.height, self._video.width, 3):
                raise ValueError(f"a frame of {frame.shape} in a segment of {self._video.width}x{self._video.height}")
            self._submit(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24"))
            self.frames += 1

    def _configure(self, height: int, width: int) -> None:
        if height % 2 or width % 2:
            raise ValueError(f"yuv420p needs an even width and height, not {width}x{height}")
        context = self._video.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709

    def _submit(self, frame: av.VideoFrame | None) -> None:
        self._queue.append(self._thread.submit(self._encode, frame, self.frames))
        if len(self._queue) > _QUEUED_FRAMES:
            self._queue.popleft().result()

    def _encode(self, frame: av.VideoFrame | None, index: int) -> None:
        """Encode a frame, or flush the encoder for None. Runs in the thread."""
        if frame is not None:
            frame = self._reformatter.reformat(
                frame,
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.MPEG,
                interpolation=_EXACT,
            )
            frame.pts, frame.time_base = index, Fraction(1, self._fps)
        for packet in self._video.encode(frame):
            end = _start(packet) + Fraction(1, self._fps)
            while self._next_sound is not None and _start(self._next_sound) < end:
                self._output.mux(self._next_sound)
                self._next_sound = next(self._sound, None)
            self._output.mux(packet)


def join(segments: Sequence[Path], audio: Path | None, target: Path, check: Callable[[], None] = lambda: None) -> Clip:
    """Put segments and sound into one MP4 with its index in front; packets are copied, nothing is encoded.

    Args:
        segments: what `SegmentWriter` wrote, in order; the sound in them is left out.
        audio: the whole sound, as `encode_speech` wrote it for the sum of the segments' lengths; None for no sound.
        target: the file; it takes its name when it is complete.
        check: called before each packet and each further pass over the file; what it raises ends the join and leaves
            no file.

    Raises:
        Fault: INTERNAL, when segments differ in size, frame rate or encoder settings, or lack frames, or the sound's
            length is not the picture's.
    """
    with replacing(target) as path:
        with ExitStack() as stack:
            template = stack.enter_context(av.open(str(segments[0])))
            sound = stack.enter_context(av.open(str(audio))) if audio else None
            options = {"movflags": "faststart"}
            output = stack.enter_context(av.open(str(path), "w", format="mp4", container_options=options))
            first = template.streams.video[0]
            video = output.add_stream_from_template(first)
            pictures: Iterator[Packet[Any]] = _copied_picture(segments, first, video)
            sounds: Iterator[Packet[Any]] = _copied_sound(sound, output, start=0.0) if sound else iter(())
            for packet in merge(pictures, sounds, key=_start):
                check()
                output.mux(packet)

        check()
        facts = probe(path)
        if audio and abs(facts.sound_seconds - facts.picture_seconds) * facts.fps > 1:
            raise _misfit(f"{facts.sound_seconds:.3f} s of sound for {facts.picture_seconds:.3f} s of picture")
        check()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Clip(facts.width, facts.height, round(facts.fps), facts.frames, path.stat().st_size, digest)


def _copied_picture(segments: Sequence[Path], first: VideoStream, video: VideoStream) -> Iterator[Packet[VideoStream]]:
    """The packets of all segments for a stream of the output, one frame apart from the first to the last."""
    frames = 0
    for path in segments:
        with av.open(str(path)) as source:
            stream = source.streams.video[0]
            if _signature(stream) != _signature(first):
                raise _misfit(f"{path.name} has another size, frame rate or encoding than {segments[0].name}")
            start = frames
            for packet in source.demux(stream):
                if packet.dts is None:  # the demuxer's end mark
                    continue
                if packet.pts != frames - start:
                    raise _misfit(f"{path.name} has frame {packet.pts} where {frames - start} belongs")
                packet.stream, packet.pts, packet.dts, packet.duration = video, frames, frames, 1
                frames += 1
                yield packet


def _signature(stream: VideoStream) -> tuple[object, ...]:
    # A segment's time base is one frame; SPS and PPS in extradata hold the rest of what a decoder must know.
    return stream.width, stream.height, stream.time_base, stream.codec_context.extradata


def _copied_sound(source: InputContainer, output: OutputContainer, start: float) -> Iterator[Packet[AudioStream]]:
    """The sound's packets from a time on, moved to 0, for a new stream of the output.

    The packet before the first is needed too: an AAC frame decodes only together with its predecessor. It gets a
    negative time, which the muxer's edit list hides.
    """
    stream = source.streams.audio[0]
    copy = output.add_stream_from_template(stream)
    offset = round(start * AAC_RATE)
    return _moved(source.demux(stream), copy, offset)


def _moved(packets: Iterator[Packet[AudioStream]], copy: AudioStream, offset: int) -> Iterator[Packet[AudioStream]]:
    for packet in packets:
        if packet.pts is None or packet.pts + 2 * AAC_FRAME <= offset:
            continue
        packet.stream, packet.pts, packet.dts = copy, packet.pts - offset, packet.pts - offset
        yield packet


def _start(packet: Packet[Any]) -> Fraction:
    return (packet.pts or 0) * packet.time_base


def _misfit(what: str) -> Fault:
    return Fault(Reason.INTERNAL, f"the parts of the video do not fit: {what}")


@dataclass(frozen=True)
class VideoFacts:
    """What a video file holds, counted from its packets rather than taken from its header."""

    width: int
    height: int
    fps: float
    frames: int
    picture_seconds: float
    """End of the last frame."""
    sound_seconds: float
    """End of the last sound; 0 without a sound track."""


def probe(path: Path) -> VideoFacts:
    """Look at a video without decoding it. Raises av.FFmpegError when it is none."""
    with av.open(str(path)) as source:
        video = source.streams.video[0]
        ends = dict.fromkeys(range(len(source.streams)), Fraction(0))
        frames = 0
        for packet in source.demux():
            if packet.dts is None:
                continue
            end = _start(packet) + (packet.duration or 0) * packet.time_base
            ends[packet.stream_index] = max(ends[packet.stream_index], end)
            frames += packet.stream_index == video.index
        picture = ends.pop(video.index)
        return VideoFacts(
            width=video.width,
            height=video.height,
            fps=float(frames / picture) if picture else 0.0,
            frames=frames,
            picture_seconds=float(picture),
            sound_seconds=float(max(ends.values(), default=Fraction(0))),
        )
