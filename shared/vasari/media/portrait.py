"""Reading a portrait photo: refused by its header when it is too large, decoded once, as the eye would see it."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from vasari.media.webp_header import HEADER_BYTES, webp_size
from vasari.values import InputError, Reason

MAX_PIXELS: Final = 50_000_000
"""Pixels of the largest photo that is decoded unless the caller says otherwise."""

MAX_DECODED_PIXELS: Final = 25_000_000
"""A permitted photo of more pixels is read at a half, a third, ... of its size: 25 MP are 75 MB as RGB, and far more
than a video of 1024 pixels can show."""

BACKDROP: Final = (235, 235, 235)
"""What stands behind transparent parts: a light neutral grey, as a studio wall, that casts no colour on hair edges."""

_PNG, _JPEG, _RIFF, _WEBP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"WEBP"

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
_DAMAGE = (OSError, SyntaxError, ValueError, struct.error, zlib.error, IndexError, KeyError, TypeError, OverflowError)


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
        head = file.read(HEADER_BYTES)
    if not _is_webp(head):
        with _opened(data, max_pixels) as image:
            return image.size
    try:
        width, height = webp_size(head, size)
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
    """Decode a JPEG, PNG or WebP photo, turned upright, transparency laid on `BACKDROP`, the first frame of several.

    A photo of more than `MAX_DECODED_PIXELS` comes back reduced by the smallest whole factor that brings it below.

    Returns:
        (H, W, 3) uint8, RGB, contiguous.

    Raises:
        InputError: PORTRAIT_UNREADABLE (no such image, or damaged) or PORTRAIT_TOO_LARGE (by its header).
    """
    with _opened(data, max_pixels) as image:
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


@contextmanager
def _opened(data: bytes | Path, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """The image behind the bytes, its header read and within the limit; damage found in the block is refused too."""
    with BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
        head = file.read(12)
        file.seek(0)
        # The three classes themselves rather than Image.open: no other of Pillow's decoders sees a stranger's bytes.
        if head.startswith(_PNG):
            reader: type[ImageFile.ImageFile] = PngImageFile
        elif head.startswith(_JPEG):
            reader = JpegImageFile
        elif _is_webp(head):
            reader = WebPImageFile
        else:
            raise InputError(Reason.PORTRAIT_UNREADABLE, "the portrait is not an image: use a JPEG, PNG or WebP file")

        try:
            with reader(file) as image:
                _limit(image.width, image.height, max_pixels)
                yield image
        except Image.DecompressionBombError as error:
            raise InputError(
                Reason.PORTRAIT_TOO_LARGE,
                f"the portrait unpacks to far more than the limit of {max_pixels / 1e6:g} million pixels: "
                "scale it down",
            ) from error
        except _DAMAGE as error:
            raise _damaged() from error


def _is_webp(head: bytes) -> bool:
    return head.startswith(_RIFF) and head[8:12] == _WEBP


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
