"""The service that is measured: one that is there, or a local stack for the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vasari.cli.show import StageBars


@dataclass(frozen=True)
class Server:
    """Where it is."""

    address: str
    database_url: str | None = None
    """None for a service that somebody else has started: its database is none of ours."""
    cpu_seconds: Callable[[], float] | None = None
    """CPU time of all its processes so far, likewise."""


@contextmanager
def server(target: str | None, folder: Path, bars: StageBars, *, workers: bool) -> Iterator[Server]:
    """The target, or a stack of its own with a worker a stage, or with none, so that nothing else uses the cores."""
    if target:
        yield Server(target)
        return
    from vasari.local.stack import STAGES, Stack

    name = "start a server"
    bars.update(name, 0, 0, "")
    with Stack(folder / "data", dict.fromkeys(STAGES, int(workers))) as stack:
        bars.update(name, 1, 1, stack.address)
        pids = [process.pid for process in stack.processes.values() if process.pid]
        yield Server(stack.address, stack.environment["VASARI_DATABASE_URL"], partial(_cpu_seconds, pids))


def _cpu_seconds(pids: list[int]) -> float:
    """Of these processes and all that they have started."""
    import psutil

    seconds = 0.0
    for parent in map(psutil.Process, pids):
        for process in (parent, *parent.children(recursive=True)):
            used = process.cpu_times()
            seconds += used.user + used.system
            seconds += used.children_user + used.children_system  # those that have ended
    return seconds
