"""Decoding what strangers sent, each file in a process of its own, with limits.

Decoders are large and written in C. One that breaks down, loops or swells takes its own process with it and not the
worker, whose model took long to load; and the file is refused, for it would be the same next time.

The processes are forked from one that has imported this module and nothing else, in some hundredths of a second: no
model, no connections, no threads, and no secrets in its environment. It ends with the process that started it.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vasari.media.audio_track import encode_speech
from vasari.media.motion_file import read_motion
from vasari.media.portrait import read_portrait
from vasari.media.speech import Speech, read_speech
from vasari.values import Fault, InputError, Motion, Reason, VasariError

CHECK_SECONDS: Final = 0.1
"""How often `check` is called while a decoder works."""
_WRITTEN_BYTES: Final = 2**31
"""Largest file that a decoder may write: an hour of speech is 230 MB, 25 million pixels are 75."""
_FILES: Final = 64
_TOO_SLOW: Final = (signal.SIGXCPU, signal.SIGALRM)
_SENT: Final = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals that somebody sent; any other is how the kernel ends a process that did wrong."""

Array = NDArray[Any]
Check = Callable[[], None]


def _nothing() -> None:
    pass


class Decoders:
    """The functions of `vasari.media` that read a stranger's file, confined. For one thread at a time.

    Each raises what the function itself raises; InputError where the decoder broke down, or needed more than its
    limits; Fault where somebody killed it; and what `check` raises, which ends the decoding at once.

    Args:
        seconds: most that one file may take, by the clock and of the processor.
        memory_bytes: most address space that decoding it may add.
    """

    def __init__(self, seconds: float = 600.0, memory_bytes: int = 2 * 2**30) -> None:
        self._limits = {"seconds": max(1, round(seconds)), "memory": memory_bytes}
        self._parent: subprocess.Popen[bytes] | None = None
        self._start()  # so that the first file need not wait for it

    def read_portrait(self, data: bytes, max_pixels: int, check: Check = _nothing) -> NDArray[np.uint8]:
        """See `vasari.media.portrait.read_portrait`."""
        with tempfile.TemporaryDirectory(prefix="vasari-portrait-") as folder:
            path = Path(folder, "portrait")
            path.write_bytes(data)
            return self.run(Reason.PORTRAIT_UNREADABLE, check, _read_portrait, str(path), max_pixels)

    def read_speech(self, path: Path, max_seconds: float, check: Check = _nothing) -> Speech:
        """See `vasari.media.speech.read_speech`."""
        return Speech(self.run(Reason.SPEECH_UNREADABLE, check, _read_speech, str(path), max_seconds))

    def encode_speech(self, source: Path, target: Path, seconds: float, check: Check = _nothing) -> None:
        """See `vasari.media.audio_track.encode_speech`."""
        self.run(Reason.SPEECH_UNREADABLE, check, _encode_speech, str(source), str(target), seconds)

    def read_motion(self, path: Path, fps: float, max_seconds: float, check: Check = _nothing) -> Motion:
        """See `vasari.media.motion_file.read_motion`."""
        data = self.run(Reason.MOTION_UNREADABLE, check, _read_motion, str(path), fps, max_seconds)
        return Motion.from_bytes(data.tobytes())

    def run(self, reason: Reason, check: Check, function: Callable[..., Array], *arguments: str | float) -> Array:
        """Call a function of a module in a process of its own.

        Args:
            reason: of the error with which a file is refused that the function did not survive.
            arguments: go there as JSON.
        """
        with tempfile.TemporaryDirectory(prefix="vasari-decoder-") as folder:
            named = {"function": f"{function.__module__}:{function.__name__}", "arguments": arguments}
            self._start()
            code = self._wait({**named, **self._limits, "folder": folder}, check)
            if code != 0:
                raise self._broken(code, reason)
            answer = json.loads(Path(folder, "answer.json").read_text())
            if answer:
                kind = InputError if answer["input"] else Fault
                raise kind(Reason(answer["reason"] or reason), answer["message"])
            decoded: Array = np.load(Path(folder, "result.npy"), allow_pickle=False)
            return decoded

    def _start(self) -> None:
        if self._parent is not None and self._parent.poll() is None:
            return
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        plain = {name: value for name, value in os.environ.items() if not name.startswith("VASARI_")}
        self._parent = subprocess.Popen([sys.executable, "-m", __name__], stdin=theirs.fileno(), env=plain)
        theirs.close()

    def _wait(self, request: dict[str, Any], check: Check) -> int:
        """Have a process made and wait for its end. Returns its exit code, or less than 0 for a signal."""
        try:
            self._socket.send(json.dumps(request).encode())
            child = int(self._socket.recv(32) or -1)
            try:
                while not select.select([self._socket], [], [], CHECK_SECONDS)[0]:
                    check()
            except BaseException:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                self._socket.recv(32)
                raise
            return int(self._socket.recv(32) or -signal.SIGKILL)
        except ConnectionError:
            return -signal.SIGKILL

    def _broken(self, code: int, reason: Reason) -> VasariError:
        what = reason.partition("_")[0].lower()
        ended = signal.Signals(-code) if code < 0 else None
        if ended in _TOO_SLOW:
            message = f"the {what} takes longer than {self._limits['seconds']} s to decode: export it anew"
            return InputError(reason, message)
        name = ended.name if ended else f"exit code {code}"
        if ended is None or ended in _SENT:
            return Fault(Reason.INTERNAL, f"the decoder of the {what} was ended by {name}")
        return InputError(reason, f"the {what} cannot be read: its decoder broke down ({name}); export it anew")


