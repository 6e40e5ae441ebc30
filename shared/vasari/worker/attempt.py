"""One attempt at one stage."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
from vasari.jobs.schema import Json
from vasari.jobs.states import StageKind
from vasari.store import Store
from vasari.telemetry import metrics, pulse, traces
from vasari.values import Cancelled, Fault, Reason, VasariError

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


class Unsound(Exception):
    """The work raised what nobody foresaw. The attempt has ended as it should, but who knows what state the process
    is in (a GPU context, say, stays broken): it should end, and a fresh one go on.
    """


@dataclass
class Attempt:
    """What the work of a stage sees of the platform.

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

    Raises:
        DBAPIError: the database did not answer the claim.
        Unsound: the work raised something that is no VasariError; the attempt has ended, the process should too.
    """
    with Session(engine) as session, session.begin():
        lease = work.claim(session, kind, worker, settings.lease_seconds)
    if lease is None:
        return False
    attempt = Attempt(lease, engine, store, settings, stopping, Path())
    with structlog.contextvars.bound_contextvars(job=str(lease.job_id), stage=kind, index=lease.index), _seen(lease):
        try:
            _run(attempt, do)
        except Cancelled as cancelled:
            log.info("stopped", why=cancelled.message)
    return True


@contextmanager
def _seen(lease: work.Lease) -> Iterator[None]:
    """Let the attempt be seen from outside while it runs."""
    metrics.QUEUE_WAIT_SECONDS.labels(lease.kind.queue).observe(lease.waited)
    if lease.attempt > 1:
        metrics.RETRIES.labels(lease.kind.queue).inc()
    pulse.beat()
    attributes: dict[str, str | int] = {
        "vasari.job": str(lease.job_id),
        "vasari.stage": lease.kind.queue,
        "vasari.index": lease.index,
        "vasari.attempt": lease.attempt,
    }
    try:
        with traces.attempt(lease.kind.queue, lease.traceparent, lease.waited, attributes):
            yield
    finally:
        pulse.rest()


def _run(attempt: Attempt, do: Work) -> None:
    started = time.monotonic()
    outcome, problem = "failed", None
    done = threading.Event()
    with ThreadPoolExecutor(1, "heartbeat") as heartbeat:
        heartbeat.submit(attempt.keep_lease, done)
        try:
            with tempfile.TemporaryDirectory(prefix="vasari-") as scratch:
                attempt.scratch = Path(scratch)
                output = do(attempt)
            skipped = bool(output.pop("cached", False))
            attempt.report(work.finish, output, skipped=skipped)
            outcome = "skipped" if skipped else "succeeded"
            if attempt.lease.kind is StageKind.FACE_ENCODE:
                metrics.FACE_CACHE_LOOKUPS.labels("hit" if skipped else "miss").inc()
            log.info("finished", seconds=round(time.monotonic() - started, 3), frames=attempt.frames_done)
        except HandedBack:
            outcome = "released"
            with attempt.transaction() as session:
                work.release(session, attempt.lease)
            raise
        except Cancelled:
            outcome = "cancelled"
            raise
        except VasariError as error:
            problem = error.message
            log.warning("failed", reason=error.reason, message=error.message)
            _fail(attempt, error)
        except Exception as error:
            problem = str(error)
            log.exception("failed")
            _fail(attempt, Fault(Reason.INTERNAL, f"{type(error).__name__}: {error}"))
            raise Unsound from error
        finally:
            done.set()
            stage, seconds = attempt.lease.kind.queue, time.monotonic() - started
            metrics.STAGE_SECONDS.labels(stage, outcome).observe(seconds)
            traces.end_attempt(outcome, problem)


def _fail(attempt: Attempt, error: VasariError) -> None:
    settings = attempt.settings
    attempt.report(work.fail, error, max_attempts=settings.max_attempts, retry_seconds=settings.retry_seconds)
