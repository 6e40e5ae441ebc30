"""The local servers: real, on loopback only, side by side, and gone without a trace when their parent is."""

import io
import os
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from minio import Minio
from minio.error import S3Error
from tests.local.conftest import Children

from vasari.local.process import Event, State
from vasari.local.servers import Addresses, Servers
from vasari.values import Fault, InputError

NAMES = {"postgres", "valkey", "seaweedfs"}

PARENT = """
import sys, time
from pathlib import Path
from vasari.local.servers import Servers
with Servers(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(600)
"""


def store_of(addresses: Addresses) -> Minio:
    return Minio(
        addresses.s3_endpoint,
        addresses.s3_access_key,
        addresses.s3_secret_key,
        secure=False,
        region=addresses.s3_region,
    )


def family(process: psutil.Process) -> list[psutil.Process]:
    return process.children(recursive=True)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for many runs: what one leaves behind, the next must cope with."""
    return tmp_path_factory.mktemp("stack")


@pytest.fixture
def parent(data_dir: Path) -> subprocess.Popen[str]:
    """A process of its own that runs the servers."""
    child = subprocess.Popen([sys.executable, "-c", PARENT, str(data_dir)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def test_servers_serve_and_keep_their_data(data_dir: Path, children: Children) -> None:
    events: list[Event] = []
    with Servers(data_dir, events.append) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('still here')")
        store_of(addresses).put_object(addresses.s3_bucket, "kept", io.BytesIO(b"still here"), 10)
        broker = redis.Redis.from_url(addresses.broker_url)
        assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    for state in (State.STARTED, State.READY, State.STOPPED):
        assert {event.name for event in events if event.state is state} == NAMES

    with Servers(data_dir) as again:
        with psycopg.connect(again.database_url) as connection:
            assert connection.execute("SELECT word FROM kept").fetchall() == [("still here",)]
        assert store_of(again).get_object(again.s3_bucket, "kept").read() == b"still here"
        assert again.s3_secret_key == addresses.s3_secret_key
    assert not [process for process in children() if process.name() in ("postgres", "valkey-server", "weed")]


def test_only_loopback_is_listened_on_and_nobody_enters_without_a_key(data_dir: Path, children: Children) -> None:
    with Servers(data_dir) as addresses:
        listening = {
            connection.laddr.ip
            for process in children()
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(addresses.database_url.replace("vasari:", "vasari:not"))
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(addresses.broker_url.replace("redis://:", "redis://:not")).ping()
        for access_key, secret_key in ((None, None), (addresses.s3_access_key, "not")):
            stranger = Minio(addresses.s3_endpoint, access_key, secret_key, secure=False, region=addresses.s3_region)
            with pytest.raises(S3Error, match=r"AccessDenied|SignatureDoesNotMatch"):
                stranger.list_buckets()

        commands = " ".join(" ".join(process.cmdline()) for process in children())
        for file in ("secrets.json", "seaweedfs.json", "valkey/valkey.conf"):
            assert stat.S_IMODE((data_dir / file).stat().st_mode) == 0o600
        for secret in (addresses.s3_secret_key, addresses.broker_url.split(":")[2].split("@")[0]):
            assert secret not in commands, "others can read command lines"


def test_two_run_side_by_side_and_one_folder_has_one(data_dir: Path, tmp_path: Path) -> None:
    with Servers(data_dir) as a, Servers(tmp_path) as b:
        assert a.s3_secret_key != b.s3_secret_key
        for addresses in (a, b):
            with psycopg.connect(addresses.database_url) as connection:
                connection.execute("CREATE TABLE mine (n int)")
        began = time.perf_counter()
        with pytest.raises(InputError, match=f"another stack, process {os.getpid()}, uses .*choose another"):
            Servers(data_dir).__enter__()
        assert time.perf_counter() - began < 1


def test_no_process_outlives_its_parent_and_the_next_start_is_not_hindered(
    data_dir: Path, parent: subprocess.Popen[str]
) -> None:
    servers = family(psutil.Process(parent.pid))
    assert {"postgres", "valkey-server", "weed"} <= {process.name() for process in servers}
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(servers, timeout=8)
    assert not alive
    with Servers(data_dir) as addresses, psycopg.connect(addresses.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_everything_killed_at_once_leaves_nothing_that_hinders(data_dir: Path, parent: subprocess.Popen[str]) -> None:
    """As after a power cut; the number in PostgreSQL's lock file belongs to another process by now."""
    servers = family(psutil.Process(parent.pid))
    for process in (psutil.Process(parent.pid), *servers):
        with suppress(psutil.NoSuchProcess):  # its leash was faster
            process.kill()
    parent.wait()
    psutil.wait_procs(servers, timeout=8)
    lock = data_dir / "postgres" / "postmaster.pid"
    lock.write_text(lock.read_text().replace(lock.read_text().splitlines()[0], str(os.getpid()), 1))
    with Servers(data_dir) as addresses, psycopg.connect(addresses.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_fails_says_why(data_dir: Path, children: Children) -> None:
    settings = data_dir / "postgres" / "postgresql.conf"
    before = settings.read_text()
    settings.write_text("no_such_setting = 1\n")
    with pytest.raises(Fault, match=r"(?s)postgres ended with exit code 1; .*no_such_setting"):
        Servers(data_dir).__enter__()
    settings.write_text(before)
    assert not [process for process in children() if process.name() in ("postgres", "valkey-server", "weed")]


def test_interrupted_first_start_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.draft").mkdir()
    (tmp_path / "postgres.draft" / "PG_VERSION").write_text("18")
    with Servers(tmp_path) as addresses:
        psycopg.connect(addresses.database_url).close()
