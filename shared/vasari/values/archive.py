"""One way to write a value down: safetensors with the value's kind and schema version in the header.

The format is named by Hugging Face's safetensors specification: no code runs when a file is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save


class SchemaMismatch(ValueError):
    """The bytes hold another kind of value, or another version of it, than the reader expects."""


def dump(kind: str, version: int, arrays: Mapping[str, np.ndarray], fields: Mapping[str, Any]) -> bytes:
    """Serialise named arrays and JSON-able fields under a kind and a schema version."""
    header = {"kind": kind, "version": str(version), "fields": json.dumps(dict(fields), sort_keys=True)}
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata=header)


def load(kind: str, version: int, data: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read what `dump` wrote.

    Raises:
        SchemaMismatch: the bytes are of another kind or version, so that an old cache is never misread, or damaged.
    """
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])["__metadata__"]
        found = (header["kind"], header["version"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise SchemaMismatch(f"expected {kind} version {version}, found no such header") from error
    if found != (kind, str(version)):
        raise SchemaMismatch(f"expected {kind} version {version}, found {found[0]} version {found[1]}")
    try:
        arrays, fields = load_arrays(data), json.loads(header["fields"])
    except (SafetensorError, ValueError, LookupError, TypeError) as error:
        raise SchemaMismatch(f"the {kind} is damaged: {error}") from error
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise SchemaMismatch(f"the {kind} is damaged: not all values of {name} are numbers")
    return arrays, fields


@contextmanager
def understood(kind: str) -> Iterator[None]:
    """Around what makes a value of what `load` read. Raises SchemaMismatch: parts are missing, or of another shape."""
    try:
        yield
    except (ValueError, LookupError, TypeError) as error:
        raise SchemaMismatch(f"the {kind} is damaged: {error}") from error
