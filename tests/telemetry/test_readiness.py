"""A process says that it is ready while it can work, and only then: real servers go away and come back. Takes 40 s."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.telemetry.pages import read, value, wait_until

from vasari.config import Settings
from vasari.jobs.database import make_engine
from vasari.jobs.migrate import migrate
from vasari.local.process import Process
from vasari.local.servers import Servers, free_ports
from vasari.telemetry import Readiness, pulse, readiness, serve_page

BACK_SECONDS: Final = 40.0
"""Celery waits longer from try to try, up to 32 seconds in all after a short outage."""


@dataclass
class World:
    servers: Servers
    environment: dict[str, str]
    folder: Path

    def server(self, name: str) -> Process:
        return next(process for process in self.servers.processes if process.name == name)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    servers = Servers(tmp_path_factory.mktemp("servers"))
    with servers as addresses:
        environment = {**os.environ, **addresses.environment()}
        migrate(make_engine(Settings(**vars(addresses))))
        yield World(servers, environment, tmp_path_factory.mktemp("ready"))


@dataclass
class Service:
    process: subprocess.Popen[bytes]
    page: str
    file: Path
    address: str

    @property
    def ready(self) -> bool:
        """What its page says; file and metric must say the same."""
        status, _ = read(self.page, "/ready")
        assert status in (200, 503)
        return status == 200

    def agrees(self, ready: bool) -> bool:
        return self.ready is ready and self.file.exists() is ready and value(self.page, "vasari_ready") == ready


def start(world: World, name: str, **more: str) -> Service:
    port, page_port = free_ports(2)
    file, page, address = world.folder / f"{name}.ready", f"127.0.0.1:{page_port}", f"127.0.0.1:{port}"
    own = {"VASARI_READY_FILE": str(file), "VASARI_METRICS_ADDRESS": page, "VASARI_GATEWAY_ADDRESS": address}
    file.touch()  # left behind by an earlier process
    with (world.folder / f"{name}.log").open("wb") as log:
        command = [sys.executable, "-m", f"vasari_{name}"]
        process = subprocess.Popen(command, env={**world.environment, **own, **more}, stdout=log, stderr=log)
    return Service(process, page, file, address)


@pytest.fixture(scope="module")
def services(world: World) -> Iterator[dict[str, Service]]:
    running = {name: start(world, name) for name in ("gateway", "dispatcher", "render")}
    try:
        for service in running.values():
            wait_until(lambda service=service: read(service.page, "/ready")[0] == 200, 60)  # type: ignore[misc]
        yield running
    finally:
        for service in running.values():
            service.process.terminate()
        for service in running.values():
            service.process.wait(20)


def serving(address: str) -> bool:
    with grpc.insecure_channel(address) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def test_all_are_ready_while_all_answers(services: dict[str, Service]) -> None:
    for service in services.values():
        assert service.agrees(True)
        assert read(service.page, "/live")[0] == 200


def test_without_the_broker_those_that_need_it_are_not_ready_until_it_is_back(
    world: World, services: dict[str, Service]
) -> None:
    world.server("valkey").kill()
    for name in ("dispatcher", "render"):
        wait_until(lambda name=name: services[name].agrees(False))  # type: ignore[misc]
        assert "broker" in read(services[name].page, "/ready")[1]
        assert read(services[name].page, "/live")[0] == 200, "starting it anew would not help"
    assert services["gateway"].ready, "callers need no broker"

    world.server("valkey").start()
    for name in ("dispatcher", "render"):
        wait_until(lambda name=name: services[name].agrees(True), BACK_SECONDS)  # type: ignore[misc]


def test_without_the_database_nobody_is_ready_until_it_is_back(world: World, services: dict[str, Service]) -> None:
    world.server("postgres").kill()
    for service in services.values():
        wait_until(lambda service=service: service.agrees(False))  # type: ignore[misc]
        assert "database" in read(service.page, "/ready")[1]
    assert not serving(services["gateway"].address)

    world.server("postgres").start()
    for service in services.values():
        wait_until(lambda service=service: service.agrees(True), BACK_SECONDS)  # type: ignore[misc]
    assert serving(services["gateway"].address)


def test_a_worker_whose_model_cannot_be_loaded_is_never_ready(world: World) -> None:
    worker = start(world, "render", VASARI_DEVICE="no such device")
    seen = []
    while worker.process.poll() is None:
        seen.append(read(worker.page, "/ready")[0])
        time.sleep(0.1)
    assert worker.process.returncode == 1
    assert 200 not in seen
    assert not worker.file.exists()


def test_a_page_that_cannot_be_served_is_said_at_once(world: World, services: dict[str, Service]) -> None:
    taken = services["gateway"].page
    again = start(world, "dispatcher", VASARI_METRICS_ADDRESS=taken)
    assert again.process.wait(30) == 1
    assert f"VASARI_METRICS_ADDRESS={taken} cannot be listened on" in (world.folder / "dispatcher.log").read_text()


def test_work_that_hangs_is_not_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    page = f"127.0.0.1:{free_ports(1)[0]}"
    serve_page(page, Readiness(None))
    assert read(page, "/live")[0] == 200
    monkeypatch.setattr(readiness, "HUNG_SECONDS", 0.2)
    pulse.beat()
    assert read(page, "/live")[0] == 200
    threading.Event().wait(0.3)
    status, why = read(page, "/live")
    assert status == 503
    assert "no sign of life" in why
    pulse.rest()
    assert read(page, "/live")[0] == 200
