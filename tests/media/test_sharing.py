"""A video in the other formats: the same pictures at the same times, and the sound in step where there is any."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.media.conftest import Record

from vasari.media.audio_track import AAC_RATE, encode_speech
from vasari.media.sharing import convert
from vasari.media.sound import decode_sound
from vasari.media.video import SegmentWriter, join

FRAMES = 30
CLICK = 0.5
"""Seconds from the start."""


@pytest.fixture(scope="module")
def frames() -> NDArray[np.uint8]:
    """(30, 64, 96, 3): a smooth skin-colored picture in which a red bar wanders, six pixels a frame."""
    y, x = np.mgrid[:64, :96]
    still = np.stack([150 + x, 110 + x / 2 + y / 2, 90 + y], -1)
    moving = np.repeat(still[None], FRAMES, 0).astype(np.uint8)
    for number, frame in enumerate(moving):
        frame[24:40, 3 * number : 3 * number + 6] = 200, 30, 40
    return moving


@pytest.fixture
def film(frames: NDArray[np.uint8], tmp_path: Path) -> Path:
    """At 60 frames a second, without sound."""
    return made(frames, 60, None, tmp_path)


def made(frames: NDArray[np.uint8], fps: int, sound: Path | None, folder: Path) -> Path:
    with SegmentWriter(folder / "segment.mp4", fps) as segment:
        segment.write(frames)
    join([folder / "segment.mp4"], sound, folder / "film.mp4")
    return folder / "film.mp4"


def bar(picture: NDArray[np.uint8]) -> float:
    """Where the red bar stands, pixels."""
    red = picture[30:34, :, 0].astype(int) - picture[30:34, :, 1]
    return float(np.flatnonzero(red.mean(0) > 100).mean())


def shown(path: Path) -> tuple[list[NDArray[np.uint8]], list[int]]:
    """Pictures of an animation, and for how many milliseconds each is shown, as Pillow reads it."""
    pictures, times = [], []
    with Image.open(path) as animation:
        assert animation.info["loop"] == 0, "it plays for ever"
        for number in range(animation.n_frames):  # type: ignore[attr-defined]
            animation.seek(number)
            pictures.append(np.asarray(animation.convert("RGB")))
            times.append(animation.info["duration"])
    return pictures, times


def test_webm_has_the_pictures_and_the_sound_in_step(frames: NDArray[np.uint8], tmp_path: Path, record: Record) -> None:
    wave = np.zeros((1, 2 * AAC_RATE), np.float32)
    wave[0, round(CLICK * AAC_RATE)] = 0.9
    speech = record("click.wav", wave, AAC_RATE, "pcm_s16le")
    encode_speech(speech, tmp_path / "sound.m4a", FRAMES / 25)
    told: list[tuple[int, int]] = []
    convert(made(frames, 25, tmp_path / "sound.m4a", tmp_path), tmp_path / "film.webm", lambda *news: told.append(news))

    assert told == [(done, FRAMES) for done in range(1, FRAMES + 1)]
    with av.open(str(tmp_path / "film.webm")) as container:
        assert container.format.name == "matroska,webm"
        assert {stream.codec_context.name for stream in container.streams} == {"vp9", "opus"}
        decoded = list(container.decode(video=0))
    for number, frame in enumerate(decoded):
        assert frame.time == pytest.approx(number / 25, abs=0.001)
        picture = frame.to_ndarray(format="rgb24")
        assert bar(picture) == pytest.approx(bar(frames[number]), abs=1)
        assert np.abs(picture.astype(int) - frames[number]).mean() < 4
    assert len(decoded) == FRAMES
    heard = np.concatenate(list(decode_sound(tmp_path / "film.webm", AAC_RATE)), axis=1)[0]
    assert np.abs(heard).argmax() / AAC_RATE == pytest.approx(CLICK, abs=0.001)


def test_animated_webp_has_the_pictures(frames: NDArray[np.uint8], film: Path, tmp_path: Path) -> None:
    convert(film, tmp_path / "film.webp")
    pictures, times = shown(tmp_path / "film.webp")
    assert len(pictures) == FRAMES
    assert sum(times) == pytest.approx(1000 * FRAMES / 60, abs=5)
    for picture, frame in zip(pictures, frames, strict=True):
        assert bar(picture) == pytest.approx(bar(frame), abs=1)
        assert np.abs(picture.astype(int) - frame).mean() < 4, "the colors are those of the film"


def test_gif_has_no_frame_that_browsers_would_hold(frames: NDArray[np.uint8], film: Path, tmp_path: Path) -> None:
    """They show a frame of 10 ms for 100: of 60 frames a second, 50 are kept."""
    convert(film, tmp_path / "film.gif")
    pictures, times = shown(tmp_path / "film.gif")
    assert set(times) == {20}
    assert len(pictures) == FRAMES * 50 / 60
    for number, picture in enumerate(pictures):
        nearest = frames[min(round(number * 60 / 50), FRAMES - 1)]
        assert bar(picture) == pytest.approx(bar(nearest), abs=3.1)
        assert np.abs(picture.astype(int)[:20] - nearest[:20]).mean() < 4


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    for form in ("webm", "webp", "gif"):
        with pytest.raises(av.FFmpegError):
            convert(tmp_path / "film.mp4", tmp_path / f"film.{form}")
    assert list(tmp_path.iterdir()) == [tmp_path / "film.mp4"]
