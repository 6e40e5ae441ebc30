"""What is shown while work goes on, and what becomes of an output's name."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from vasari.cli import show
from vasari.cli.output import as_named
from vasari.media.video import SegmentWriter, join

Streams = pytest.CaptureFixture[str]


def test_where_there_is_no_terminal_each_stage_has_a_line_when_it_begins_and_when_it_is_done(capsys: Streams) -> None:
    with show.StageBars() as bars:
        bars.count("load", 0, 0)
        bars.count("load", 1, 1)
        for done in range(0, 1001, 10):
            bars.count("render", done, 1000)
        bars.update("face", 0, 1, "waits for a worker", 0.0)
        bars.count("face", 0, 0, 0.0)
        bars.count("face", 1, 1, 2.34)
        bars.count("render", 1000, 1000)
    assert [re.sub(r"0\.\d s", "0.0 s", line) for line in capsys.readouterr().err.splitlines()] == [
        "load: loading the networks",
        "load: loading the networks, 0.0 s",
        "render: drawing",
        "render: 1000 of 1000 frames, 0.0 s",
        "face: waits for a worker",
        "face: finding the face",
        "face: finding the face, 2.3 s",
    ]


def test_on_a_terminal_a_clock_runs_without_any_news(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(show, "stderr", Console(file=screen, force_terminal=True, width=80, _environ={}))
    with show.StageBars() as bars:
        bars.count("face", 0, 0)
        deadline = time.monotonic() + 5
        while "0.2 s" not in screen.getvalue():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        bars.count("face", 1, 1)
    assert "finding the face" in screen.getvalue()


@pytest.mark.parametrize(("name", "silent"), [("film.gif", True), ("film.webp", True), ("film.WEBM", False)])
def test_a_video_becomes_what_its_name_says_and_silence_is_told(
    name: str, silent: bool, tmp_path: Path, capsys: Streams
) -> None:
    told: list[tuple[str, int, int]] = []
    with as_named(tmp_path / name, lambda *news: told.append(news)) as film:
        with SegmentWriter(tmp_path / "segment.mp4", 25) as segment:
            segment.write(np.zeros((3, 64, 64, 3), np.uint8))
        join([tmp_path / "segment.mp4"], None, film)
    assert told[0] == ("convert", 0, 0)
    assert told[-1] == ("convert", 3, 3)
    assert not film.exists()
    assert (f"{name} has no sound; .mp4 and .webm do" in capsys.readouterr().err) is silent
    if silent:
        assert Image.open(tmp_path / name).format == Path(name).suffix[1:].upper()
    else:
        assert (tmp_path / name).read_bytes()[:4] == b"\x1aE\xdf\xa3"
