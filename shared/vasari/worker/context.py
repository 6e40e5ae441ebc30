"""What the work of a stage sees of the platform."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from vasari.config import Settings
from vasari.jobs import work
from vasari.store import Store
from vasari.telemetry import metrics, pulse
from vasari.values import Cancelled

log = structlog.get_logger()

P = ParamSpec("P")

WRITE_AGAIN_SECONDS: Final = 0.5
"""Wait before a report that the database did not take is made again."""


class Stopping(Protocol):
    """Whether the process was asked to stop: a threading.Event, or a flag that processes share."""

    def is_set(self) -> bool: ...


class HandedBack(Cancelled):
    """The process is stopping and the work is too long to finish: another worker shall have it."""

    def __init__(self) -> None:
        super().__init__("the worker is shutting down")


@dataclass
class StageContext:
    """The lease, the servers, and whether to go on.

    `advance` and `check` raise Cancelled when the work has lost its purpose; call one of them at least every second.
    """

    lease: work.Lease
    engine: Engine
    store: Store
    settings: Settings
    stopping: Stopping
    scratch: Path
    """A folder that is gone after the attempt."""
    frames_done: int = 0
    _lost: threading.Event = field(default_factory=threading.Event)
    _stop_by: float | None = None

    def check(self) -> None:
        """Raises LeaseLost, or HandedBack when the process has been stopping for as long as it may."""
        pulse.beat()
        if self._lost.is_set():
            raise work.LeaseLost
        if self.stopping.is_set():
            now = time.monotonic()
            self._stop_by = self._stop_by or now + self.settings.grace_seconds
            if now >= self._stop_by:
                raise HandedBack

    def advance(self, frames: int) -> None:
        """Count frames as done, and `check`."""
        self.frames_done += frames
        metrics.FRAMES.labels(self.lease.kind.queue).inc(frames)
        self.check()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine) as session, session.begin():
            yield session

    def report(
        self, step: Callable[Concatenate[Session, work.Lease, P], None], *args: P.args, **more: P.kwargs
    ) -> None:
        """Make one of the reports of `vasari.jobs.work`, again and again while the database is away.

        That is safe: a report that was taken although its answer was lost raises LeaseLost or changes nothing when
        it is made again.

        Raises:
            LeaseLost: the stage has another holder by now.
            HandedBack: the process must stop before the database is back; the lease will run out.
        """
        while True:
            try:
                with self.transaction() as session:
                    return step(session, self.lease, *args, **more)
            except DBAPIError as error:
                log.warning("the database does not answer; reporting again", error=str(error.orig))
            self.check()
            self._lost.wait(WRITE_AGAIN_SECONDS)

    def keep_lease(self, done: threading.Event) -> None:
        """Renew the lease until `done`; runs in a thread of its own, so that long arithmetic cannot starve it.

        Only Postgres says that a lease is lost: while it is away nobody else can claim the stage either.
        """
        while not done.wait(self.settings.heartbeat_seconds):
            try:
                with self.transaction() as session:
                    work.renew(session, self.lease, self.frames_done, self.settings.lease_seconds)
            except work.LeaseLost:
                self._lost.set()
                return
            except DBAPIError as error:
                log.warning("heartbeat failed", error=str(error.orig))
