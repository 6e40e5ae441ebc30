"""`vasari render` draws by processes of its own: what they make, and that none of them outlives it. Takes a minute."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from vasari.cli.bench import inputs
from vasari.cli.bench.process import VASARI
from vasari.cli.segments import write_segments
from vasari.device import use_device
from vasari.face import encode
from vasari.media.portrait import read_portrait
from vasari.media.speech import read_speech
from vasari.media.video import SegmentWriter
from vasari.motion import animate
from vasari.render import Renderer, RenderOptions
from vasari.values import Motion


def test_segments_are_those_of_a_worker(tmp_path: Path) -> None:
    photo = read_portrait(inputs.portrait(), 50_000_000)
    appearance, options = encode(photo), RenderOptions(128, photo=photo)
    motion = animate(read_speech(inputs.speech(tmp_path, 2), 60.0).samples)
    windows = [motion[start : start + 7] for start in range(0, len(motion), 7)]
    told: list[int] = []
    segments = write_segments(iter(windows), tmp_path, appearance, options, 25, "cpu", told.append)

    assert len(segments) == len(windows)
    assert told == sorted(told)
    assert told[-1] == len(motion)
    renderer, alone = Renderer(appearance, options, use_device("cpu")), tmp_path / "alone.mp4"
    for segment, window in zip(segments, windows, strict=True):
        with SegmentWriter(alone, 25) as writer:
            for frames in renderer.frames(window):
                writer.write(frames.numpy())
        assert segment.read_bytes() == alone.read_bytes()


def test_motion_that_cannot_be_made_ends_the_processes(tmp_path: Path) -> None:
    photo = read_portrait(inputs.portrait(), 50_000_000)
    motion = animate(read_speech(inputs.speech(tmp_path, 1), 60.0).samples)

    def windows() -> Iterator[Motion]:
        yield motion
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_segments(windows(), tmp_path, encode(photo), RenderOptions(128, photo=photo), 25, "cpu", lambda _: None)


@contextmanager
def drawing(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A render of a minute, and its processes, of which the last draw already."""
    arguments = ["render", inputs.portrait(), inputs.speech(folder, 60), "-o", folder / "video.mp4"]
    environment = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen(
        [*VASARI, *map(str, arguments)], stderr=subprocess.PIPE, text=True, env=environment
    ) as program:
        try:
            while not list(folder.glob("vasari-*/00000.mp4")):
                assert program.poll() is None
                time.sleep(0.05)
            yield program, psutil.Process(program.pid).children(recursive=True)
        finally:
            program.kill()


def drawer(processes: list[psutil.Process]) -> psutil.Process:
    """The youngest one."""
    return max(processes, key=lambda process: process.create_time())


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        (lambda program, _: program.send_signal(signal.SIGINT), 130, ""),
        (lambda program, _: program.kill(), -signal.SIGKILL, ""),
        (lambda _, processes: drawer(processes).kill(), 1, "most often for want of memory"),
    ],
    ids=["Ctrl-C", "killed", "a process of it killed"],
)
def test_nothing_is_left_of_a_render_that_ends_early(
    tmp_path: Path,
    end: Callable[[subprocess.Popen[str], list[psutil.Process]], None],
    code: int,
    said: str,
) -> None:
    with drawing(tmp_path) as (program, processes):
        end(program, processes)
        _, told = program.communicate(timeout=10)
    assert program.returncode == code
    assert said in told
    assert "Traceback" not in told
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert not alive
    assert not (tmp_path / "video.mp4").exists()
    if code != -signal.SIGKILL:
        assert not list(tmp_path.glob("vasari-*"))
