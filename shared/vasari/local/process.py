"""One process of the local stack: started on a leash, so that it never outlives the stack, and stopped in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vasari.values import Fault, Reason


class State(StrEnum):
    """What can be told about a process."""

    STARTED = "started"
    READY = "ready"
    DIED = "died"
    """It ended by itself; it is started again after a pause."""
    STOPPED = "stopped"


@dataclass(frozen=True)
class Event:
    """Something happened to a process of the stack."""

    name: str
    state: State
    seconds: float
    """Since the process was started; 0 for STARTED."""
    detail: str = ""
    """For DIED: how it ended and what it said last."""


Listener = Callable[[Event], None]


class Process:
    """A child process with its log.

    It leads a process group of its own, so that Ctrl-C in the terminal reaches the stack alone, which then stops its
    processes in order. Linux sends it its stop signal when the thread that started it dies, however that comes about
    (prctl(2), PR_SET_PDEATHSIG).

    Args:
        name: for people, and for the log's file name.
        command: program and arguments.
        log: file for what it says; begun anew by the first start, continued by those after it.
        environment: all its environment variables; None for those of this process.
        folder: its working directory.
        stop_signal: what makes it end in order.
        keep_open: file descriptors that it inherits.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        keep_open: Iterable[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._command, self._environment, self._folder = command, environment, folder
        self._stop_signal, self._keep_open = stop_signal, tuple(keep_open)
        self._child: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def seconds(self) -> float:
        """Since it was started last."""
        return time.monotonic() - self._started_at

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start it, for the first time or again."""
        self._started_at = time.monotonic()
        with self.log.open("ab" if self._child else "wb") as log:
            # A program of util-linux ties the leash: Python between fork and exec is unsafe in a process with threads.
            leash = ["setpriv", "--pdeathsig", self._stop_signal.name.removeprefix("SIG")]
            self._child = subprocess.Popen(
                [*leash, "--", *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._folder,
                start_new_session=True,
                pass_fds=self._keep_open,
            )

    def finish(self, timeout: float) -> None:
        """Wait until it has ended well.

        Raises:
            Fault: UNAVAILABLE, it did not end in time, or not well.
        """
        assert self._child is not None
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise self.failure(f"took longer than {timeout:g} s") from None
        if self._child.returncode != 0:
            raise self.failure(self.exit_reason())

    def ask_to_stop(self) -> None:
        if self.running and self._child:
            self._child.send_signal(self._stop_signal)

    def kill(self) -> None:
        """End it, and whatever it started, at once."""
        if self._child:
            with suppress(ProcessLookupError):  # it is gone, and left nothing behind
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    def exit_reason(self) -> str:
        """How it ended, in words."""
        code = self._child.returncode if self._child else None
        if code is None:
            return "is running"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def last_words(self, lines: int = 12) -> str:
        """The end of its log."""
        with self.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])

    def failure(self, what: str) -> Fault:
        """An error that says what happened to the process, and what it said last."""
        return Fault(Reason.UNAVAILABLE, f"{self.name} {what}; the end of {self.log}:\n{self.last_words()}")


def wait_until_ready(probes: Mapping[Process, Callable[[], bool]], timeout: float, listener: Listener) -> None:
    """Ask processes until each has been ready once.

    Raises:
        Fault: UNAVAILABLE, with the last lines of its log, when one ends or is not ready in time.
    """
    waiting = dict(probes)
    while waiting:
        for process, ready in list(waiting.items()):
            if ready():
                del waiting[process]
                listener(Event(process.name, State.READY, process.seconds))
            elif not process.running:
                raise process.failure(process.exit_reason())
            elif process.seconds > timeout:
                raise process.failure(f"is not ready after {timeout:g} s")
        time.sleep(0.02)


def stop(processes: Sequence[Process], grace: float, listener: Listener) -> None:
    """Ask all to stop at once, kill those that are not done after `grace` seconds."""
    for process in processes:
        process.ask_to_stop()
    deadline = time.monotonic() + grace
    for process in processes:
        while process.running and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        listener(Event(process.name, State.STOPPED, process.seconds))
