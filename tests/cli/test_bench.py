"""`vasari bench`, each part for a moment: what it measures is there and can be. Takes half a minute."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import Engine

from vasari.cli.bench import answers, frame, process, streams, usage
from vasari.cli.bench.server import Server
from vasari.cli.bench.table import table
from vasari.cli.show import StageBars


@pytest.fixture
def server(address: str, engine: Engine) -> Server:
    url = engine.url.set(drivername="postgresql")
    return Server(address, url.render_as_string(hide_password=False))


def test_answers(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "RATE_SECONDS", 0.3)
    figures = asyncio.run(answers.measure_answers(server, tmp_path, StageBars()))
    for call in (figures["get_job"], figures["create_job"]):
        assert call["per_second"] > 10
        assert 0 < call["p50_ms"] <= call["p99_ms"]


def test_streams(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STREAMS", (0, 3))
    monkeypatch.setattr(streams, "WATCH_SECONDS", 1.5)
    figures = asyncio.run(streams.measure_streams(server, tmp_path, StageBars()))
    assert set(figures) == {"0", "3"}
    assert all(cost["transactions_per_second"] >= 0 for cost in figures.values())


def test_a_database_that_is_anothers_is_not_asked(server: Server, tmp_path: Path) -> None:
    assert asyncio.run(streams.measure_streams(Server(server.address), tmp_path, StageBars())) == {}


def test_the_steps_of_a_frame_are_its_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "SPEECH_SECONDS", 1)
    monkeypatch.setattr(frame, "ROUNDS", 1)
    figures = frame.measure_frame(tmp_path, StageBars())
    steps = figures["steps_cpu_ms"]
    assert sum(steps.values()) == pytest.approx(figures["cpu_ms"])
    assert all(steps[step] > 0 for step in ("pose and fields", "sampling", "mouth", "eyes", "shading"))
    assert 0 < figures["least_ms"] < figures["cpu_ms"]
    assert figures["moved_bytes"] > figures["least_bytes"]
    assert figures["frames_per_second_by_processes"] > 10


def test_memory_and_cpu_time_of_all_that_a_program_starts(tmp_path: Path) -> None:
    child = "import time; held = bytearray(200 << 20); [held.__setitem__(i, 1) for i in range(0, len(held), 4096)];"
    child += "began = time.process_time(); exec('while time.process_time() - began < 1: pass')"
    program = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {child!r}]); time.sleep(0.5)"
    used = usage.run_program([sys.executable, "-c", program], tmp_path / "log")
    assert 200 << 20 < used.peak_memory_bytes < 300 << 20
    assert 1 < used.cpu_seconds < used.seconds + 0.5
    with pytest.raises(RuntimeError, match="no such thing"):
        usage.run_program([sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path / "log")


def test_a_long_render_is_timed_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LONG_SECONDS", 1)
    figures = process.measure_minute(tmp_path, StageBars())
    assert figures["peak_memory_mib"] > 100
    ratio = figures["cpu_ms_per_frame"] / figures["yardstick_ms_per_frame"]
    assert figures["cpu_over_yardstick"] == pytest.approx(ratio)
    console = Console(file=io.StringIO(), width=80)
    console.print(table({"minute": figures}))
    assert "peak memory" in console.file.getvalue()  # type: ignore[attr-defined]
