"""One attempt at one stage."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from vasari.config import Settings
from vasari.jobs import work
from vasari.jobs.schema import Json
from vasari.jobs.states import StageKind
from vasari.store import Store
from vasari.values import Cancelled, Fault, Reason, VasariError

log = structlog.get_logger()


class Stopping(Protocol):
    """Whether the process was asked to stop: threading.Event, or multiprocessing's."""

    def is_set(self) -> bool: ...


class HandedBack(Cancelled):
    """The process is stopping and the work is too long to finish: another worker shall have it."""

    def __init__(self) -> None:
        super().__init__("the worker is shutting down")


@dataclass
class Attempt:
    """What the work of a stage sees of the platform.

    `advance` and `check` raise Cancelled when the work has lost its purpose; call one of them at least every second.
    """

    lease: work.Lease
    engine: Engine
    store: Store
    settings: Settings
    scratch: Path
    """A folder that is gone after the attempt."""
    stopping: Stopping
    frames_done: int = 0
    _lost: bool = False
    _stop_by: float | None = None

    def check(self) -> None:
        """Raises LeaseLost, or HandedBack when the process has been stopping for as long as it may."""
        if self._lost:
            raise work.LeaseLost
        if self.stopping.is_set():
            now = time.monotonic()
            self._stop_by = self._stop_by or now + self.settings.grace_seconds
            if now >= self._stop_by:
                raise HandedBack

    def advance(self, frames: int) -> None:
        """Count frames as done, and `check`."""
        self.frames_done += frames
        self.check()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine) as session, session.begin():
            yield session

    def keep_lease(self, done: threading.Event) -> None:
        """Renew the lease until `done`; runs in a thread of its own, so that long arithmetic cannot starve it."""
        last = time.monotonic()
        while not done.wait(self.settings.heartbeat_seconds):
            try:
                with self.transaction() as session:
                    work.renew(session, self.lease, self.frames_done, self.settings.lease_seconds)
                last = time.monotonic()
            except work.LeaseLost:
                self._lost = True
                return
            except DBAPIError as error:
                log.warning("heartbeat failed", error=str(error.orig))
                if time.monotonic() - last > self.settings.lease_seconds:
                    self._lost = True
                    return


Work = Callable[[Attempt], Json]
"""The one function of a service: does a stage's work and returns the output that its row will name."""


def run_one(
    kind: StageKind,
    do: Work,
    *,
    engine: Engine,
    store: Store,
    settings: Settings,
    worker: str,
    stopping: Stopping,
) -> bool:
    """Claim the oldest ready stage of a kind, do it, and write down how it went. False when there was none.

    Raises nothing that the work raised. A failing database raises DBAPIError: the lease then runs out by itself.
    """
    with Session(engine) as session, session.begin():
        lease = work.claim(session, kind, worker, settings.lease_seconds)
    if lease is None:
        return False
    with (
        structlog.contextvars.bound_contextvars(job=str(lease.job_id), stage=kind, index=lease.index),
        tempfile.TemporaryDirectory(prefix="vasari-") as scratch,
    ):
        attempt = Attempt(lease, engine, store, settings, Path(scratch), stopping)
        try:
            _run(attempt, do)
        except work.LeaseLost:
            log.info("lease lost")
    return True


def _run(attempt: Attempt, do: Work) -> None:
    lease = attempt.lease
    started = time.monotonic()
    done = threading.Event()
    heartbeat = threading.Thread(target=attempt.keep_lease, args=(done,), name="heartbeat", daemon=True)
    heartbeat.start()
    try:
        output = do(attempt)
        attempt.check()
    except HandedBack:
        with attempt.transaction() as session:
            work.release(session, lease)
        log.info("handed back")
    except Cancelled as cancelled:
        log.info("stopped", why=cancelled.message)
    except VasariError as error:
        log.warning("failed", reason=error.reason, message=error.message)
        _fail(attempt, error)
    except DBAPIError:
        raise
    except Exception as error:
        # Whatever else the work raises is a bug or a fault of the machine: recorded, and tried again.
        log.exception("failed")
        _fail(attempt, Fault(Reason.INTERNAL, f"{type(error).__name__}: {error}"))
    else:
        skipped = bool(output.pop("cached", False))
        with attempt.transaction() as session:
            work.finish(session, lease, output, skipped=skipped)
        log.info("finished", seconds=round(time.monotonic() - started, 3), frames=attempt.frames_done)
    finally:
        done.set()
        heartbeat.join()


def _fail(attempt: Attempt, error: VasariError) -> None:
    settings = attempt.settings
    with attempt.transaction() as session:
        work.fail(
            session,
            attempt.lease,
            error,
            max_attempts=settings.max_attempts,
            retry_seconds=settings.retry_seconds,
        )
