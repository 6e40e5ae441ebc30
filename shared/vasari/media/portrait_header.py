"""A portrait's size, by its header alone: what is too large is refused before a pixel is decoded.

All of it is read in Python; strangers' pixels are for the confined decoders, and `vasari.media.portrait` in them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image, ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from vasari.media.heif_header import heif_kind, heif_size
from vasari.media.picture_formats import HEAD_BYTES, READ, is_webp, reader_of
from vasari.media.webp_header import webp_size
from vasari.values import InputError, Reason

MAX_PIXELS: Final = 50_000_000
"""Pixels of the largest photo that is decoded unless the caller says otherwise."""

_SUBFILE_TYPE, _REDUCED = 254, 1
"""The tag of TIFF that says by this bit: only a smaller picture of what the file holds."""

# What Pillow's parsers raise on damaged bytes; they have no common base.
DAMAGE = (
    *(OSError, EOFError, SyntaxError, ValueError, RuntimeError, struct.error, zlib.error),
    *(IndexError, KeyError, TypeError, OverflowError),
)


def check_portrait_header(
    data: bytes | Path, max_pixels: int = MAX_PIXELS, max_bytes: int | None = None
) -> tuple[int, int]:
    """Read format and size of a photo from its header, without decoding a pixel.

    Args:
        data: the file's bytes, or its path.
        max_pixels: limit of width times height.
        max_bytes: limit of the file's size, if there is one.

    Returns:
        (width, height) in pixels as stored, before EXIF rotation.

    Raises:
        InputError: PORTRAIT_UNREADABLE or PORTRAIT_TOO_LARGE.
    """
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    if max_bytes is not None and size > max_bytes:
        raise InputError(
            Reason.PORTRAIT_TOO_LARGE,
            f"the portrait has {size / 1e6:.1f} MB, the limit is {max_bytes / 1e6:.1f} MB: save it smaller",
        )
    with BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        try:
            if is_webp(head):
                width, height = webp_size(head, size)
            elif heif_kind(head):
                width, height = heif_size(file, size)
            else:
                with opened(reader_of(head), file, max_pixels) as image:
                    return image.size
        except ValueError as error:
            raise _damaged() from error
    _limit(width, height, max_pixels)
    return width, height


@contextmanager
def called(name: str) -> Iterator[None]:
    """Other pictures than portraits are read alike; what is refused in here is called so. Raises InputError."""
    try:
        yield
    except InputError as error:
        raise InputError(error.reason, error.message.replace("the portrait", f"the {name}")) from error


@contextmanager
def opened(reader: type[ImageFile.ImageFile], file: BinaryIO, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """The image in a file, its header read and within the limit.

    Raises:
        InputError: also for damage that is found in the block.
    """
    try:
        with reader(file) as image:
            _limit(image.width, image.height, max_pixels)
            if isinstance(image, TiffImageFile) and image.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED:
                raise InputError(
                    Reason.PORTRAIT_UNREADABLE, f"the portrait is a camera's raw file: export it as a {READ} file"
                )
            yield image
    except Image.DecompressionBombError as error:
        raise InputError(
            Reason.PORTRAIT_TOO_LARGE,
            f"the portrait unpacks to far more than the limit of {max_pixels / 1e6:g} million pixels: scale it down",
        ) from error
    except DAMAGE as error:
        raise _damaged() from error


def _limit(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise InputError(
            Reason.PORTRAIT_TOO_LARGE,
            f"the portrait has {width} x {height} = {width * height / 1e6:.0f} million pixels, the limit is "
            f"{max_pixels / 1e6:g} million: scale it down",
        )


def _damaged() -> InputError:
    return InputError(Reason.PORTRAIT_UNREADABLE, "the portrait is damaged or cut short: export or upload it again")
