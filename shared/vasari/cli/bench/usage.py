"""What a process uses together with all that it has started."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import psutil

_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Usage:
    """Of a program from its start to its end."""

    seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    """Of all processes at one moment; pages that several of them share count once."""


def run_program(command: list[str], log: Path) -> Usage:
    """Run it to its end, looking at its processes twice a second, which costs it little.

    Args:
        log: gets what it prints.

    Raises:
        RuntimeError: it failed; with the end of the log.
    """
    import psutil

    cpu, peak, began = 0.0, 0, time.perf_counter()
    with log.open("w+") as printed:
        program = subprocess.Popen(command, stdout=printed, stderr=printed)
        while True:
            try:
                cpu = max(cpu, cpu_seconds(program.pid))
                peak = max(peak, sum(process.memory_full_info().pss for process in _tree(program.pid)))
            except psutil.Error:
                pass  # one of them ended while it was looked at: the next look counts
            try:
                program.wait(_LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        elapsed = time.perf_counter() - began
        if program.returncode != 0:
            printed.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed: {printed.read()[-500:]}")
    return Usage(elapsed, cpu, peak)


def cpu_seconds(pid: int) -> float:
    """CPU time so far of a process and all that it has started, also of what has ended."""
    seconds = 0.0
    for process in _tree(pid):
        used = process.cpu_times()
        seconds += used.user + used.system + used.children_user + used.children_system
    return seconds


def _tree(pid: int) -> list[psutil.Process]:
    import psutil

    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]
