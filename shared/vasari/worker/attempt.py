"""One attempt at one stage: claim it, do it, write down how it went."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from vasari.config import Settings
from vasari.jobs import work
from vasari.jobs.schema import Json
from vasari.jobs.states import StageKind
from vasari.store import Store
from vasari.telemetry import metrics, pulse, traces
from vasari.values import Cancelled, Fault, Reason, VasariError
from vasari.worker.context import HandedBack, StageContext, Stopping

log = structlog.get_logger()


class Unsound(Exception):
    """The work raised what nobody foresaw. The attempt has ended as it should, but who knows what state the process
    is in (a GPU context, say, stays broken): it should end, and a fresh one go on.
    """


Work = Callable[[StageContext], Json]
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
    context = StageContext(lease, engine, store, settings, stopping, Path())
    with structlog.contextvars.bound_contextvars(job=str(lease.job_id), stage=kind, index=lease.index), _seen(lease):
        try:
            _run(context, do)
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


def _run(context: StageContext, do: Work) -> None:
    started = time.monotonic()
    outcome, problem = "failed", None
    done = threading.Event()
    with ThreadPoolExecutor(1, "heartbeat") as heartbeat:
        heartbeat.submit(context.keep_lease, done)
        try:
            with tempfile.TemporaryDirectory(prefix="vasari-") as scratch:
                context.scratch = Path(scratch)
                output = do(context)
            skipped = bool(output.pop("cached", False))
            context.report(work.finish, output, skipped=skipped)
            outcome = "skipped" if skipped else "succeeded"
            if context.lease.kind is StageKind.FACE_ENCODE:
                metrics.FACE_CACHE_LOOKUPS.labels("hit" if skipped else "miss").inc()
            log.info("finished", seconds=round(time.monotonic() - started, 3), frames=context.frames_done)
        except HandedBack:
            outcome = "released"
            with context.transaction() as session:
                work.release(session, context.lease)
            raise
        except Cancelled:
            outcome = "cancelled"
            raise
        except VasariError as error:
            problem = error.message
            log.warning("failed", reason=error.reason, message=error.message)
            _fail(context, error)
        except Exception as error:
            problem = str(error)
            log.exception("failed")
            _fail(context, Fault(Reason.INTERNAL, f"{type(error).__name__}: {error}"))
            raise Unsound from error
        finally:
            done.set()
            stage, seconds = context.lease.kind.queue, time.monotonic() - started
            metrics.STAGE_SECONDS.labels(stage, outcome).observe(seconds)
            traces.end_attempt(outcome, problem)


def _fail(context: StageContext, error: VasariError) -> None:
    settings = context.settings
    context.report(work.fail, error, max_attempts=settings.max_attempts, retry_seconds=settings.retry_seconds)
