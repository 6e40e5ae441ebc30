"""The dispatcher's loops. Each takes only rows that no other dispatcher holds, so any number may run."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

import psycopg
import structlog
from celery import Celery
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from vasari.broker import make_app, send_hint
from vasari.config import Settings
from vasari.jobs import upkeep
from vasari.jobs.database import make_engine
from vasari.jobs.states import StageKind
from vasari.jobs.transitions import OUTBOX_CHANNEL
from vasari.store import Store
from vasari.telemetry import configure_logging
from vasari.values import Fault
from vasari.worker import run_one
from vasari_dispatcher.join import join_segments

log = structlog.get_logger()

UPKEEP_SECONDS = 1.0
RETENTION_SECONDS = 60.0


class Dispatcher:
    """Four loops, each in a thread of its own, until `stopping` is set."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine: Engine = make_engine(settings)
        self.store = Store(settings)
        self.broker: Celery = make_app(settings)
        self.name = f"dispatcher@{socket.gethostname()}:{os.getpid()}"
        self.stopping = threading.Event()
        self.relay_due = threading.Event()
        self.join_due = threading.Event()

    def run(self) -> None:
        """Returns when `stopping` is set and every loop has ended."""
        loops = (
            ("listen", self._listen, None),
            ("relay", self._relay, self.relay_due),
            ("join", self._join, self.join_due),
            ("upkeep", self._upkeep, None),
        )
        threads = [threading.Thread(target=self._loop, args=(step, due), name=name) for name, step, due in loops]
        for thread in threads:
            thread.start()
        log.info("ready")
        if self.settings.ready_file:
            self.settings.ready_file.touch()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        self.stopping.set()
        self.relay_due.set()
        self.join_due.set()

    def _loop(self, step: Callable[[], None], due: threading.Event | None) -> None:
        """Do a step whenever it is due and once a second; a server that does not answer is tried again."""
        while not self.stopping.is_set():
            try:
                step()
            except (DBAPIError, psycopg.OperationalError, BrokerError, Fault) as error:
                log.warning("a server does not answer", error=str(error))
                self.stopping.wait(UPKEEP_SECONDS)
            if due is None:
                self.stopping.wait(UPKEEP_SECONDS)
            else:
                due.wait(UPKEEP_SECONDS)
                due.clear()

    def _listen(self) -> None:
        """Wake the loops as soon as a transaction that concerns them commits."""
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"LISTEN {OUTBOX_CHANNEL}")
            while not self.stopping.is_set():
                self.relay_due.set()
                self.join_due.set()
                for _ in connection.notifies(timeout=UPKEEP_SECONDS, stop_after=1):
                    pass

    def _relay(self) -> None:
        while self._transaction(partial(upkeep.relay, send=partial(send_hint, self.broker))):
            pass

    def _join(self) -> None:
        while not self.stopping.is_set() and run_one(
            StageKind.JOIN,
            join_segments,
            engine=self.engine,
            store=self.store,
            settings=self.settings,
            worker=self.name,
            stopping=self.stopping,
        ):
            pass

    def _upkeep(self) -> None:
        settings = self.settings
        attempts, wait = settings.max_attempts, settings.retry_seconds
        self._transaction(lambda session: upkeep.sweep(session, max_attempts=attempts, retry_seconds=wait))
        self._transaction(upkeep.end_overdue)
        self._transaction(lambda session: upkeep.remind(session, settings.hint_seconds))
        self._transaction(lambda session: upkeep.forget_old(session, settings.retention_seconds))
        self._transaction(lambda session: upkeep.collect_litter(session, self.store.remove))

    def _transaction(self, step: Callable[[Session], int]) -> int:
        with Session(self.engine) as session, session.begin():
            return step(session)


def serve(settings: Settings) -> None:
    """Run a dispatcher until SIGTERM or SIGINT."""
    configure_logging("dispatcher")
    dispatcher = Dispatcher(settings)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        dispatcher.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    dispatcher.run()
