"""What can go wrong, done for real to the processes of a local stack."""

from __future__ import annotations

import hashlib
import os
import random
import re
import signal
import subprocess
import sysconfig
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
import psycopg
from kombu.exceptions import OperationalError
from tests.faults.stream import new_face
from tests.faults.twice import Twice

from vasari.broker import make_app, send_hint
from vasari.broker.app import QUEUES
from vasari.client import Client
from vasari.config import Settings
from vasari.local.stack import Stack
from vasari.store import Store
from vasari.values import Appearance, Controls, VasariError, archive

LEASE_SECONDS: Final = 3.0
AT_WORK_SECONDS: Final = 60.0
"""How long a fault waits for its worker to have work, and to lose it: longer than others take to come back."""
TRIES: Final = 5
TWICE_SECONDS: Final = 20.0
WORKERS: Final = ("face-encode", "motion", "render-1", "render-2")
FILLER: Final = "filler"


class Faults:
    """A box of faults for one stack. Each method does one and returns when what it did is undone, if it can be."""

    def __init__(self, stack: Stack, settings: Settings, twice: Twice, speech: Path, outage: float) -> None:
        self._stack, self._settings, self._twice = stack, settings, twice
        self._speech, self._outage = speech, outage
        self._database_url = settings.database_url.get_secret_value()
        self._store, self._celery = Store(settings), make_app(settings)
        self.poisoned: list[str] = []
        """Jobs whose model raises, whoever takes them."""
        self.asked: list[str] = []
        """Jobs that were asked for so that a worker has something to do."""
        self._database: psycopg.Connection | None = None
        self._photos = 0

    def all(self) -> dict[str, Callable[[random.Random], None]]:
        """By the words that stand for them in the table."""
        kills = {
            f"{name}: SIGKILL": lambda _, name=name: self._signal(name, signal.SIGKILL)
            for name in ("gateway", "dispatcher")
        } | {
            f"{name}: SIGKILL in mid-stage": lambda _, name=name: self._end_at_work(name, signal.SIGKILL)
            for name in WORKERS
        }
        return {
            **kills,
            "worker: SIGSTOP past its lease, then on": self._let_lease_go,
            "worker: SIGTERM in mid-stage": lambda chance: self._end_at_work(chance.choice(WORKERS), signal.SIGTERM),
            "broker: killed, all its memory lost": lambda _: self._signal("valkey", signal.SIGKILL),
            "Postgres: restarted": lambda _: self._signal("postgres", signal.SIGINT),
            "Postgres: SIGKILL": lambda _: self._signal("postgres", signal.SIGKILL),
            "object store: SIGKILL": lambda _: self._signal("seaweedfs", signal.SIGKILL),
            "object store: stopped for a while": lambda _: self._stop_for("seaweedfs", self._outage),
            "object store: quota used up": self._fill_store,
            "broker: every message twice for a while": lambda _: self._twice.for_a_while(
                max(TWICE_SECONDS, self._outage)
            ),
            "messages for jobs that ended": self._send_needless_messages,
            "a job that makes the model raise": self._poison,
        }

    def _signal(self, name: str, number: signal.Signals) -> None:
        """To a process and those that it started; nothing if it is just gone, by an earlier fault."""
        pid = self._stack.processes[name].pid
        assert pid is not None
        with suppress(ProcessLookupError):
            os.killpg(pid, number)

    def _end_at_work(self, name: str, number: signal.Signals) -> None:
        self._frozen_at_work(name)
        self._signal(name, number)
        self._signal(name, signal.SIGCONT)

    def _let_lease_go(self, chance: random.Random) -> None:
        """Stop a worker until the dispatcher has taken its stage away, then let it go on."""
        for _ in range(TRIES):
            name = chance.choice(WORKERS)
            token = self._frozen_at_work(name)
            outcome = self._outcome(token) if token else None
            self._signal(name, signal.SIGCONT)
            if outcome == "LOST":  # and not CANCELLED, by a caller who chose this moment
                return

    def _frozen_at_work(self, name: str) -> int | None:
        """Stop a worker that holds a lease, whose token is returned; None if it had nothing to do for long."""
        if name == "face-encode":
            self._ask_for_a_new_face()
        deadline = time.monotonic() + AT_WORK_SECONDS
        while time.monotonic() < deadline:
            if self._lease_of(name) is not None:
                self._signal(name, signal.SIGSTOP)
                token = self._lease_of(name)
                if token is not None:  # it was not just finishing
                    return token
                self._signal(name, signal.SIGCONT)
            time.sleep(0.01)
        return None

    def _ask_for_a_new_face(self) -> None:
        """Most jobs' faces are known."""
        self._photos += 1
        with suppress(VasariError), Client(self._stack.address) as client:
            self.asked.append(client.submit(new_face(self._photos), self._speech, Controls(size=128)).name)

    def _lease_of(self, name: str) -> int | None:
        query = "SELECT token FROM stages WHERE state = 'RUNNING' AND worker LIKE '%%:' || %s::text"
        return self._ask(query, self._stack.processes[name].pid)

    def _outcome(self, token: int) -> str | None:
        """How the attempt ended, once it has."""
        deadline = time.monotonic() + AT_WORK_SECONDS
        while time.monotonic() < deadline:
            if outcome := self._ask("SELECT outcome FROM attempts WHERE token = %s", token):
                return str(outcome)
            time.sleep(0.1)
        return None

    def _ask(self, query: str, argument: object) -> Any:
        """One value; None if there is none, or nobody answers."""
        with suppress(psycopg.OperationalError):
            if self._database is None or self._database.broken:
                self._database = psycopg.connect(self._database_url, connect_timeout=3, autocommit=True)
            row = self._database.execute(query, [argument]).fetchone()  # type: ignore[arg-type]
            return row[0] if row else None
        self._database = None
        return None

    def _stop_for(self, name: str, seconds: float) -> None:
        self._signal(name, signal.SIGSTOP)
        time.sleep(seconds)
        self._signal(name, signal.SIGCONT)

    def _fill_store(self, _: random.Random) -> None:
        """The bucket may hold a megabyte, holds more, and so is closed to writers; then the quota goes again."""
        closing = ("s3.bucket.quota -name={} -op=set -sizeMB=1", "s3.bucket.quota.enforce -apply")
        opening = ("s3.bucket.quota -name={} -op=remove", "s3.bucket.quota.enforce -apply")
        with suppress(VasariError):
            self._store.put(FILLER, bytes(3 << 20))
        for _n in range(5):  # the store counts what it holds every few seconds
            if "to read only" in self._weed_shell(*closing):
                time.sleep(min(self._outage, 8.0))
                break
            time.sleep(2.0)
        while "updated quota" not in self._weed_shell(*opening):
            time.sleep(1.0)
        with suppress(VasariError):
            self._store.remove(FILLER)

    def _weed_shell(self, *commands: str) -> str:
        """What SeaweedFS's own shell says to these commands; nothing while it does not run."""
        pid = self._stack.processes["seaweedfs"].pid
        assert pid is not None
        try:
            arguments = " ".join(psutil.Process(pid).cmdline())
        except psutil.NoSuchProcess:
            return ""
        ports = dict(re.findall(r"-((?:master|filer)\.port(?:\.grpc)?)=(\d+)", arguments))
        doors = {
            part: f"127.0.0.1:{ports[f'{part}.port']}.{ports[f'{part}.port.grpc']}" for part in ("master", "filer")
        }
        program = Path(sysconfig.get_path("scripts")) / "weed"
        lines = "".join(f"{command.format(self._settings.s3_bucket)}\n" for command in (*commands, "exit"))
        try:
            return subprocess.run(
                [program, "shell", f"-master={doors['master']}", f"-filer={doors['filer']}"],
                input=lines,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=20,
            ).stdout
        except subprocess.TimeoutExpired:
            return ""

    def _send_needless_messages(self, _: random.Random) -> None:
        """A hint names no stage: those that nothing has called for are what is left of jobs that ended."""
        try:
            for _n in range(10):
                for queue in QUEUES:
                    send_hint(self._celery, queue)
        except (OperationalError, OSError):
            return  # the broker is just being restarted

    def _poison(self, _: random.Random) -> None:
        """A face whose file is well formed and whose mouth has no size: the renderer divides by it, every time.

        Nobody foresaw that, as far as the platform knows, so every attempt is made, each by a fresh process.
        """
        for _n in range(TRIES):
            # Otherwise another fault was in the way.
            with suppress(VasariError, ValueError), Client(self._stack.address) as client:
                self.poisoned.append(self._poisoned_job(client))
                return

    def _poisoned_job(self, client: Client) -> str:
        self._photos += 1
        photo = new_face(self._photos)
        deque(client.watch(client.submit(photo, self._speech, Controls(size=128))), maxlen=0)
        digest = hashlib.sha256(photo).hexdigest()
        (face,) = (name for name in self._store.names("") if "/appearances/" in name and digest in name)
        kind, version = "appearance", Appearance.VERSION
        arrays, fields = archive.load(kind, version, self._store.get(face))
        arrays["mouth_place"] = np.zeros(3, np.float32)
        self._store.put(face, archive.dump(kind, version, arrays, fields))
        # Of another size, so that no worker has it prepared.
        return client.submit(photo, self._speech, Controls(size=160)).name
