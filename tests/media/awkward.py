"""Files as people's recorders, editors and commands leave them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from av.packet import Packet
from numpy.typing import NDArray

Wave = NDArray[np.float32]
Place = Callable[[Packet, float], float | None]
"""From a packet and its second to the second it shall have, or None: it is left out."""

RATE = 48_000
FPS = 25
_CODECS = {".webm": ("libvpx", "libopus"), ".mkv": ("libx264", "pcm_s16le")}


def film(path: Path, pictures: int, *tracks: Wave) -> Path:
    """A video of some pictures, the k-th of brightness 2k, and of sound tracks, (channels, n) at 48 kHz."""
    picture_codec, sound_codec = _CODECS.get(path.suffix, ("libx264", "aac"))
    with av.open(str(path), "w") as container:
        quick = {"libx264": {"tune": "zerolatency"}, "libvpx": {"deadline": "realtime", "cpu-used": "8"}}
        video = container.add_stream(picture_codec, FPS, quick[picture_codec], width=64, height=64, pix_fmt="yuv420p")
        layouts = ["mono" if len(track) == 1 else "stereo" for track in tracks]
        sounds = [container.add_stream(sound_codec, rate=RATE, layout=layout) for layout in layouts]
        for k in range(pictures):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 2 * k, np.uint8), "rgb24")
            picture.pts = k
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        for sound, layout, wave in zip(sounds, layouts, tracks, strict=True):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave), "fltp", layout)
            frame.sample_rate, frame.pts = RATE, 0
            resampler = av.AudioResampler(sound.format, layout, RATE, frame_size=sound.frame_size or 1024)
            for block in (*resampler.resample(frame), *resampler.resample(None), None):
                container.mux(sound.encode(block))
    return path


def copied(source: Path, target: Path, place: Place, **options: str) -> Path:
    """A stream copy, as `ffmpeg -c copy` and recorders make it: the headers know nothing of what was moved."""
    with av.open(str(source)) as given, av.open(str(target), "w", options=options) as made:
        streams = {stream.index: made.add_stream_from_template(stream) for stream in given.streams}
        for packet in given.demux():
            if packet.pts is None or packet.dts is None:
                continue
            second = place(packet, float(packet.pts * packet.time_base))
            if second is not None:
                moved = round(second / packet.time_base) - packet.pts
                packet.stream = streams[packet.stream_index]
                packet.pts, packet.dts = packet.pts + moved, packet.dts + moved
                made.mux(packet)
    return target
