"""What is no value of the kind that is read is refused, whatever its bytes are. Takes 1 s."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vasari.values.archive import SchemaMismatch, dump, load

GOOD = dump("Thing", 2, {"a": np.arange(6, dtype=np.float32)}, {"n": 1})


def test_what_was_written_is_read() -> None:
    arrays, fields = load("Thing", 2, GOOD)
    assert (arrays["a"].tolist(), fields) == ([0, 1, 2, 3, 4, 5], {"n": 1})


@pytest.mark.parametrize(("kind", "version"), [("Thing", 1), ("Other", 2)])
def test_another_kind_or_version_is_refused(kind: str, version: int) -> None:
    with pytest.raises(SchemaMismatch, match=f"expected {kind} version {version}, found Thing version 2"):
        load(kind, version, GOOD)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(SchemaMismatch):
        load("Thing", 2, data)


@given(st.integers(0, len(GOOD) - 1))
def test_a_file_cut_short_is_refused(length: int) -> None:
    with pytest.raises(SchemaMismatch):
        load("Thing", 2, GOOD[:length])


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_a_number(place: int, change: int) -> None:
    spoilt = bytearray(GOOD)
    spoilt[place] ^= change
    try:
        arrays, _ = load("Thing", 2, bytes(spoilt))
    except SchemaMismatch:
        return
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(SchemaMismatch, match="not all values of a are numbers"):
        load("Thing", 2, dump("Thing", 2, {"a": np.array([0, np.nan], np.float32)}, {}))
