"""The folder that a local stack keeps its data in: one stack at a time, secrets of its own."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vasari.values import InputError, Reason

_LEFTOVERS_SECONDS: Final = 12.0
"""How long the processes of a stack that was killed may take to end: their grace, and a little more."""


@dataclass(frozen=True)
class Secrets:
    """Random passwords, made once for a folder."""

    database_password: str
    broker_password: str
    s3_access_key: str
    s3_secret_key: str


class DataFolder:
    """Where everything lies. Only its owner may look inside."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.run = self.path / "run"
        self.database = self.path / "postgres"
        self.broker = self.path / "valkey"
        self.objects = self.path / "seaweedfs"

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Own the folder, as an flock(2) whose descriptor every server inherits.

        So it is free only when the last process of the stack before has ended, and what that left behind is stale.

        Yields:
            The descriptor.

        Raises:
            InputError: INVALID_REQUEST, another stack has it.
        """
        for folder in (self.path, self.logs, self.run, self.broker, self.objects):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield descriptor
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        deadline = time.monotonic() + _LEFTOVERS_SECONDS
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = os.pread(descriptor, 20, 0).decode()
                # The owner's number stands in the file; if it is gone, its last processes are about to follow.
                if Path("/proc", owner or "none").exists() or time.monotonic() > deadline:
                    raise InputError(
                        Reason.INVALID_REQUEST,
                        f"another stack, process {owner or 'unknown'}, uses {self.path}: stop it, or choose another "
                        "data folder",
                    ) from None
                time.sleep(0.1)

    def secrets(self) -> Secrets:
        """Those of the last time, or new ones."""
        file = self.path / "secrets.json"
        if not file.exists():
            fresh = Secrets(*(secrets.token_hex(20) for _ in range(4)))
            write_private(file, json.dumps(fresh.__dict__))
        return Secrets(**json.loads(file.read_text()))


def write_private(file: Path, text: str) -> None:
    """Write a file that is never, not even for a moment, readable by others or half written."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    draft.replace(file)
