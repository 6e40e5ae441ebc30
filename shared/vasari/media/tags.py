"""Tags of MP3 and AAC files. Where files were joined end to end they stand in the middle, and no decoder knows them."""

from __future__ import annotations

import re
from typing import Final

_BEGINNINGS: Final = re.compile(rb"ID3[\x02-\x04].(.)([\x00-\x7f]{4})|APETAGEX.{4}(.{4}).{4}(.{4})", re.DOTALL)


def tag_end(data: bytes) -> int | None:
    """How many bytes after the start of `data` the last tag ends that begins there; None where none begins.

    See the ID3v2.4.0 structure, section 3.1, and the APEv2 specification. A tag with a cover is far longer than what a
    demuxer takes for a packet.
    """
    ends = [_end(found) for found in _BEGINNINGS.finditer(data)]
    return max(ends) if ends else None


def _end(tag: re.Match[bytes]) -> int:
    if tag[2]:
        size: int = sum(byte << shift for byte, shift in zip(tag[2], (21, 14, 7, 0), strict=True))
        return tag.start() + 10 + size + (10 if tag[1][0] & 0x10 else 0)  # the flag tells of a footer
    is_header = bool(tag[4][3] & 0x20)
    return tag.start() + 32 + (int.from_bytes(tag[3], "little") if is_header else 0)
