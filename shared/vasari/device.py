"""Where models run, and with how many threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

import cv2
import torch

from vasari.values import InputError, Reason

CORES: Final = len(os.sched_getaffinity(0))
"""That this process may use."""


def use_device(wish: str) -> str:
    """ "auto", "cpu" or "cuda" -> "cpu" or "cuda"; auto is CUDA where there is one. Call it once a process.

    Keeps each operation of torch and of OpenCV to one thread. Ours are small, and are finished by the time that
    threads have found together; worse, on a machine with other work to do they wait for each other at every single
    operation, spinning: a face that is found in 0.1 s then takes up to 14. Cores are put to use by whole frames
    (`core_threads`).

    Raises:
        InputError: CUDA is wished for and not there, or the wish is none of the three.
    """
    if wish not in ("auto", "cpu", "cuda"):
        raise InputError(Reason.INVALID_REQUEST, f"device must be auto, cpu or cuda, is {wish!r}")
    available = torch.cuda.is_available()
    if wish == "cuda" and not available:
        raise InputError(Reason.INVALID_REQUEST, "device cuda: PyTorch finds no GPU here; use auto or cpu")
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    return "cuda" if available and wish != "cpu" else "cpu"


@cache
def core_threads() -> ThreadPoolExecutor:
    """A thread for each core, whose operations keep to it: torch counts threads for each thread that calls it.

    The same ones for everybody in a process: memory that a thread has freed stays with it (glibc's arenas).
    """
    return ThreadPoolExecutor(CORES, "core", initializer=torch.set_num_threads, initargs=(1,))
