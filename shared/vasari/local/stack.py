"""The local stack: the same servers and services as a cluster's, as processes of one machine."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from pydantic import SecretStr

from vasari.local.folder import write_private
from vasari.local.process import Event, Listener, Process, State, stop, wait_until_ready
from vasari.local.servers import HOST, Addresses, Servers, free_ports
from vasari.values import InputError, Reason

STAGES: Final = ("face-encode", "motion", "render")
"""The stages that have workers."""
_CORES: Final = len(os.sched_getaffinity(0))
_USUAL: Final = {"face-encode": 1, "motion": 1, "render": min(_CORES, 4)}
"""Rendering takes the time, and processes share it out better than threads; each takes half a gigabyte."""

_MIGRATE_SECONDS: Final = 60.0
_START_SECONDS: Final = 120.0
"""A worker loads its model before it is ready."""
_GRACE_SECONDS: Final = 9.0
"""A little more than services allow themselves (`Settings.grace_seconds`)."""
_WATCH_SECONDS: Final = 0.2
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0
_STEADY_SECONDS: Final = 30.0
"""A process that ran for so long before it died is started again after the first, short pause."""


class Stack:
    """Servers, gateway, dispatcher and workers, running while the block runs.

        with Stack(Path("data"), {"render": 2}) as stack:
            Client(stack.address)

    A process that dies is started again, after a pause that doubles from half a second to ten. To be entered in a
    thread that lives as long as the block.

    Args:
        data_dir: keeps everything between runs; made if it is not there.
        workers: processes for each stage of STAGES, none for 0; where nothing is said one, and of render one for each
            core, up to four.
        gateway_port: on loopback; None for a free one.
        listener: told what happens to each process, also from a thread of the stack's own.
        show_key: if given, callers must show API keys, else not. It is called with the first one, which is made where
            the folder has none that is valid, for the tenant who owns what is made without keys.

    Raises:
        InputError: INVALID_REQUEST, an unknown stage, or another stack uses the folder.
        Fault: UNAVAILABLE, something did not start; with the last lines of its log.
    """

    def __init__(
        self,
        data_dir: Path,
        workers: Mapping[str, int],
        gateway_port: int | None = None,
        listener: Listener = lambda _: None,
        show_key: Callable[[str], None] | None = None,
    ) -> None:
        if unknown := sorted(set(workers) - set(STAGES)):
            raise InputError(
                Reason.INVALID_REQUEST, f"there is no stage {', '.join(unknown)}: workers are for {', '.join(STAGES)}"
            )
        self.address = f"{HOST}:{gateway_port or free_ports(1)[0]}"
        """host:port of the gateway."""
        self.environment: Mapping[str, str] = {}
        """What its services are started with: addresses and secrets, and this process's own variables."""
        self.pages: dict[str, str] = {}
        """host:port of each service's pages /metrics, /ready and /live."""
        self._workers = {stage: workers.get(stage, _USUAL[stage]) for stage in STAGES}
        self._servers = Servers(data_dir, listener)
        self._services: list[Process] = []
        self._listener = listener
        self._show_key = show_key
        self._stopping, self._stopped = threading.Event(), threading.Event()
        self._starting = threading.Lock()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self._stopped.set)
            addresses = stack.enter_context(self._servers)
            self._write_environment(addresses)
            self.environment = {
                **os.environ,
                **addresses.environment(),
                "VASARI_GATEWAY_ADDRESS": self.address,
                "VASARI_REQUIRE_KEYS": str(self._show_key is not None),
            }
            stack.callback(self._stop_services)
            self._start_services(self.environment)
            self._write_targets()
            threading.Thread(target=self._watch, name="stack").start()
            self._closing = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _write_environment(self, addresses: Addresses) -> None:
        """For a shell to read, so that commands which work on the database find it."""
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in addresses.environment().items()]
        write_private(self._servers.folder.run / "environment", "".join(lines))

    def _write_targets(self) -> None:
        """For Prometheus to find the services: its `file_sd_configs` reads this form."""
        targets = [{"targets": [page], "labels": {"process": name}} for name, page in self.pages.items()]
        write_private(self.targets, json.dumps(targets, indent=2))

    @property
    def targets(self) -> Path:
        """The file that tells Prometheus where the services' pages are."""
        return self._servers.folder.run / "prometheus.json"

    @property
    def processes(self) -> dict[str, Process]:
        """Servers and services by name: a worker is called by its stage, and a number when there are several."""
        return {process.name: process for process in (*self._servers.processes, *self._services)}

    def _start_services(self, environment: Mapping[str, str]) -> None:
        # The servers listen by now, so that none of their ports is drawn; the gateway does not yet.
        drawn = free_ports(sum(self._workers.values()) + 3)
        ports = (port for port in drawn if not self.address.endswith(f":{port}"))
        # Workers first: they take long to load and touch no table before they are asked to work, which the
        # dispatcher does. So the schema is brought up to date meanwhile.
        shared = {"VASARI_RENDER_THREADS": "1" if self._workers["render"] >= _CORES else "2"}
        for stage, count in self._workers.items():
            for number in range(1, count + 1):
                name = stage if count == 1 else f"{stage}-{number}"
                self._begin(name, f"vasari_{stage.replace('-', '_')}", {**shared, **environment}, next(ports))
        self._migrate(environment)
        if self._show_key and (key := _first_key(environment["VASARI_DATABASE_URL"])):
            self._show_key(key)  # now: it is known to nobody else, whatever becomes of this start
        gateway = self._begin("gateway", "vasari_gateway", environment, next(ports))
        self._begin("dispatcher", "vasari_dispatcher", environment, next(ports))

        probes: dict[Process, Callable[[], bool]] = {
            each: self._ready_file(each.name).exists for each in self._services
        }
        probes[gateway] = lambda: self._ready_file("gateway").exists() and _is_serving(self.address)
        wait_until_ready(probes, _START_SECONDS, self._listener)

    def _migrate(self, environment: Mapping[str, str]) -> None:
        migrate = self._process("migrate", "vasari.jobs.migrate", environment)
        migrate.start()
        try:
            migrate.finish(_MIGRATE_SECONDS)
        finally:
            migrate.kill()

    def _begin(self, name: str, module: str, environment: Mapping[str, str], page_port: int) -> Process:
        ready_file = self._ready_file(name)
        ready_file.unlink(missing_ok=True)
        page = self.pages[name] = f"{HOST}:{page_port}"
        own = {"VASARI_READY_FILE": str(ready_file), "VASARI_METRICS_ADDRESS": page}
        service = self._process(name, module, {**environment, **own})
        self._services.append(service)
        service.start()
        self._listener(Event(name, State.STARTED, 0.0))
        return service

    def _ready_file(self, name: str) -> Path:
        return self._servers.folder.run / f"{name}.ready"

    def _process(self, name: str, module: str, environment: Mapping[str, str]) -> Process:
        log = self._servers.folder.logs / f"{name}.log"
        return Process(name, [sys.executable, "-m", module], log, environment=environment)

    def _watch(self) -> None:
        """Start again what has died. Runs in a thread."""
        pauses: dict[Process, float] = {}
        due: dict[Process, float] = {}
        while not self._stopping.wait(_WATCH_SECONDS):
            with self._starting:
                for process in self.processes.values():
                    if process.running or self._stopping.is_set():
                        continue
                    if process not in due:
                        steady = process.seconds > _STEADY_SECONDS
                        pauses[process] = (
                            _FIRST_PAUSE if steady else min(2 * pauses.get(process, _FIRST_PAUSE / 2), _LONGEST_PAUSE)
                        )
                        due[process] = time.monotonic() + pauses[process]
                        words = f"{process.exit_reason()}\n{process.last_words()}"
                        self._listener(Event(process.name, State.DIED, process.seconds, words))
                    elif time.monotonic() > due[process]:
                        del due[process]
                        process.start()
                        self._listener(Event(process.name, State.STARTED, 0.0))
        self._stopped.wait()  # what this thread has started is tied to its life

    def _stop_services(self) -> None:
        self._stopping.set()
        with self._starting:  # from here on nothing is started again
            stop(self._services, _GRACE_SECONDS, self._listener)


def _first_key(database_url: str) -> str | None:
    """A new key, where there is none that is valid."""
    from sqlalchemy.orm import Session

    from vasari.config import Settings
    from vasari.jobs.database import make_engine
    from vasari.jobs.tenants import DEFAULT_TENANT, create_key, read_directory

    engine = make_engine(Settings(database_url=SecretStr(database_url)))
    try:
        with Session(engine) as session, session.begin():
            return None if read_directory(session).keys else create_key(session, DEFAULT_TENANT, "the first one")
    finally:
        engine.dispose()


def _is_serving(address: str) -> bool:
    """gRPC's standard health check."""
    with grpc.insecure_channel(address) as channel:
        try:
            reply = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=1.0)
        except grpc.RpcError:
            return False
    return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)
