"""Portraits: what is read comes out as the eye would see it; what is not is refused before it is decoded."""

import io
import struct
import time
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from tests.media.heic import heic

from vasari.media.portrait import BACKDROP, MAX_DECODED_PIXELS, read_portrait
from vasari.media.portrait_header import check_portrait_header
from vasari.values import InputError, Reason

PHOTO = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def corners() -> Image.Image:
    """Red, green, blue and white quarters, 64 x 32."""
    image = Image.new("RGB", (64, 32), "white")
    for box, colour in (((0, 0, 32, 16), "red"), ((32, 0, 64, 16), "lime"), ((0, 16, 32, 32), "blue")):
        image.paste(colour, box)
    return image


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG whose header says what it likes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def refusal(data: bytes | Path, **limits: int) -> InputError:
    with pytest.raises(InputError) as caught:
        read_portrait(data, **limits)
    return caught.value


KINDS = ("JPEG", "PNG", "WEBP", "HEIC", "AVIF", "GIF", "BMP", "TIFF")


def of_kind(image: Image.Image, kind: str) -> bytes:
    return heic(image) if kind == "HEIC" else encoded(image, kind, quality=95)


@pytest.mark.parametrize("kind", KINDS)
def test_formats(kind: str) -> None:
    data = of_kind(corners(), kind)
    pixels = read_portrait(data)
    assert pixels.shape == (32, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    np.testing.assert_allclose(pixels[8, 8], (255, 0, 0), atol=6)
    np.testing.assert_allclose(pixels[24, 56], (255, 255, 255), atol=6)
    assert check_portrait_header(data) == (64, 32)


def test_path_and_bytes_are_read_alike() -> None:
    np.testing.assert_array_equal(read_portrait(PHOTO), read_portrait(PHOTO.read_bytes()))


@pytest.mark.parametrize(
    ("stored", "orientation"),
    [(None, 1), (0, 2), (3, 3), (1, 4), (5, 5), (2, 6), (6, 7), (4, 8)],
    ids=lambda value: str(value),
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_exif_rotation(kind: str, stored: int | None, orientation: int) -> None:
    """A camera held in any of eight ways stores other pixels, and says how to turn them back."""
    image = corners() if stored is None else corners().transpose(Image.Transpose(stored))
    exif = Image.Exif()
    exif[0x0112] = orientation
    said = {"tiffinfo": {0x0112: orientation}} if kind == "TIFF" else {"exif": exif}
    upright = read_portrait(encoded(image, kind, quality=95, **said))
    inner = (slice(4, None, 8), slice(4, None, 8))  # colours bleed at the edges of JPEG and WebP
    np.testing.assert_allclose(upright[inner], np.asarray(corners())[inner], atol=8)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_telephones_photo_is_turned_as_its_boxes_say(turns: int) -> None:
    stored = Image.fromarray(np.rot90(np.asarray(corners()), -turns))
    upright = read_portrait(heic(stored, turns, brand=b"mif1"))
    np.testing.assert_allclose(upright[4::8, 4::8], np.asarray(corners())[4::8, 4::8], atol=12)


def test_the_first_of_several_pictures_is_read() -> None:
    pages = {"save_all": True, "append_images": [Image.new("RGB", (64, 32), "black")]}
    for kind in ("GIF", "TIFF"):
        np.testing.assert_array_equal(read_portrait(encoded(corners(), kind, **pages)), np.asarray(corners()))


@pytest.mark.parametrize(
    ("mode", "kind", "expected"),
    [
        ("1", "PNG", (255, 255, 255)),
        ("L", "JPEG", (200, 200, 200)),
        ("LA", "PNG", BACKDROP),
        ("P", "PNG", (200, 200, 200)),
        ("RGBA", "PNG", BACKDROP),
        ("RGBA", "WEBP", BACKDROP),
        ("RGBA", "AVIF", BACKDROP),
        ("RGBA", "GIF", BACKDROP),
        ("LA", "TIFF", BACKDROP),
        ("CMYK", "TIFF", (55, 55, 55)),
        ("CMYK", "JPEG", (55, 55, 55)),
    ],
)
def test_colour_modes(mode: str, kind: str, expected: tuple[int, int, int]) -> None:
    colour: Any = {"LA": (200, 0), "RGBA": (200, 0, 0, 0), "CMYK": (200, 200, 200, 0), "1": 255}.get(mode, 200)
    image = Image.new(mode, (16, 16), colour)
    if mode == "P":
        image.putpalette([index for index in range(256) for _ in range(3)])
    np.testing.assert_allclose(read_portrait(encoded(image, kind))[8, 8], expected, atol=2)


def test_sixteen_bit_grey_keeps_its_range() -> None:
    ramp = Image.fromarray(np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, 256))
    for kind in ("PNG", "TIFF"):
        np.testing.assert_allclose(read_portrait(encoded(ramp, kind))[0, :, 0], np.arange(256), atol=1)


def test_half_transparent_palette() -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.paste(1, (0, 0, 4, 8))
    pixels = read_portrait(encoded(image, "PNG", transparency=0))
    assert (tuple(pixels[0, 0]), tuple(pixels[0, 7])) == ((40, 50, 60), BACKDROP)


def test_colour_profile_is_applied_and_a_broken_one_ignored() -> None:
    grey = Image.new("RGB", (8, 8), (128, 128, 128))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, lab, b"no profile at all"):
        np.testing.assert_allclose(read_portrait(encoded(grey, "PNG", icc_profile=profile))[0, 0], 128, atol=1)


