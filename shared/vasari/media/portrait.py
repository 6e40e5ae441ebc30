"""Reading a portrait photo: decoded once, as the eye would see it."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pi_heif.as_plugin import HeifImageFile
from PIL import ExifTags, Image, ImageCms, ImageFile

from vasari.media.heif_header import HEIC, heif_kind
from vasari.media.picture_formats import HEAD_BYTES, reader_of
from vasari.media.portrait_header import DAMAGE, MAX_PIXELS, opened
from vasari.values import InputError, Reason

MAX_DECODED_PIXELS: Final = 25_000_000
"""A permitted photo of more pixels is read at a half, a third, ... of its size: 25 MP are 75 MB as RGB, and far more
than a video of 3840 x 2160 can show."""

BACKDROP: Final = (235, 235, 235)
"""What stands behind transparent parts: a light neutral grey, as a studio wall, that casts no colour on hair edges."""

_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_ANY_REST: Final = (b"", b"\xaa" * 64, b"\x12\x34\x56\x78" * 16)
"""What may follow where nothing matters any more."""
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
    head = content[:HEAD_BYTES]
    reader = HeifImageFile if heif_kind(head) == HEIC else reader_of(head)
    with opened(reader, BytesIO(content), max_pixels) as image:
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


def _orientation(image: ImageFile.ImageFile) -> int | None:
    """EXIF orientation 1..8; None where there is none, or the metadata is damaged: that spoils no picture."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except DAMAGE:
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
