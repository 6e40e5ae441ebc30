"""A finished video in the other formats that people share: WebM, animated WebP and GIF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from fractions import Fraction
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import Any, Final

import av
from av.container import OutputContainer
from av.filter import Graph
from av.packet import Packet
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from vasari.media.files import replacing

_OPUS_BIT_RATE: Final = 96_000
_FASTEST_GIF: Final = Fraction(50)
"""Frames per second: a GIF counts in hundredths of a second, and browsers take a single one for ten."""


def convert(video: Path, target: Path, tell: Callable[[int, int], None] = lambda _done, _total: None) -> None:
    """Write a video in the format that the target's name ends in, frame by frame: memory does not grow with its length.

    Args:
        video: an MP4 of ours.
        target: .webm, with the video's sound if it has any; or .webp or .gif, which have none and play for ever. It
            takes its name when it is complete.
        tell: called with the frames done and in all.
    """
    form = target.suffix.lower().removeprefix(".")
    with ExitStack() as stack:
        path = stack.enter_context(replacing(target))
        source = stack.enter_context(av.open(str(video)))
        options = {"loop": "0"} if form == "webp" else {}
        output = stack.enter_context(av.open(str(path), "w", format=form, container_options=options))
        picture = source.streams.video[0]
        rate, total = picture.average_rate or Fraction(25), picture.frames
        frames: Iterator[av.VideoFrame] = source.decode(picture)
        if form == "gif":
            if rate > _FASTEST_GIF:
                rate, total = _FASTEST_GIF, round(total * _FASTEST_GIF / rate)
            stream = _add_picture(output, "gif", rate, "pal8", {})
            frames = _in_few_colors(video, rate)
        elif form == "webp":
            stream = _add_picture(output, "libwebp_anim", rate, "yuv420p", {"quality": "75", "compression_level": "2"})
            frames = (frame.reformat(dst_colorspace=Colorspace.ITU601) for frame in frames)
        else:
            # VP9's quick way: 6 ms for a frame of 512x512 where its careful one takes 26, for a fourth more bytes.
            quick = {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6"}
            stream = _add_picture(output, "libvpx-vp9", rate, "yuv420p", quick)
            context = stream.codec_context
            context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
            context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        stream.width, stream.height = picture.width, picture.height
        packets = _encoded(_told(frames, total, tell), stream)
        if form == "webm" and source.streams.audio:
            sound = stack.enter_context(av.open(str(video)))
            track = output.add_stream("libopus", rate=48_000, layout=sound.streams.audio[0].layout.name)
            track.bit_rate = _OPUS_BIT_RATE
            packets = merge(packets, _encoded(sound.decode(audio=0), track), key=_start)
        for packet in packets:
            output.mux(packet)


def _add_picture(output: OutputContainer, codec: str, rate: Fraction, pixels: str, options: dict[str, str]) -> Any:
    stream: Any = output.add_stream(codec, rate=rate, options=options)
    stream.pix_fmt = pixels
    return stream


def _told(frames: Iterator[av.VideoFrame], total: int, tell: Callable[[int, int], None]) -> Iterator[av.VideoFrame]:
    for done, frame in enumerate(frames, 1):
        tell(done, total)
        frame.pict_type = PictureType.NONE  # the encoder chooses what it was in the MP4: a whole frame or a change
        yield frame


def _encoded(frames: Iterator[Any], stream: Any) -> Iterator[Packet[Any]]:
    for frame in chain(frames, [None]):
        yield from stream.encode(frame)


def _start(packet: Packet[Any]) -> Fraction:
    return (packet.pts or 0) * packet.time_base


def _in_few_colors(video: Path, rate: Fraction) -> Iterator[av.VideoFrame]:
    """A GIF's frames, in 255 colors and one for what stays as it was: those of what moves, which is the face.

    Between two colors lies a faint even pattern: it stands still where the picture does, and hides the steps of a
    plain background. Scattered dots (error diffusion) cost the face 2 to 3 dB and three times the time.
    """
    slowed = ("fps", str(rate))
    (palette,) = _filtered(video, [slowed, ("palettegen", "stats_mode=diff")])
    return _filtered(video, [slowed, ("paletteuse", "dither=bayer:bayer_scale=5")], palette)


def _filtered(
    video: Path, filters: list[tuple[str, str]], palette: av.VideoFrame | None = None
) -> Iterator[av.VideoFrame]:
    """What FFmpeg's filters, by name and options, make of the frames; the last one takes the palette too."""
    with av.open(str(video)) as source:
        picture = source.streams.video[0]
        graph = Graph()
        entry, sink = graph.add_buffer(template=picture), graph.add("buffersink")
        chained = [graph.add(name, options) for name, options in filters]
        graph.link_nodes(entry, *chained, sink)
        if palette:
            colors = graph.add_buffer(
                width=palette.width, height=palette.height, format=palette.format, time_base=picture.time_base
            )
            colors.link_to(chained[-1], 0, 1)
        graph.configure()
        if palette:
            palette.pts = 0
            colors.push(palette)
            colors.push(None)
        for frame in chain(source.decode(picture), [None]):
            entry.push(frame)
            with suppress(av.BlockingIOError, av.EOFError):  # it wants more frames, or has given all
                while isinstance(made := sink.pull(), av.VideoFrame):
                    yield made
