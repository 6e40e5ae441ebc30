"""A worker process: Celery brings hints, the work is claimed from Postgres."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import socket
import sys
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
from vasari.worker.attempt import Unsound, Work, run_one

log = structlog.get_logger()


class SharedFlag:
    """A flag that a process shares with those it forks. Without a lock, which one that is killed could keep."""

    def __init__(self) -> None:
        self._value = multiprocessing.get_context("fork").RawValue(ctypes.c_bool, False)

    def is_set(self) -> bool:
        return bool(self._value.value)

    def set(self) -> None:
        self._value.value = True


def serve(kind: StageKind, load: Callable[[Settings], Work]) -> None:
    """Run a worker until SIGTERM. Exits with 1 when its model cannot be loaded.

    Args:
        kind: the stage that it works on; its queue brings the hints.
        load: imports and loads the model and returns the stage's function. Called once, after the fork: CUDA cannot
            be used before it, and the parent stays small.
    """
    configure_logging(kind.queue)
    config = settings()
    app = make_app(config)
    stopping, broken = SharedFlag(), SharedFlag()
    run: Callable[[], bool] | None = None

    def start(**_: Any) -> None:
        nonlocal run
        try:
            do = load(config)
        except Exception:
            # Celery would go on without it, and take hints from workers that can do what they are hinted at.
            log.exception("the model cannot be loaded")
            broken.set()
            os.kill(os.getppid(), signal.SIGTERM)
            return
        engine, store = make_engine(config), Store(config)
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
        try:
            while run is not None and not stopping.is_set() and run():
                pass
        except DBAPIError as error:
            log.warning("the database does not answer", error=str(error.orig))
        except Unsound:
            log.warning("starting afresh")
            os._exit(1)  # Celery forks another process, which loads the model anew

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
    sys.exit(1 if broken.is_set() else 0)
