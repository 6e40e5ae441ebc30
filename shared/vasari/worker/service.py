"""A worker process: Celery brings hints, the work is claimed from Postgres."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Callable
from typing import Any

import structlog
from celery import signals
from sqlalchemy.exc import DBAPIError

from vasari.broker import HINT_TASK, make_app
from vasari.config import Settings, settings
from vasari.jobs.database import make_engine
from vasari.jobs.states import StageKind
from vasari.store import Store
from vasari.telemetry import configure_logging
from vasari.values import Fault
from vasari.worker.attempt import Work, run_one

log = structlog.get_logger()


def serve(kind: StageKind, load: Callable[[Settings], Work]) -> None:
    """Run a worker until SIGTERM.

    Args:
        kind: the stage that it works on; its queue brings the hints.
        load: imports and loads the model and returns the stage's function. Called once, after the fork: CUDA cannot
            be used before it, and the parent stays small.
    """
    configure_logging(kind.queue)
    config = settings()
    app = make_app(config)
    stopping = multiprocessing.get_context("fork").Event()
    run: Callable[[], bool] | None = None

    def start(**_: Any) -> None:
        nonlocal run
        do, engine, store = load(config), make_engine(config), Store(config)
        name = f"{kind.queue}@{socket.gethostname()}:{os.getpid()}"

        def run() -> bool:
            return run_one(kind, do, engine=engine, store=store, settings=config, worker=name, stopping=stopping)

        log.info("ready", pid=os.getpid())
        if config.ready_file:
            config.ready_file.touch()

    def stop(**_: Any) -> None:
        stopping.set()

    def hint() -> None:
        """There is work: do what is ready, until nothing is."""
        assert run is not None
        try:
            while not stopping.is_set() and run():
                pass
        except (DBAPIError, Fault) as error:
            # What was under way comes back when its lease has run out; the dispatcher hints again.
            log.warning("a server does not answer", error=str(error))

    signals.worker_process_init.connect(start, weak=False)
    signals.worker_shutting_down.connect(stop, weak=False)
    app.task(hint, name=HINT_TASK)
    app.Worker(
        queues=[kind.queue],
        pool="prefork",
        concurrency=1,
        hostname=f"{kind.queue}-{os.getpid()}@{socket.gethostname()}",
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        task_events=False,
    ).start()
