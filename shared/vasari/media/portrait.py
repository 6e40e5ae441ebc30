"""Reading a portrait photo: refused by its header when it is too large, decoded once, as the eye would see it."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from vasari.media.heif_header import heif_kind, heif_size
from vasari.media.picture_formats import HEAD_BYTES, READ, is_webp, name_of, reader_of
from vasari.media.webp_header import webp_size
from vasari.values import InputError, Reason

MAX_PIXELS: Final = 50_000_000
"""Pixels of the largest photo that is decoded unless the caller says otherwise."""

MAX_DECODED_PIXELS: Final = 25_000_000
"""A permitted photo of more pixels is read at a half, a third, ... of its size: 25 MP are 75 MB as RGB, and far more
than a video of 1024 pixels can show."""

BACKDROP: Final = (235, 235, 235)
"""What stands behind transparent parts: a light neutral grey, as a studio wall, that casts no colour on hair edges."""

_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_ANY_REST: Final = (b"", b"\xaa" * 64, b"\x12\x34\x56\x78" * 16)
"""What may follow where nothing matters any more."""
_SUBFILE_TYPE, _REDUCED = 254, 1
"""The tag of TIFF that says by this bit: only a smaller picture of what the file holds."""

_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation (CIPA DC-008, tag 0x0112) to what turns the stored pixels upright."""

_SRGB: Final = ImageCms.createProfile("sRGB")

# What Pillow's parsers raise on damaged bytes; they have no common base.
_DAMAGE = (
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
                with _opened(file, max_pixels) as image:
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


def read_portrait(data: bytes | Path, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Decode a photo of the formats `READ`, turned upright as it says, transparency laid on `BACKDROP`, the first frame
    of several.

    A photo of more than `MAX_DECODED_PIXELS` comes back reduced by the smallest whole factor that brings it below.

    Returns:
        (H, W, 3) uint8, RGB, contiguous.

    Raises:
        InputError: PORTRAIT_UNREADABLE (no such image, or damaged) or PORTRAIT_TOO_LARGE (by its header).
    """
    content = data if isinstance(data, bytes) else data.read_bytes()
    try:
        return _decoded(content, max_pixels)
    except InputError as error:
        whole = _without_its_end(content, max_pixels) if error.reason is Reason.PORTRAIT_UNREADABLE else None
        if whole is None:
            raise
        return whole


def _decoded(content: bytes, max_pixels: int) -> NDArray[np.uint8]:
    with _opened(BytesIO(content), max_pixels) as image:
        factor = math.ceil(math.sqrt(image.width * image.height / MAX_DECODED_PIXELS))
        width, height = math.ceil(image.width / factor), math.ceil(image.height / factor)
        if factor > 1:
            image.draft(None, (width, height))  # a JPEG can be decoded at 1/2, 1/4, 1/8 of its size for less
        image.load()
        orientation = _orientation(image)  # not before: a PNG may keep it behind its pixels
        picture = _as_srgb(image)

    if picture.width > width:
        picture = picture.reduce(math.ceil(picture.width / width))
    if orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[orientation])
    return np.ascontiguousarray(picture, dtype=np.uint8)


def _without_its_end(content: bytes, max_pixels: int) -> NDArray[np.uint8] | None:
    """A JPEG that lacks its last bytes but no pixel: it is the same whatever follows. None for anything else."""
    if not content.startswith(_JPEG) or content.endswith(_JPEG_END):
        return None
    try:
        first, *others = (_decoded(content.rstrip(b"\xff") + rest + _JPEG_END, max_pixels) for rest in _ANY_REST)
    except InputError:
        return None
    return first if all(np.array_equal(first, other) for other in others) else None


@contextmanager
def _opened(file: BinaryIO, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """The image in a file, its header read and within the limit; damage found in the block is refused too."""
    head = file.read(HEAD_BYTES)
    file.seek(0)
    reader = reader_of(head)
    if reader is None:
        raise InputError(Reason.PORTRAIT_UNREADABLE, f"the portrait is {name_of(head)}: use a {READ} file")
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
    except _DAMAGE as error:
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


def _orientation(image: ImageFile.ImageFile) -> int | None:
    """EXIF orientation 1..8; None where there is none, or the metadata is damaged: that spoils no picture."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except _DAMAGE:
        return None
    return orientation if isinstance(orientation, int) else None


def _as_srgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit grey, which Pillow's own conversion would clip instead of scale
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    profile = image.info.get("icc_profile")

    if image.has_transparency_data:
        picture = image.convert("RGBA")
        backdrop = Image.new("RGBA", picture.size, (*BACKDROP, 255))
        image = Image.alpha_composite(backdrop, picture).convert("RGB")
    elif image.mode != "CMYK":
        image = image.convert("RGB")

    if profile:  # phones write Display P3, printers' files are CMYK: skin would come out pale or red
        try:
            return ImageCms.profileToProfile(image, BytesIO(profile), _SRGB, outputMode="RGB") or image
        except ImageCms.PyCMSError:  # a profile that is damaged or of another kind than the pixels
            pass
    return image.convert("RGB")
