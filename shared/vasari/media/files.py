"""Writing files so that a half-written one never bears the final name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path beside the target to write to: renamed to it when the block ends well, removed when it raises."""
    path = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        yield path
        path.replace(target)
    finally:
        path.unlink(missing_ok=True)
