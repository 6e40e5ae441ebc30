"""Broken files: sound ones of every accepted kind, made here, and what chance makes of them."""

from __future__ import annotations

import io
import random
from functools import cache

import av
import numpy as np
from PIL import Image
from tests.media.heic import heic

from vasari.values import Motion
from vasari.values.livelink import to_csv

SOUNDS = ("wav", "flac", "mp3", "ogg", "m4a", "webm", "aiff", "avi", "mpegts")
STAMPED = ("ogg", "webm", "m4a", "mpegts")
FILMS = ("mp4", "webm", "mpegts")
PICTURES = ("JPEG", "PNG", "WEBP", "HEIC", "AVIF", "GIF", "BMP", "TIFF")
MOTIONS = ("livelink", "poses", "safetensors")
_CODECS = {
    "wav": "pcm_s16le",
    "flac": "flac",
    "mp3": "mp3",
    "ogg": "libopus",
    "m4a": "aac",
    "webm": "libopus",
    "aiff": "pcm_s16be",
    "avi": "pcm_s16le",
    "mpegts": "aac",
}
_EDGES = (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\xff\xff\xff\x7f")


@cache
def sound(kind: str) -> bytes:
    """A third of a second of a tone."""
    file = io.BytesIO()
    tone = (9000 * np.sin(np.arange(16_000) / 20)).astype("<i2").reshape(1, -1)
    with av.open(file, "w", format="ipod" if kind == "m4a" else kind) as container:
        stream = container.add_stream(_CODECS[kind], rate=48_000)
        stream.layout = "mono"
        resampler = av.AudioResampler(stream.format, "mono", 48_000, frame_size=stream.frame_size or 1024)
        frame = av.AudioFrame.from_ndarray(tone, "s16", "mono")
        frame.sample_rate = 48_000
        for block in (*resampler.resample(frame), None):
            container.mux(stream.encode(block))
    return file.getvalue()


@cache
def film(kind: str) -> bytes:
    """Ten small pictures, and the tone."""
    file, other = io.BytesIO(), sound("webm" if kind == "webm" else "m4a")
    with av.open(io.BytesIO(other)) as given, av.open(file, "w", format=kind) as container:
        video = container.add_stream("libvpx" if kind == "webm" else "libx264", 25, width=32, height=32)
        heard = container.add_stream_from_template(given.streams.audio[0])
        for k in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 20 * k, np.uint8), "rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = heard
                container.mux(packet)
    return file.getvalue()


def leaping(sample: bytes, kind: str, chance: random.Random) -> bytes:
    """The sample with time stamps that leap ahead, by little or by years, here and there; or twice, one after the
    other, so that they leap back."""
    file, ahead = io.BytesIO(), 0
    options = {"live": "1"} if kind == "webm" and chance.random() < 0.5 else {}
    with av.open(io.BytesIO(sample)) as given, av.open(file, "w", "ipod" if kind == "m4a" else kind, options) as made:
        streams = [made.add_stream_from_template(stream) for stream in given.streams]
        for packet in given.demux():
            if packet.pts is None or packet.dts is None:
                continue
            if chance.random() < 0.2:
                ahead += round(10 ** chance.uniform(-2, 8) / packet.time_base)
            packet.stream = streams[packet.stream_index]
            packet.pts, packet.dts = packet.pts + ahead, packet.dts + ahead
            try:
                made.mux(packet)
            except av.FFmpegError:  # stamps that this container cannot hold
                break
    leapt = file.getvalue()
    return leapt + sample if chance.random() < 0.3 else leapt


@cache
def picture(kind: str) -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray(np.random.default_rng(7).integers(0, 255, (48, 64, 3), np.uint8))
    if kind == "HEIC":
        return heic(image, quarter_turns=1)
    image.save(file, kind, exif=exif)
    return file.getvalue()


@cache
def motion(kind: str) -> bytes:
    """A second of it."""
    if kind == "poses":
        return b"second,yaw,pitch,roll,x,y,z\n" + b"".join(b"%.1f,%d,2,-3,0,0.1,0\n" % (i / 5, i) for i in range(6))
    nodding = Motion.neutral(25)
    nodding.rotation[:, 1] = np.linspace(-5, 5, 25)
    return to_csv(nodding).encode() if kind == "livelink" else nodding.to_bytes()


def broken(sample: bytes, chance: random.Random) -> bytes:
    """The sample with one to four faults: cut, bits flipped, bytes moved, doubled, or set to what parsers dread."""
    data = bytearray(sample)
    for _ in range(chance.randint(1, 4)):
        # Headers lie in front: half of the faults shall hit them.
        end = min(len(data), 256) if chance.random() < 0.5 else len(data)
        at = chance.randrange(max(1, end))
        match chance.randrange(7):
            case 0:
                del data[at:]
            case 1:
                for _ in range(chance.randint(1, 16)):
                    place = chance.randrange(max(1, end))
                    data[place : place + 1] = bytes([chance.randrange(256)])
            case 2:
                data[at : at + 4] = chance.choice(_EDGES)
            case 3:
                del data[at : at + chance.randint(1, 64)]
            case 4:
                data[at:at] = data[at : at + chance.randint(1, 2000)]
            case 5:
                data[at:at] = chance.randbytes(chance.randint(1, 64))
            case 6:
                other = chance.choice([sound("wav"), sound("mp3"), sound("m4a"), picture("PNG"), picture("JPEG")])
                data[at:] = other[chance.randrange(len(other)) :]
    return bytes(data)