def test_huge_image_is_refused_by_its_header() -> None:
    for check in (read_portrait, check_portrait_header):
        with pytest.raises(InputError, match=r"20000 x 20000 = 400 million pixels, the limit is 50 million") as caught:
            check(png(20_000, 20_000))
        assert caught.value.reason is Reason.PORTRAIT_TOO_LARGE


def test_decompression_bomb_is_refused_without_being_unpacked() -> None:
    bomb = png(8_000, 8_000, zlib.compress(bytes(8_000 * 24_001), 1))
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    begin = time.perf_counter()
    assert refusal(bomb).reason is Reason.PORTRAIT_TOO_LARGE
    assert time.perf_counter() - begin < 0.1
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_largest_webp_is_refused_before_its_canvas_is_made() -> None:
    side = (16_383).to_bytes(3, "little")
    header = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<IB3x", 10, 0) + side + side
    assert refusal(header).reason is Reason.PORTRAIT_TOO_LARGE


def told_large(data: bytes, width: int, height: int, form: str) -> bytes:
    """The file with another size in its header."""
    before, after = (struct.pack(form, *size) for size in ((64, 32), (width, height)))
    assert before in data
    return data.replace(before, after)


@pytest.mark.parametrize(("kind", "form"), [("GIF", "<HH"), ("BMP", "<II"), ("HEIC", ">II"), ("AVIF", ">II")])
def test_what_a_header_calls_too_large_is_refused_by_it(kind: str, form: str) -> None:
    data = told_large(of_kind(corners(), kind), 30_000, 20_000, form)
    with pytest.raises(InputError, match="the limit is 50 million") as caught:
        check_portrait_header(data)
    assert caught.value.reason is Reason.PORTRAIT_TOO_LARGE
    assert refusal(data).reason in (Reason.PORTRAIT_TOO_LARGE, Reason.PORTRAIT_UNREADABLE)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_may_lack_its_last_bytes_but_no_pixel(progressive: bool) -> None:
    whole = encoded(Image.open(PHOTO).resize((200, 240)), "JPEG", progressive=progressive)
    for missing in (1, 2):
        np.testing.assert_array_equal(read_portrait(whole[:-missing]), read_portrait(whole))
    for missing in (12, 300, len(whole) // 2):
        assert "damaged or cut short" in refusal(whole[:-missing]).message


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "is empty"),
        (b"dear sir, here is my photo", "is not an image"),
        (b"%PDF-1.7 and so on", "is a PDF document"),
        (b"\n<svg xmlns='http://www.w3.org/2000/svg'>", "is an SVG drawing"),
        (b"<!DOCTYPE html><title>not found", "is a web page"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "is a JPEG XL picture"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2", "is a video"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "is a camera's raw file"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "is a sound file"),
        (encoded(corners(), "TIFF", tiffinfo={254: 1}), "is a camera's raw file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_named(data: bytes, named: str) -> None:
    for read in (read_portrait, check_portrait_header):
        with pytest.raises(
            InputError, match=rf"^the portrait {named}: .*JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"
        ):
            read(data)


def test_limits_are_the_callers() -> None:
    assert refusal(PHOTO, max_pixels=100_000).reason is Reason.PORTRAIT_TOO_LARGE
    with pytest.raises(InputError, match=r"MB, the limit is 0\.0 MB: save it smaller") as caught:
        check_portrait_header(PHOTO, max_bytes=1000)
    assert caught.value.reason is Reason.PORTRAIT_TOO_LARGE


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_photo_is_read_at_a_fraction_of_its_size(kind: str) -> None:
    pixels = read_portrait(encoded(Image.new("RGB", (6000, 5000), (90, 60, 30)), kind))
    assert pixels.shape == (2500, 3000, 3)
    assert pixels.shape[0] * pixels.shape[1] <= MAX_DECODED_PIXELS
    np.testing.assert_allclose(pixels[100, 100], (90, 60, 30), atol=3)


@pytest.mark.parametrize(
    "data",
    [
        b"dear sir, here is my photo",
        PHOTO.read_bytes()[:20_000],
        encoded(corners(), "PNG")[:90],
        encoded(corners(), "WEBP")[:60],
        *(of_kind(corners(), kind)[:-400] for kind in ("HEIC", "BMP", "TIFF")),
        encoded(corners(), "AVIF")[:-40],
        encoded(corners(), "GIF")[:40],
        png(8, 8, b"not deflated"),
    ],
    ids=[
        "text",
        *(f"truncated {kind}" for kind in ("jpeg", "png", "webp", "heic", "bmp", "tiff", "avif", "gif")),
        "png",
    ],
)
def test_unreadable(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "portrait.jpg"
    file.write_bytes(data)
    for source in (data, file):
        assert refusal(source).reason is Reason.PORTRAIT_UNREADABLE


SMALL = [
    heic(Image.open(PHOTO).resize((40, 48))),
    *(
        encoded(Image.open(PHOTO).resize((40, 48)), kind, exif=Image.open(PHOTO).getexif())
        for kind in KINDS
        if kind != "HEIC"
    ),
]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SMALL), st.data())
def test_mutated_bytes_give_a_picture_or_a_reason(data: bytes, draw: st.DataObject) -> None:
    mutated = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 6))):
        at = draw.draw(st.integers(0, len(mutated) - 1))
        mutated[at : at + draw.draw(st.integers(0, 4))] = draw.draw(st.binary(max_size=4))
    try:
        pixels = read_portrait(bytes(mutated), max_pixels=1_000_000)
    except InputError:
        return
    assert pixels.ndim == 3


@given(width=st.integers(1, 300), height=st.integers(1, 300), how=st.sampled_from(["lossy", "lossless", "alpha"]))
@settings(max_examples=30, deadline=None)
def test_the_header_of_a_webp_tells_its_size(width: int, height: int, how: str) -> None:
    picture = io.BytesIO()
    mode = "RGBA" if how == "alpha" else "RGB"
    Image.new(mode, (width, height), (90, 120, 40, 99)[: len(mode)]).save(picture, "WEBP", lossless=how == "lossless")
    assert check_portrait_header(picture.getvalue()) == (width, height)


def test_a_webp_is_not_decoded_to_see_its_size() -> None:
    """Pillow would hand the bytes to libwebp: only the first thirty count, and the length that they promise."""
    header = encoded(corners(), "WEBP")[:30]
    size = check_portrait_header(header + bytes(int.from_bytes(header[4:8], "little") + 8 - 30))
    assert size == corners().size
