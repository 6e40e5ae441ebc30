"""Decoding what strangers sent, each file in a process of its own, with limits.

Decoders are large and written in C. One that breaks down, loops or swells takes its own process with it and not the
worker, whose model took long to load; and the file is refused, for it would be the same next time.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vasari.media.audio_track import encode_speech
from vasari.media.portrait import read_portrait
from vasari.media.speech import Speech, read_speech
from vasari.values import Fault, InputError, Reason, VasariError

POLL_SECONDS: Final = 0.1
"""How often `check` is called while a decoder works."""
_WRITTEN_BYTES: Final = 2**31
"""Largest file that a decoder may write: an hour of speech is 230 MB, 25 million pixels are 75."""
_FILES: Final = 64
_OUR_DOING: Final = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
"""Signals that somebody sent; any other is how the kernel ends a process that did wrong."""

Check = Callable[[], None]
Array = NDArray[Any]

# Processes are forked from one that has imported this module and nothing else: no model, no connections, no threads.
_context: Final = multiprocessing.get_context("forkserver")


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Decoders:
    """The functions of `vasari.media` that read a stranger's file, confined.

    Each raises what the function itself raises; InputError where the decoder broke down, or needed more than its
    limits; Fault where somebody killed it.
    """

    seconds: float = 600.0
    """Most that one file may take, by the clock and of the processor."""
    memory_bytes: int = 2 * 2**30
    """Most address space that it may add to what the process has at its start."""

    def preload(self) -> None:
        """Start the process that the others are forked from, so that the first file need not wait for it."""
        _context.set_forkserver_preload([__name__])
        forkserver.ensure_running()

    def read_portrait(self, data: bytes, max_pixels: int, check: Check = _nothing) -> NDArray[np.uint8]:
        """See `vasari.media.portrait.read_portrait`."""
        with tempfile.TemporaryDirectory(prefix="vasari-portrait-") as folder:
            path = Path(folder, "portrait")
            path.write_bytes(data)
            refusal = (Reason.PORTRAIT_UNREADABLE, "portrait")
            return self._run(check, refusal, Path(folder), _read_portrait, path, max_pixels)

    def read_speech(self, path: Path, max_seconds: float, check: Check = _nothing) -> Speech:
        """See `vasari.media.speech.read_speech`."""
        with tempfile.TemporaryDirectory(prefix="vasari-speech-") as folder:
            refusal = (Reason.SPEECH_UNREADABLE, "speech")
            return Speech(self._run(check, refusal, Path(folder), _read_speech, path, max_seconds))

    def encode_speech(self, source: Path, target: Path, seconds: float, check: Check = _nothing) -> None:
        """See `vasari.media.audio_track.encode_speech`."""
        with tempfile.TemporaryDirectory(prefix="vasari-speech-") as folder:
            refusal = (Reason.SPEECH_UNREADABLE, "speech")
            self._run(check, refusal, Path(folder), _encode_speech, source, target, seconds)

    def _run(
        self, check: Check, refusal: tuple[Reason, str], folder: Path, function: Callable[..., Array], *arguments: Any
    ) -> Array:
        """Call a function in a process of its own; its array comes back through a file in the folder."""
        self.preload()
        reason, what = refusal
        ours, theirs = _context.Pipe(duplex=False)
        result = folder / "result.npy"
        process = _context.Process(target=_confined, args=(theirs, self, result, function, arguments))
        process.start()
        theirs.close()
        try:
            deadline = time.monotonic() + self.seconds
            while not ours.poll(POLL_SECONDS):
                check()
                if time.monotonic() > deadline:
                    raise InputError(
                        reason, f"the {what} takes longer than {self.seconds:g} s to decode: export it anew"
                    )
            answer = json.loads(ours.recv_bytes())
        except EOFError:
            process.join()
            raise self._broken(process.exitcode or 0, reason, what) from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            process.join()
            process.close()
            ours.close()
        if answer:
            raise _error(**answer)
        decoded: Array = np.load(result, allow_pickle=False)
        return decoded

    def _broken(self, code: int, reason: Reason, what: str) -> VasariError:
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        if code == -signal.SIGXCPU:
            return self._too_slow(reason, what)
        if code >= 0 or -code in _OUR_DOING:
            return Fault(Reason.INTERNAL, f"the decoder of the {what} was ended by {name}")
        return InputError(reason, f"the {what} cannot be read: its decoder broke down ({name}); export it anew")

    def _too_slow(self, reason: Reason, what: str) -> InputError:
        return InputError(reason, f"the {what} takes longer than {self.seconds:g} s to decode: export it anew")


def _confined(
    answers: Connection, limits: Decoders, result: Path, function: Callable[..., Array], arguments: tuple[Any, ...]
) -> None:
    """What the process does."""
    _limit(limits)
    answer = {}
    try:
        np.save(result, function(*arguments), allow_pickle=False)
    except VasariError as error:
        answer = {"input": isinstance(error, InputError), "reason": error.reason, "message": error.message}
    except MemoryError:
        message = (
            f"{function.__name__.strip('_')} needs more than {limits.memory_bytes / 2**20:.0f} MiB: make it smaller"
        )
        reason = Reason.PORTRAIT_TOO_LARGE if function is _read_portrait else Reason.SPEECH_UNREADABLE
        answer = {"input": True, "reason": reason, "message": message}
    except Exception as error:
        # Nobody foresaw it: ours to mend. The worker is told, and stays.
        answer = {"input": False, "reason": Reason.INTERNAL, "message": f"{type(error).__name__}: {error}"}
    answers.send_bytes(json.dumps(answer).encode())


def _limit(limits: Decoders) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory, seconds = pages * resource.getpagesize() + limits.memory_bytes, max(1, int(limits.seconds))
    for what, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, _WRITTEN_BYTES, _WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, _FILES, _FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))


def _error(*, input: bool, reason: str, message: str) -> VasariError:
    return (InputError if input else Fault)(Reason(reason), message)


def _read_portrait(path: Path, max_pixels: int) -> Array:
    return read_portrait(path, max_pixels)


def _read_speech(path: Path, max_seconds: float) -> Array:
    return read_speech(path, max_seconds).samples


def _encode_speech(source: Path, target: Path, seconds: float) -> Array:
    encode_speech(source, target, seconds)
    return np.zeros(0)
