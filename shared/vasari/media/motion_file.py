"""Motion in files: the CSV of Live Link Face, our own safetensors, or a plain table of head poses."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vasari.media.files import replacing
from vasari.values import InputError, Motion, Reason
from vasari.values.archive import SchemaMismatch
from vasari.values.livelink import from_csv, to_csv
from vasari.values.pose_csv import from_pose_csv, is_pose_csv

_CSV, _OWN = ".csv", ".safetensors"
SUFFIXES: Final = (_CSV, _OWN)


def check_motion_name(path: Path) -> None:
    """Raises InputError for a name that tells neither of the two formats."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(Reason.INVALID_REQUEST, f"a motion file ends in {' or '.join(SUFFIXES)}, not {path.name}")


def write_motion(path: Path, motion: Motion) -> None:
    """Write in the format that the name ends in."""
    check_motion_name(path)
    content = to_csv(motion).encode() if path.suffix.lower() == _CSV else motion.to_bytes()
    with replacing(path) as target:
        target.write_bytes(content)


def read_motion(path: Path) -> Motion:
    """Read a file in the format that its name ends in.

    Raises:
        InputError: INVALID_REQUEST, when it cannot be read.
    """
    check_motion_name(path)
    content = path.read_bytes()
    if path.suffix.lower() == _CSV:
        text = content.decode("utf-8-sig", errors="replace")
        return from_pose_csv(text) if is_pose_csv(text) else from_csv(text)
    try:
        return Motion.from_bytes(content)
    except (SchemaMismatch, ValueError) as error:
        raise InputError(Reason.INVALID_REQUEST, f"{path.name} is no motion of this version") from error
