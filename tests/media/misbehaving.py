"""What decoders might do, called in processes of their own by `test_confined`."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def crash() -> Array:
    ctypes.string_at(0)
    raise AssertionError


def abort() -> Array:
    os.abort()


def be_killed() -> Array:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def leave() -> Array:
    os._exit(3)


def spin() -> Array:
    while True:
        pass


def hang() -> Array:
    time.sleep(600)
    raise AssertionError


def swell() -> Array:
    return np.ones(2**28)


def stumble() -> Array:
    raise ZeroDivisionError("by zero")


def write_too_much(path: str) -> Array:
    Path(path).write_bytes(bytes(100))
    os.truncate(path, 3 * 2**30)
    raise AssertionError


def describe() -> Array:
    """Its own id, its parent's, the largest core that it may dump, and how many of our settings it can see."""
    ours = sum(name.startswith("VASARI_") for name in os.environ)
    return np.array([os.getpid(), os.getppid(), resource.getrlimit(resource.RLIMIT_CORE)[0], ours])
