"""The renderer's inner loops in C++, for CPUs: what dozens of torch's operations do, in one pass over a cache's worth.

Torch's form of each is the reference and what GPUs run; where the library was not built, CPUs run it too. The library
holds no state and lets go of Python's lock, so threads of one process draw at once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import torch
from torch import Tensor

_LIBRARY: Final = f"{__name__}.kernels"


@cache
def library() -> ctypes.CDLL | None:
    """The kernels, or None where no compiler was there when Vasari was installed."""
    spec = find_spec(_LIBRARY)
    if spec is None or spec.origin is None:
        return None
    kernels = ctypes.CDLL(spec.origin)
    kernels.searched.restype = ctypes.c_float
    return kernels


_spared = False
"""Whether torch's form is to be used all the same."""


@contextmanager
def reference() -> Iterator[None]:
    """Within it torch draws everything, in all threads: to compare the two forms. A renderer belongs to the form that
    it was made in."""
    global _spared
    before, _spared = _spared, True
    try:
        yield
    finally:
        _spared = before


def fast(tensor: Tensor) -> bool:
    """Whether kernels can take a tensor's place."""
    return tensor.device.type == "cpu" and not _spared and library() is not None


def call(name: str, *arguments: Any) -> Any:
    """Call a kernel. Tensors are float32 or uint8 without gaps, and are passed by where they begin; floats are C's."""
    function = getattr(library(), name)
    return function(*[_passed(argument) for argument in arguments])


def _passed(argument: Any) -> Any:
    if isinstance(argument, Tensor):
        assert argument.is_contiguous()
        assert argument.dtype in (torch.float32, torch.uint8)
        return ctypes.c_void_p(argument.data_ptr())
    if isinstance(argument, ctypes.Structure | ctypes.Array):
        return ctypes.byref(argument)
    if isinstance(argument, float):
        return ctypes.c_float(argument)
    return argument


def pointers(*fields: Tensor | int) -> ctypes.Structure:
    """A C structure of tensors' beginnings and ints, in order; it keeps no tensor alive."""
    return structured(list(fields))[0]


def structured(*rows: list[Tensor | int]) -> ctypes.Array[ctypes.Structure]:
    """Several such structures, one after the other."""

    class Layout(ctypes.Structure):
        _fields_ = tuple(
            (f"_{k}", ctypes.c_void_p if isinstance(field, Tensor) else ctypes.c_int) for k, field in enumerate(rows[0])
        )

    filled = [Layout(*[f.data_ptr() if isinstance(f, Tensor) else f for f in row]) for row in rows]
    array: ctypes.Array[Any] = (Layout * len(rows))(*filled)
    return array
