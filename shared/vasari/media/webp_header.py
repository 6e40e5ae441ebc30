"""The size of a WebP picture, from its first bytes.

By hand, for Pillow hands even a look at the header to libwebp with the whole file: strangers' bytes are for the
confined decoders. Layout: Google's WebP Container Specification; RFC 6386, section 9.1, for VP8; the WebP Lossless
Bitstream Specification for VP8L.
"""

from __future__ import annotations

from typing import Final

HEADER_BYTES: Final = 30
_START_CODE: Final = b"\x9d\x01\x2a"
_LOSSLESS: Final = 0x2F


def webp_size(head: bytes, file_bytes: int) -> tuple[int, int]:
    """(width, height) in pixels.

    Args:
        head: the first HEADER_BYTES of the file.
        file_bytes: length of the whole file.

    Raises:
        ValueError: no WebP header, or the file is shorter than it says.
    """
    if len(head) < HEADER_BYTES or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        raise ValueError("no header of a WebP file")
    if int.from_bytes(head[4:8], "little") + 8 > file_bytes:
        raise ValueError("the file is cut short")
    kind, body = head[12:16], head[20:]
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and body[0] == _LOSSLESS:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and body[3:6] == _START_CODE:
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise ValueError("no picture begins where it should")