def _read_portrait(path: str, max_pixels: int) -> Array:
    return read_portrait(Path(path), max_pixels)


def _read_speech(path: str, max_seconds: float) -> Array:
    return read_speech(Path(path), max_seconds).samples


def _encode_speech(source: str, target: str, seconds: float) -> Array:
    encode_speech(Path(source), Path(target), seconds)
    return np.zeros(0)


def _read_motion(path: str, fps: float, max_seconds: float) -> Array:
    return np.frombuffer(read_motion(Path(path), fps, max_seconds).to_bytes(), np.uint8)


def _serve(requests: socket.socket) -> None:
    """Fork a process for each request, tell its id and then how it ended, until nobody asks any more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # meant for the worker, which ends this by going away
    while request := requests.recv(65_536):
        child = os.fork()
        if child == 0:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            requests.close()
            _decode(**json.loads(request))
            os._exit(0)
        requests.send(str(child).encode())
        _, status = os.waitpid(child, 0)
        requests.send(str(os.waitstatus_to_exitcode(status)).encode())


def _decode(function: str, arguments: list[Any], seconds: int, memory: int, folder: str) -> None:
    """What the process does: the result goes into one file of the folder, how it went into another."""
    _limit(seconds, memory)
    module, _, name = function.partition(":")
    answer: dict[str, Any] = {}
    try:
        called = globals()[name] if module == "vasari.media.confined" else getattr(import_module(module), name)
        np.save(Path(folder, "result.npy"), called(*arguments), allow_pickle=False)
    except VasariError as error:
        answer = {"input": isinstance(error, InputError), "reason": error.reason, "message": error.message}
    except MemoryError:
        message = f"decoding it needs more than {memory / 2**20:.0f} MiB: make the file smaller"
        answer = {"input": True, "reason": None, "message": message}
    except Exception as error:
        # Nobody foresaw it: ours to mend. The worker is told, and stays.
        answer = {"input": False, "reason": Reason.INTERNAL, "message": f"{type(error).__name__}: {error}"}
    Path(folder, "answer.json").write_text(json.dumps(answer))


def _limit(seconds: int, memory: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    space = pages * resource.getpagesize() + memory
    for what, soft, hard in (
        (resource.RLIMIT_AS, space, space),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, _WRITTEN_BYTES, _WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, _FILES, _FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
    signal.alarm(seconds)


if __name__ == "__main__":
    _serve(socket.socket(fileno=0))
