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
from typing import Final

import psutil
from kombu.exceptions import OperationalError
from tests.faults.stream import poison

from vasari.broker import make_app, send_hint
from vasari.client import Client
from vasari.config import Settings
from vasari.local.stack import Stack
from vasari.store import Store
from vasari.values import Controls, VasariError

LEASE_SECONDS: Final = 3.0
FILLER: Final = "filler"
QUEUES: Final = ("face-encode", "motion", "render")


class Faults:
    """A box of faults for one stack. Each method does one and returns when what it did is undone, if it can be."""

    def __init__(self, stack: Stack, settings: Settings, speech: Path, outage: float) -> None:
        self._stack, self._settings, self._speech, self._outage = stack, settings, speech, outage
        self._store, self._celery = Store(settings), make_app(settings)
        self.poisoned: list[str] = []
        """Jobs whose model raises, whoever takes them."""
        self._photos = 0

    def all(self) -> dict[str, Callable[[random.Random], None]]:
        """By the words that stand for them in the table."""
        kills = {
            f"{name}: SIGKILL": lambda chance, name=name: self._kill(name, chance)
            for name in ("face-encode", "motion", "render-1", "render-2", "gateway", "dispatcher")
        }
        return {
            **kills,
            "worker: SIGSTOP past its lease, then on": self._freeze,
            "worker: SIGTERM in mid-stage": self._terminate,
            "broker: killed, all its memory lost": lambda _: self._signal("valkey", signal.SIGKILL),
            "Postgres: restarted": lambda _: self._signal("postgres", signal.SIGINT),
            "Postgres: SIGKILL": lambda _: self._signal("postgres", signal.SIGKILL),
            "object store: SIGKILL": lambda _: self._signal("seaweedfs", signal.SIGKILL),
            "object store: stopped for a while": self._stop_store,
            "object store: quota used up": self._fill_store,
            "every message twice, and for jobs that ended": self._repeat_messages,
            "a job that makes the model raise": self._poison,
        }

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self._stack.processes[name].pid
        assert pid is not None
        os.kill(pid, number)

    def _kill(self, name: str, chance: random.Random) -> None:
        """The process, or as the kernel does when memory runs out, only the child that holds the model."""
        pid = self._stack.processes[name].pid
        assert pid is not None
        try:
            children = psutil.Process(pid).children()
        except psutil.NoSuchProcess:
            return
        victim = chance.choice([pid, *(child.pid for child in children)])
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return  # it was faster

    def _worker(self, chance: random.Random) -> int | None:
        return self._stack.processes[chance.choice(("face-encode", "motion", "render-1", "render-2"))].pid

    def _freeze(self, chance: random.Random) -> None:
        pid = self._worker(chance)
        assert pid is not None
        try:
            os.killpg(pid, signal.SIGSTOP)
            time.sleep(2 * LEASE_SECONDS)
            os.killpg(pid, signal.SIGCONT)
        except ProcessLookupError:
            return

    def _terminate(self, chance: random.Random) -> None:
        pid = self._worker(chance)
        assert pid is not None
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return

    def _stop_store(self, _: random.Random) -> None:
        pid = self._stack.processes["seaweedfs"].pid
        assert pid is not None
        try:
            os.killpg(pid, signal.SIGSTOP)
            time.sleep(self._outage)
            os.killpg(pid, signal.SIGCONT)
        except ProcessLookupError:
            return

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

    def _repeat_messages(self, _: random.Random) -> None:
        """A hint names no stage: more of them are what was sent coming again, and come for jobs that ended."""
        try:
            for _n in range(10):
                for queue in QUEUES:
                    send_hint(self._celery, queue)
        except (OperationalError, OSError):
            return  # the broker is just being restarted

    def _poison(self, _: random.Random) -> None:
        """A face that was encoded well, and whose bytes in the store are spoilt: loading it raises, every time."""
        self._photos += 1
        photo = poison(self._photos)
        try:
            with Client(self._stack.address) as client:
                deque(client.watch(client.submit(photo, self._speech, Controls(size=128))), maxlen=0)
                digest = hashlib.sha256(photo).hexdigest()
                (face,) = (name for name in self._store.names("") if "/appearances/" in name and digest in name)
                self._store.put(face, b"not an appearance")
                self.poisoned.append(client.submit(photo, self._speech, Controls(size=128, seed=1)).name)
        except (VasariError, ValueError):
            return  # another fault was in the way
