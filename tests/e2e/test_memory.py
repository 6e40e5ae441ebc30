"""Memory does not grow with the length of the speech."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.e2e.conftest import PORTRAIT

from vasari.cli.bench.process import VASARI
from vasari.cli.bench.usage import run_program

# Small pictures, few a second: what would grow with the length grows all the same, and ten minutes take half a minute.
RENDER = ["render", PORTRAIT, "{speech}", "-o", "{output}", "--size", "128", "--fps", "10", "--device", "cpu"]


def peak_mib(speech: Path, output: Path) -> float:
    """Largest memory of `vasari render` and the processes that it starts."""
    arguments = [str(a).format(speech=speech, output=output) for a in RENDER]
    used = run_program([*VASARI, *arguments], output.with_suffix(".log"))
    return used.peak_memory_bytes / 2**20


@pytest.mark.timeout(600)
def test_ten_minutes_take_hardly_more_than_one(speech_of: Callable[[float], Path], tmp_path: Path) -> None:
    one, ten = (peak_mib(speech_of(minutes * 60.0), tmp_path / f"{minutes}.mp4") for minutes in (1, 10))
    assert ten < 1.3 * one, f"{one:.0f} MiB for one minute, {ten:.0f} MiB for ten"
