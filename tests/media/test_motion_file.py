"""Motion files of every format, and what is wrong with them. Takes 5 s."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vasari.media.confined import Decoders
from vasari.media.motion_file import HEAD_BYTES, check_motion_head, read_motion, write_motion
from vasari.values import InputError, Motion, Reason

ARRAYS = ("rotation", "translation", "coefficients", "tongue")
POSES = "second,yaw,pitch,roll\n0,0,0,0\n2,10,0,0\n"


def wandering(frames: int = 50) -> Motion:
    random = np.random.default_rng(0)
    shapes = {"rotation": (3,), "translation": (3,), "coefficients": (52,), "tongue": ()}
    return Motion(**{name: random.random((frames, *s), np.float32) for name, s in shapes.items()}, fps=25.0)


def changed(name: str, value: float) -> bytes:
    motion = wandering()
    getattr(motion, name)[7] = value
    return motion.to_bytes()


@pytest.fixture(scope="module")
def decoders() -> Decoders:
    return Decoders(seconds=20, memory_bytes=2**30)


@pytest.mark.parametrize("name", ["motion.csv", "motion.safetensors"])
def test_a_file_is_known_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    write_motion(tmp_path / name, wandering())
    asset = (tmp_path / name).rename(tmp_path / "asset")
    check_motion_head(asset.read_bytes()[:HEAD_BYTES])
    for array in ARRAYS:
        assert getattr(read_motion(asset), array) == pytest.approx(getattr(wandering(), array), abs=1e-4), array


def test_it_is_brought_to_the_rate_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "poses").write_text(POSES)
    motion = read_motion(tmp_path / "poses", 10)
    assert (len(motion), motion.fps) == (20, 10)


def test_it_comes_back_from_its_own_process_as_it_was_read(decoders: Decoders, tmp_path: Path) -> None:
    (tmp_path / "asset").write_bytes(wandering().to_bytes())
    alone, confined = read_motion(tmp_path / "asset", 30), decoders.read_motion(tmp_path / "asset", 30, 60)
    assert (confined.fps, confined.camera) == (30, None)
    for array in ARRAYS:
        np.testing.assert_array_equal(getattr(alone, array), getattr(confined, array))


WRONG = {
    "nothing": (b"", "this is no motion file"),
    "another table": (b"a,b\n1,2\n", "this is no motion file"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "this is no motion file"),
    "a half": (wandering().to_bytes()[:9000], "damaged, or of another version"),
    "another value": (wandering().to_bytes().replace(b'"motion"', b'"potion"'), "damaged, or of another version"),
    "deep JSON": ((100_000).to_bytes(8, "little") + b'{"a":' * 20_000, "damaged, or of another version"),
    "no frames": (wandering()[:0].to_bytes(), "it has 0 frames"),
    "no rate": (Motion.neutral(3, 0.0).to_bytes(), "at 0 a second"),
    "no number": (changed("translation", float("nan")), "not all values of translation are numbers"),
    "a broken neck": (changed("rotation", 200.0), "beyond 180 degrees"),
    "gone far": (changed("translation", 1e6), "moved by over 100"),
    "too wide": (changed("coefficients", 1.5), "not from 0 to 1"),
    "no timecode": (b"Timecode,JawOpen\nnoon,0\n", "is no timecode"),
    "NUL": (b"Timecode,JawOpen\n00:00:00:00,\x00\n", "cannot be read"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(decoders: Decoders, tmp_path: Path, name: str) -> None:
    content, words = WRONG[name]
    (tmp_path / "asset").write_bytes(content)
    with pytest.raises(InputError, match=words) as refused:
        decoders.read_motion(tmp_path / "asset", 25, 60)
    assert refused.value.reason is Reason.MOTION_UNREADABLE


@pytest.mark.parametrize(
    "text", [POSES.replace("\n2,", "\n14000,"), "Timecode,JawOpen\n00:00:00:00,0\n00:00:02:00,0\n"]
)
def test_what_is_too_long_is_refused_before_it_is_laid_out(decoders: Decoders, tmp_path: Path, text: str) -> None:
    (tmp_path / "asset").write_text(text)
    with pytest.raises(InputError, match=r"the limit is 0\.9 s; cut the file") as refused:
        decoders.read_motion(tmp_path / "asset", 25, 0.9)
    assert refused.value.reason is Reason.MOTION_TOO_LONG


def test_an_hour_fits_into_the_memory_that_a_decoder_has(tmp_path: Path) -> None:
    """216,000 rows at 60 a second, of two columns here: each row is kept as 60 numbers whatever it has."""
    rows = (f"{i // 216000:02d}:{i // 3600 % 60:02d}:{i // 60 % 60:02d}:{i % 60:02d},0.5" for i in range(216_000))
    (tmp_path / "asset").write_text("Timecode,JawOpen\n" + "\n".join(rows))
    motion = Decoders(seconds=60, memory_bytes=2**30).read_motion(tmp_path / "asset", 25, 3601)
    assert len(motion) == pytest.approx(90_000, abs=1)
