"""The size of a HEIC or AVIF picture, from its boxes.

By hand, as for WebP: strangers' bytes are for the confined decoders. Layout: ISO/IEC 14496-12, boxes; ISO/IEC 23008-12,
items and their properties, of which `ispe` tells how large an item is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

HEIC, AVIF = "HEIC", "AVIF"
_BRANDS: Final = {
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), HEIC),
}
_GENERAL: Final = (b"mif1", b"msf1")
"""Brands of both, and of others."""
_MOST_META: Final = 2**20
"""Bytes of the box that tells what is in the file; a telephone's has some thousands."""


def heif_kind(head: bytes) -> str | None:
    """HEIC or AVIF, or None for any other file.

    Args:
        head: at least the first 12 bytes; where the first brand is of both, the next ones tell.
    """
    if head[4:8] != b"ftyp":
        return None
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), int.from_bytes(head[:4], "big")), 4))]
    if brands[0] in _GENERAL:
        return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), HEIC)
    return _BRANDS.get(brands[0])


def heif_size(file: BinaryIO, file_bytes: int) -> tuple[int, int]:
    """(width, height) in pixels of the largest picture in a file: its tiles, thumbnails and depths are smaller.

    Raises:
        ValueError: no picture is told of, or the file is shorter than it says.
    """
    at = 0
    while at < file_bytes:
        file.seek(at)
        kind, start, end = _box(file.read(16), at, file_bytes)
        if kind == b"meta":
            if end - start > _MOST_META:
                raise ValueError("too much is told of what is in the file")
            file.seek(start)
            sizes = [size for size in _sizes(file.read(end - start)[4:]) if min(size) > 0]
            if not sizes:
                break
            return max(sizes, key=lambda size: size[0] * size[1])
        at = end
    raise ValueError("no picture is told of")


def _sizes(meta: bytes) -> Iterator[tuple[int, int]]:
    """Of all items."""
    for kind, body in _boxes(meta):
        if kind == b"iprp":
            for inner, properties in _boxes(body):
                if inner == b"ipco":
                    for name, told in _boxes(properties):
                        if name == b"ispe" and len(told) >= 12:
                            yield int.from_bytes(told[4:8], "big"), int.from_bytes(told[8:12], "big")


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        kind, start, end = _box(data[at : at + 16], at, len(data))
        yield kind, data[start:end]
        at = end


def _box(head: bytes, at: int, limit: int) -> tuple[bytes, int, int]:
    """Kind of the box that begins at a place, and where its body begins and ends."""
    size, kind, start = int.from_bytes(head[:4], "big"), head[4:8], at + 8
    if size == 1:
        size, start = int.from_bytes(head[8:16], "big"), at + 16
    end = limit if size == 0 else at + size
    if len(head) < 8 or not start <= end <= limit:
        raise ValueError("the file is cut short")
    return kind, start, end
