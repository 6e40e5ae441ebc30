"""The dispatcher's loops. Each takes only rows that no other dispatcher holds, so any number may run."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Final, TypeVar

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
from vasari.jobs.database import CONNECT, make_engine
from vasari.jobs.states import StageKind
from vasari.jobs.transitions import HINT, JOIN, LITTER, OUTBOX_CHANNEL
from vasari.store import Store
from vasari.telemetry import Readiness, configure_logging, configure_tracing, serve_page
from vasari.values import Fault
from vasari.worker import run_one, watch_servers
from vasari_dispatcher.census import take_census
from vasari_dispatcher.join import join_segments

log = structlog.get_logger()

T = TypeVar("T")

BEAT_SECONDS: Final = 1.0
"""A loop that nothing wakes does its step so often."""
RETENTION_SECONDS: Final = 60.0
CONNECTIONS: Final = 10
"""One for each loop, the join's heartbeat and the look whether the database is there."""
CENSUS_SECONDS: Final = 5.0
"""How old the numbers of jobs and stages may be that Prometheus is given."""
BACK_SECONDS: Final = 5.0
"""After the database was away, workers have so long to renew their leases before stages are taken from them."""


class Dispatcher:
    """Loops, each in a thread of its own, until one fails in a way that nobody foresaw or `stop` is called."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine: Engine = make_engine(settings, CONNECTIONS)
        self.store = Store(settings)
        self.broker: Celery = make_app(settings)
        self.name = f"dispatcher@{socket.gethostname()}:{os.getpid()}"
        self.stopping = threading.Event()
        self.failed = False
        self._due = {word: threading.Event() for word in (HINT, JOIN, LITTER)}
        self._sweep_after = 0.0

    def run(self) -> None:
        """Returns when every loop has ended."""
        readiness = Readiness(self.settings.ready_file)
        serve_page(self.settings.metrics_address, readiness)
        loops = (
            ("listen", self._listen, self.stopping, BEAT_SECONDS),
            ("relay", self._relay, self._due[HINT], BEAT_SECONDS),
            ("join", self._join, self._due[JOIN], BEAT_SECONDS),
            ("upkeep", self._upkeep, self.stopping, BEAT_SECONDS),
            ("litter", self._collect_litter, self._due[LITTER], BEAT_SECONDS),
            ("retention", self._forget_old, self.stopping, RETENTION_SECONDS),
            ("census", partial(take_census, self.engine), self.stopping, CENSUS_SECONDS),
        )
        threads = [threading.Thread(target=self._loop, args=loop[1:], name=loop[0]) for loop in loops]
        for thread in threads:
            thread.start()
        watch_servers(readiness, self.settings, self.engine, self.store, self._own_problem)
        for thread in threads:
            thread.join()

    def _own_problem(self) -> str | None:
        return "is stopping" if self.stopping.is_set() else None

    def stop(self) -> None:
        self.stopping.set()
        self._wake()

    def _wake(self) -> None:
        for due in self._due.values():
            due.set()

    def _loop(self, step: Callable[[], None], due: threading.Event, seconds: float) -> None:
        """Do a step whenever it is due, and every so many seconds; a server that does not answer is tried again."""
        while not self.stopping.is_set():
            try:
                step()
            except (DBAPIError, psycopg.OperationalError, BrokerError, Fault) as error:
                log.warning("a server does not answer", error=str(error))
                self.stopping.wait(BEAT_SECONDS)
            except Exception:
                # The others end too, and the process with them: half a dispatcher would look like a whole one.
                log.exception("a loop failed")
                self.failed = True
                self.stop()
            if due.wait(seconds) and due is not self.stopping:
                due.clear()

    def _listen(self) -> None:
        """Wake the loops as soon as a transaction that concerns them commits."""
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True, **CONNECT) as connection:
            connection.execute(f"LISTEN {OUTBOX_CHANNEL}")
            self._wake()  # while nobody listened, something may have been said
            while not self.stopping.is_set():
                for notice in connection.notifies(timeout=BEAT_SECONDS, stop_after=1):
                    if notice.payload in self._due:
                        self._due[notice.payload].set()
                    else:  # of another release, which has words of its own
                        self._wake()

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
        sweep = partial(upkeep.sweep, max_attempts=settings.max_attempts, retry_seconds=settings.retry_seconds)
        try:
            if time.monotonic() > self._sweep_after:
                self._until_done(sweep)
            self._until_done(upkeep.end_overdue)
            self._transaction(partial(upkeep.remind, hint_seconds=settings.hint_seconds))
        except DBAPIError:
            self._sweep_after = time.monotonic() + BACK_SECONDS
            raise

    def _collect_litter(self) -> None:
        while not self.stopping.is_set() and (litter := self._transaction(upkeep.take_litter)):
            self.store.remove(litter.prefix, litter.keep)
            self._transaction(partial(upkeep.drop_litter, litter=litter))

    def _forget_old(self) -> None:
        seconds = self.settings.retention_seconds
        self._until_done(partial(upkeep.forget_old_job, retention_seconds=seconds))
        self._until_done(partial(upkeep.forget_old_asset, retention_seconds=seconds))
        self._until_done(partial(upkeep.restart_stranded, seconds=self.settings.engine_seconds))

    def _until_done(self, step: Callable[[Session], bool]) -> None:
        while not self.stopping.is_set() and self._transaction(step):
            pass

    def _transaction(self, step: Callable[[Session], T]) -> T:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return step(session)


def serve(settings: Settings) -> None:
    """Run a dispatcher until SIGTERM or SIGINT. Exits with 1 when a loop failed."""
    configure_logging("dispatcher")
    configure_tracing("dispatcher")
    dispatcher = Dispatcher(settings)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        dispatcher.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    dispatcher.run()
    sys.exit(1 if dispatcher.failed else 0)
