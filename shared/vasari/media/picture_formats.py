"""What kind of file this is, by its first bytes: the pictures that are read, and the name of what is not."""

from __future__ import annotations

from typing import Final

from PIL import ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from vasari.media.heif_header import AVIF, heif_kind
from vasari.values import InputError, Reason

READ: Final = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"
HEAD_BYTES: Final = 64
"""Of a file, by which it is told."""

# The classes themselves rather than Image.open: no other of Pillow's decoders sees a stranger's bytes.
_READERS: Final[tuple[tuple[bytes, type[ImageFile.ImageFile]], ...]] = (
    (b"\xff\xd8\xff", JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", PngImageFile),
    (b"GIF87a", GifImageFile),
    (b"GIF89a", GifImageFile),
    (b"BM", BmpImageFile),
    (b"II*\0", TiffImageFile),
    (b"MM\0*", TiffImageFile),
    (b"II+\0", TiffImageFile),
    (b"MM\0+", TiffImageFile),
)
_OTHERS: Final = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"8BPS", "a Photoshop document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\0\0\1\0", "an icon"),
    (b"FUJIFILM", "a camera's raw file"),
    (b"IIRO", "a camera's raw file"),
    (b"IIU\0", "a camera's raw file"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"PK\x03\x04", "an archive or an office document"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"fLaC", "a sound file"),
)
_TEXTS: Final = ((b"<svg", "an SVG drawing"), (b"<?xml", "an XML or SVG document"), (b"<!doctype", "a web page"))


def is_webp(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def reader_of(head: bytes) -> type[ImageFile.ImageFile]:
    """Pillow's class for a file that begins so; HEIC has none of its own.

    Raises:
        InputError: PORTRAIT_UNREADABLE: the file is of another kind.
    """
    if is_webp(head):
        return WebPImageFile
    if heif_kind(head) == AVIF:
        return AvifImageFile
    for magic, reader in _READERS:
        if head.startswith(magic):
            return reader
    raise InputError(Reason.PORTRAIT_UNREADABLE, f"the portrait is {name_of(head)}: use a {READ} file")


def name_of(head: bytes) -> str:
    """What a file is that is not read, for a sentence."""
    if not head:
        return "empty"
    if head[4:8] == b"ftyp":
        return "a camera's raw file" if head[8:11] == b"crx" else "a video"
    if head.startswith(b"RIFF"):
        return "a video" if head[8:12] == b"AVI " else "a sound file"
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    known = ((name for magic, name in kinds if of.startswith(magic)) for of, kinds in ((head, _OTHERS), (text, _TEXTS)))
    return next((name for names in known for name in names), "not an image")
