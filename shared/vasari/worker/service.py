"""A worker process: Celery brings hints, the work is claimed from Postgres."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import structlog
from celery import bootsteps, signals
from celery.apps.worker import Worker
from sqlalchemy.exc import DBAPIError

from vasari.broker import HINT_TASK, make_app
from vasari.config import Settings, settings
from vasari.jobs.database import make_engine
from vasari.jobs.states import StageKind
from vasari.store import Store
from vasari.telemetry import Readiness, configure_logging, configure_tracing, serve_page
from vasari.telemetry.traces import flush
from vasari.worker.attempt import Unsound, Work, run_one
from vasari.worker.watchfulness import watch_servers

log = structlog.get_logger()


class _Receiver(Worker):  # type: ignore[misc]
    """Celery's worker with its blocking loop, which reads hints and works in one thread.

    When a broker and a forked child die at about the same time, the asynchronous loop can turn in circles for ever and
    receive nothing. The blocking one meets a lost connection where it reads.
    """

    def should_use_eventloop(self) -> bool:
        return False


def serve(kind: StageKind, load: Callable[[Settings], Work]) -> None:
    """Run a worker until SIGTERM.

    Exits with 1 when its model cannot be loaded, or is in a state that nobody knows: its starter starts it again.

    Args:
        kind: the stage that it works on; its queue brings the hints.
        load: imports and loads the model and returns the stage's function. Called once.
    """
    configure_logging(kind.queue)
    configure_tracing(kind.queue)
    config = settings()
    readiness = Readiness(config.ready_file)
    serve_page(config.metrics_address, readiness)
    app = make_app(config)
    try:
        do = load(config)
    except Exception:
        log.exception("the model cannot be loaded")
        sys.exit(1)
    engine, store, stopping = make_engine(config), Store(config), threading.Event()
    name = f"{kind.queue}@{socket.gethostname()}:{os.getpid()}"

    def run() -> bool:
        return run_one(kind, do, engine=engine, store=store, settings=config, worker=name, stopping=stopping)

    def hint() -> None:
        """There is work: do what is ready, until nothing is."""
        try:
            while not stopping.is_set() and run():
                pass
        except DBAPIError as error:
            log.warning("the database does not answer", error=str(error.orig))
        except Unsound:
            log.warning("starting afresh")
            flush()
            os._exit(1)

    receiving = threading.Event()

    class Receiving(bootsteps.StartStopStep):  # type: ignore[misc]
        """Celery starts it after each connection to the broker, and stops it when that is lost."""

        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, _: Any) -> None:
            receiving.set()

        def stop(self, _: Any) -> None:
            receiving.clear()

    def own_problem() -> str | None:
        if stopping.is_set():
            return "is stopping"
        return None if receiving.is_set() else "receives no hints from the broker"

    def stop(**_: Any) -> None:
        stopping.set()

    signals.worker_shutting_down.connect(stop, weak=False)
    app.task(hint, name=HINT_TASK)
    app.steps["consumer"].add(Receiving)
    watch_servers(readiness, config, engine, store, own_problem)
    _Receiver(
        app=app,
        queues=[kind.queue],
        pool="solo",
        concurrency=1,
        hostname=f"{kind.queue}-{os.getpid()}@{socket.gethostname()}",
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        task_events=False,
    ).start()
