"""A GPU that is not there: tensors that say they are on it and hold their numbers on the CPU.

What a GPU refuses is refused: operations that mix devices, and what is NumPy's on tensors of the device. Within
`never_waits` so is all that would wait for the device. Speed, memory and the device's own kernels are not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

CUDA: Final = torch.device("cuda", 0)
_MAY_MIX: Final = ("aten::_to_copy", "aten::copy_", "aten::index", "aten::index_put", "aten::index_put_")
"""Operations that take tensors of both: copies, and places that are looked up by indices of the host."""
_waits_refused = False


class Waits(RuntimeError):
    """The host would wait for the device."""


def _waited(what: str) -> None:
    if _waits_refused:
        raise Waits(f"{what} waits for the device")


class OnGpu(Tensor):
    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> OnGpu:
        made: OnGpu = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, held.size(), held.stride(), held.storage_offset(), dtype=held.dtype, device="meta",
            requires_grad=held.requires_grad,
        )  # fmt: skip
        made.held = held
        return made

    device = property(lambda _: CUDA)  # type: ignore[assignment]
    is_cuda = property(lambda _: True)  # type: ignore[assignment]
    is_meta = property(lambda _: False)  # type: ignore[assignment]

    def cpu(self, *_: Any, **__: Any) -> Tensor:
        _waited("cpu()")
        return self.held.detach().clone()

    def numpy(self, *_: Any, **__: Any) -> Any:
        raise TypeError("can't convert a tensor of a GPU to NumPy: copy it to the host first")

    def item(self) -> Any:
        _waited("item()")
        return self.held.item()

    def __bool__(self) -> bool:
        _waited("bool()")
        return bool(self.held)

    def __float__(self) -> float:
        _waited("float()")
        return float(self.held)

    def __int__(self) -> int:
        _waited("int()")
        return int(self.held)

    def __repr__(self, *_: Any, **__: Any) -> str:
        return f"OnGpu({tuple(self.shape)}, {self.dtype})"

    @classmethod
    def __torch_dispatch__(cls, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


def _is_gpu(device: Any) -> bool:
    return device is not None and torch.device(device).type in ("cuda", "meta")


def _run(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    leaves = tree_leaves((args, kwargs))
    tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
    there = [tensor for tensor in tensors if isinstance(tensor, OnGpu)]
    name = function._schema.name
    wished = kwargs.get("device")
    if wished is None:
        wished = next((leaf for leaf in leaves if isinstance(leaf, torch.device)), None)
    if there and name not in _MAY_MIX:
        here = [tensor for tensor in tensors if not isinstance(tensor, OnGpu) and tensor.dim()]
        if here:
            shapes = [[tuple(tensor.shape) for tensor in some] for some in (there, here)]
            raise RuntimeError(f"{name} mixes devices: {shapes[0]} there, {shapes[1]} here")
    if there and not isinstance(args[0], OnGpu) and name in _MAY_MIX[2:]:
        raise RuntimeError(f"{name}: a tensor of the host looked up by one of the device")
    if name == "aten::_local_scalar_dense" and there:
        _waited(name)
    if name == "aten::nonzero" and there:
        _waited(name)
    if name == "aten::_to_copy" and there and wished is not None and not _is_gpu(wished):
        _waited("a copy to the host")

    def bare(leaf: Any) -> Any:
        if isinstance(leaf, torch.device):
            return torch.device("cpu")
        return leaf.held if isinstance(leaf, OnGpu) else leaf

    options = tree_map(bare, kwargs)
    if "pin_memory" in options:
        options["pin_memory"] = False
    result = function(*tree_map(bare, args), **options)
    by_content = {id(tensor.held): tensor for tensor in there}
    on_gpu = _is_gpu(wished) if wished is not None else bool(there)

    def placed(leaf: Any) -> Any:
        if not isinstance(leaf, Tensor) or isinstance(leaf, OnGpu):
            return leaf
        if id(leaf) in by_content:  # done in place
            return by_content[id(leaf)]
        return OnGpu(leaf) if on_gpu else leaf

    return tree_map(placed, result)


class _Dispatched(TorchDispatchMode):  # type: ignore[misc]
    def __torch_dispatch__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


class _Made(TorchFunctionMode):
    """What makes tensors on a device without an operation of theirs."""

    def __torch_function__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if function in (torch.tensor, torch.as_tensor) and _is_gpu(kwargs.get("device")):
            given = args[0]
            if isinstance(given, OnGpu):
                return given.to(kwargs.get("dtype") or given.dtype)
            del kwargs["device"]
            return OnGpu(function(*args, **kwargs).clone())
        if function is Tensor.new_tensor and isinstance(args[0], OnGpu):
            return OnGpu(torch.tensor(args[1], dtype=kwargs.get("dtype") or args[0].dtype))
        if function is Tensor.to and not isinstance(args[0], OnGpu):
            told = [*args[1:], *kwargs.values()]
            if any(_is_gpu(wish) for wish in told if isinstance(wish, str | torch.device)):
                kinds = [wish for wish in told if isinstance(wish, torch.dtype)]
                return OnGpu(args[0].to(kinds[0]) if kinds else args[0].clone())
        if function is Tensor.tolist and isinstance(args[0], OnGpu):
            _waited("tolist()")
            return args[0].held.tolist()
        if function in (Tensor.__getitem__, Tensor.__setitem__) and isinstance(args[1], list):
            # Where torch believes the wrapper's device, it would make an index without content.
            args = (args[0], torch.tensor(args[1]), *args[2:])
        return function(*args, **kwargs)


@contextmanager
def pretended_gpu() -> Iterator[None]:
    """Within it "cuda" is there, for this thread and for what it submits to others."""
    submit = ThreadPoolExecutor.submit

    def within(pool: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        def run() -> Any:
            with _Made(), _Dispatched():  # modes are a thread's own
                return work(*args, **kwargs)

        return submit(pool, run)

    with (
        patch.object(torch.cuda, "_lazy_init", lambda: None),
        patch.object(ThreadPoolExecutor, "submit", within),
        patch.object(torch._C, "_InferenceMode", lambda _: torch.no_grad()),  # its views know no wrapped tensors
        _Made(),
        _Dispatched(),
    ):
        yield


@contextmanager
def never_waits() -> Iterator[None]:
    global _waits_refused
    _waits_refused = True
    try:
        yield
    finally:
        _waits_refused = False
