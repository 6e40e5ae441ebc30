"""Where models run."""

from __future__ import annotations

import torch

from vasari.values import InputError, Reason


def choose_device(wish: str) -> str:
    """ "auto", "cpu" or "cuda" -> "cpu" or "cuda"; auto is CUDA where there is one.

    Raises:
        InputError: CUDA is wished for and not there, or the wish is none of the three.
    """
    if wish not in ("auto", "cpu", "cuda"):
        raise InputError(Reason.INVALID_REQUEST, f"device must be auto, cpu or cuda, is {wish!r}")
    available = torch.cuda.is_available()
    if wish == "cuda" and not available:
        raise InputError(Reason.INVALID_REQUEST, "device cuda: PyTorch finds no GPU here; use auto or cpu")
    return "cuda" if available and wish != "cpu" else "cpu"
