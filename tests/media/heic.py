"""HEIC files as telephones write them, made here: one picture in HEVC, in the boxes of ISO/IEC 23008-12."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
from av.container import InputContainer
from PIL import Image


def heic(image: Image.Image, quarter_turns: int = 0, brand: bytes = b"heic") -> bytes:
    """Args:
    image: RGB, even sides.
    quarter_turns: counterclockwise, by which the picture is to be shown turned.
    """
    width, height = image.size
    configuration, coded = _hevc(image)
    properties = [
        _box(b"hvcC", configuration),
        _box(b"ispe", struct.pack(">III", 0, width, height)),
        _box(b"irot", bytes([quarter_turns])),
    ]
    associations = bytes([0x80 | 1, 2, 0x80 | 3])

    def meta(offset: int) -> bytes:
        place = struct.pack(">IHHHHHII", 0, 0x4400, 1, 1, 0, 1, offset, len(coded))
        return _box(
            b"meta",
            bytes(4),
            _box(b"hdlr", bytes(8), b"pict", bytes(13)),
            _box(b"pitm", struct.pack(">IH", 0, 1)),
            _box(b"iloc", place),
            _box(b"iinf", struct.pack(">IH", 0, 1), _box(b"infe", struct.pack(">IHH4sx", 2 << 24, 1, 0, b"hvc1"))),
            _box(
                b"iprp",
                _box(b"ipco", *properties),
                _box(b"ipma", struct.pack(">IIHB", 0, 1, 1, len(associations)), associations),
            ),
        )

    head = _box(b"ftyp", brand, bytes(4), b"mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + _box(b"mdat", coded)


def _hevc(image: Image.Image) -> tuple[bytes, bytes]:
    """The decoder's configuration, and the picture."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx265", rate=1, options={"x265-params": "log-level=none:keyint=1:crf=12"})
        stream.width, stream.height, stream.pix_fmt = *image.size, "yuv420p"
        for frame in (av.VideoFrame.from_ndarray(np.asarray(image), "rgb24"), None):
            container.mux(stream.encode(frame))
    with av.open(io.BytesIO(file.getvalue())) as written:
        assert isinstance(written, InputContainer)
        packet = next(packet for packet in written.demux(video=0) if packet.size)
        return bytes(packet.stream.codec_context.extradata or b""), bytes(packet)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body
