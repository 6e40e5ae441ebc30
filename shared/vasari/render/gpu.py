"""What keeps a GPU busy: a batch is one launch, and is copied to the host beside the next one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_WARM_UPS: Final = 2
"""Runs before it is recorded, in which constants are copied and libraries get their workspaces."""


class Recorded:
    """A function of one tensor to one tensor, both always of the same shapes, recorded once as a CUDA graph: some three
    thousand small operations are then one launch.

    Args:
        function: runs on the device alone: what waits for the host, or copies from it, cannot be recorded.
        example: an argument, on the host.
    """

    def __init__(self, function: Callable[[Tensor], Tensor], example: Tensor, device: torch.device) -> None:
        self._given = example.to(device)
        with torch.inference_mode():
            aside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            aside.wait_stream(torch.cuda.current_stream(device))
            with torch.cuda.stream(aside):
                for _ in range(_WARM_UPS):
                    function(self._given)
            torch.cuda.current_stream(device).wait_stream(aside)
            self._graph = torch.cuda.CUDAGraph()
            # Other threads of the process may ask the device things meanwhile: metrics do.
            with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
                self._made = function(self._given)

    @torch.inference_mode()
    def __call__(self, argument: Tensor) -> Tensor:
        self._given.copy_(argument.pin_memory(), non_blocking=True)
        self._graph.replay()
        return self._made.clone()


class HostCopy:
    """A copy of a (B, H, W, 3) uint8 batch to the host, which goes on while the device draws."""

    def __init__(self, batch: Tensor) -> None:
        aside = _copying(batch.device)
        aside.wait_stream(torch.cuda.current_stream(batch.device))
        with torch.cuda.stream(aside):
            self._pinned = torch.empty(batch.shape, dtype=batch.dtype, pin_memory=True)
            self._pinned.copy_(batch, non_blocking=True)
            batch.record_stream(aside)
            self._there = aside.record_event()

    def finished(self) -> NDArray[np.uint8]:
        """Waits for it."""
        self._there.synchronize()
        return self._pinned.numpy()


@cache
def _copying(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
