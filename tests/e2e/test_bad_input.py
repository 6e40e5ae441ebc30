"""What cannot be used is refused in words: by the service, and in the same words by the command in one process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import av
import numpy as np
import pytest
from PIL import Image
from tests.e2e.conftest import DEV_DATA, PORTRAIT, SPEECH, Run

Make = Callable[[Path], Path]


def picture(change: Callable[[Image.Image], Image.Image]) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "portrait.png"
        change(Image.open(PORTRAIT).convert("RGB")).save(path)
        return path

    return make


def six(photo: Image.Image) -> Image.Image:
    small = photo.resize((256, 300))
    sheet = Image.new("RGB", (3 * 256, 2 * 300))
    for n in range(6):
        sheet.paste(small, (n % 3 * 256, n // 3 * 300))
    return sheet


def written(name: str, content: bytes) -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def sound(samples: np.ndarray) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "speech.wav"
        with av.open(str(path), "w") as output:
            stream = output.add_stream("pcm_s16le", rate=16000, layout="mono")
            if samples.size:
                frame = av.AudioFrame.from_ndarray(samples[None].astype(np.int16), "s16", "mono")
                frame.rate = 16000
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return path

    return make


def given(path: Path) -> Make:
    return lambda _: path


def from_dev_data(name: str) -> Make:
    def make(_: Path) -> Path:
        path = DEV_DATA / "portraits_refused" / name
        if not path.exists():
            pytest.skip("the development data is not here")
        return path

    return make


def vast(folder: Path) -> Path:
    """20,000 x 20,000 px in some 50 KB: black compresses well."""
    path = folder / "vast.png"
    Image.new("1", (20_000, 20_000)).save(path)
    return path


PORTRAITS = {
    "blank": (picture(lambda p: Image.new("RGB", p.size, (90, 120, 90))), "no human face found in the portrait"),
    "cat": (from_dev_data("cat.jpg"), "no human face found in the portrait"),
    "llama": (from_dev_data("llama.jpg"), "no human face found in the portrait"),
    "mask": (from_dev_data("no_face.jpg"), "no human face found in the portrait"),
    "crowd": (from_dev_data("six_faces.jpg"), "face_index"),
    "six": (picture(six), "face_index"),
    "tiny": (picture(lambda p: p.resize((102, 120))), "64"),
    "text": (written("portrait.jpg", b"this is no picture"), "JPEG"),
    "truncated": (written("portrait.jpg", PORTRAIT.read_bytes()[:20_000]), "portrait"),
    "vast": (vast, "pixels"),
}
SPEECHES = {
    "silent": (sound(np.zeros(32_000)), "silent"),
    "empty": (sound(np.zeros(0)), "speech"),
    "corrupt": (written("speech.mp3", bytes(range(256)) * 40), "speech"),
    "picture": (given(PORTRAIT), "speech"),
}


@pytest.mark.parametrize("command", ["render", "submit"])
@pytest.mark.parametrize("name", PORTRAITS)
def test_portraits(vasari: Run, tmp_path: Path, command: str, name: str) -> None:
    make, words = PORTRAITS[name]
    assert_refused(vasari(command, make(tmp_path), SPEECH, "-o", tmp_path / "out.mp4", "--size", "128"), words)
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("command", ["render", "submit"])
@pytest.mark.parametrize("name", SPEECHES)
def test_speeches(vasari: Run, tmp_path: Path, command: str, name: str) -> None:
    make, words = SPEECHES[name]
    assert_refused(vasari(command, PORTRAIT, make(tmp_path), "-o", tmp_path / "out.mp4", "--size", "128"), words)


@pytest.mark.parametrize("command", ["render", "submit"])
@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--emotion", "joyful=0.5", "happy"),
        ("--fps", "500", "60"),
        ("--size", "333", "even"),
        ("--head-motion", "7", "2"),
        ("--blink-rate", "-1", "60"),
    ],
)
def test_controls(vasari: Run, tmp_path: Path, command: str, option: str, value: str, words: str) -> None:
    assert_refused(vasari(command, PORTRAIT, SPEECH, "-o", tmp_path / "out.mp4", option, value), words)


def test_one_of_several_faces_can_be_chosen(vasari: Run, tmp_path: Path) -> None:
    crowd, out = picture(six)(tmp_path), tmp_path / "out.mp4"
    done = vasari("render", crowd, SPEECH, "-o", out, "--size", "128", "--face-index", "2")
    assert done.returncode == 0, done.stderr
    assert out.exists()


def assert_refused(done: CompletedProcess[str], words: str) -> None:
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    assert words in lines[0]
    assert "Traceback" not in done.stderr
