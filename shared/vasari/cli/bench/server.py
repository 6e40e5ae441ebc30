"""The service that is measured: one that is there, or a local stack for the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@contextmanager
def server(target: str | None, folder: Path, bars: StageBars, *, workers: bool) -> Iterator[Server]:
    """The target, or a stack of its own with its usual workers, or with none, so that nothing else uses the cores."""
    if target:
        yield Server(target)
        return
    from vasari.local.stack import STAGES, Stack

    name = "start a server"
    bars.update(name, 0, 0, "")
    with Stack(folder / "data", {} if workers else dict.fromkeys(STAGES, 0)) as stack:
        bars.update(name, 1, 1, stack.address)
        yield Server(stack.address, stack.environment["VASARI_DATABASE_URL"])
