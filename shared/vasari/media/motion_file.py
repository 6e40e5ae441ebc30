"""Motion in files: the CSV of Live Link Face, our own safetensors, or a plain table of head poses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np

from vasari.media.files import replacing
from vasari.values import InputError, Motion, Reason
from vasari.values.archive import SchemaMismatch
from vasari.values.livelink import from_csv, is_livelink_csv, to_csv
from vasari.values.pose_csv import from_pose_csv, is_pose_csv

_CSV, _OWN = ".csv", ".safetensors"
SUFFIXES: Final = (_CSV, _OWN)
HEAD_BYTES: Final = 16 * 2**10
"""The beginning of a file that tells its format; a CSV's first line is 1 KB long."""
_FASTEST: Final = 1000.0
"""Frames per second."""
_FARTHEST: Final = 100.0
"""Interocular distances: 6 m."""


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


def check_motion_head(head: bytes) -> None:
    """Whether what begins so can be a motion file, by its first HEAD_BYTES.

    Raises:
        InputError: MOTION_UNREADABLE.
    """
    text = _text(head)
    if not (_is_own(head) or is_pose_csv(text) or is_livelink_csv(text)):
        raise InputError(
            Reason.MOTION_UNREADABLE,
            "this is no motion file: use a Live Link Face CSV, a CSV of second,yaw,pitch,roll, or what "
            "`vasari track` writes",
        )


def read_motion(path: Path, fps: float | None = None, max_seconds: float = math.inf) -> Motion:
    """Read a file of any of the formats, whatever its name.

    Args:
        fps: the rate to bring it to; its own if not given.

    Raises:
        InputError: MOTION_UNREADABLE or MOTION_TOO_LONG.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        check_motion_head(head)
        motion = _parse(head + file.read())
    if motion.fps > 0 and motion.seconds > max_seconds:
        raise InputError(
            Reason.MOTION_TOO_LONG,
            f"the motion is too long: {motion.seconds:.0f} s, the limit is {max_seconds:g} s; cut the file",
        )
    _check_ranges(motion)
    return motion if fps is None else motion.resampled(fps)


def _is_own(content: bytes) -> bool:
    return content[8:9] == b"{"  # safetensors: the length of a header in JSON, then the header


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace")


def _parse(content: bytes) -> Motion:
    if not _is_own(content):
        text = _text(content)
        return from_pose_csv(text) if is_pose_csv(text) else from_csv(text)
    try:
        return Motion.from_bytes(content)
    except SchemaMismatch as error:
        raise InputError(
            Reason.MOTION_UNREADABLE, f"the motion file is damaged, or of another version; write it anew ({error})"
        ) from error


def _check_ranges(motion: Motion) -> None:
    arrays = (motion.rotation, motion.translation, motion.coefficients, motion.tongue, motion.seen_from)
    shares = (motion.coefficients, motion.tongue)
    problem = None
    if not len(motion) or not 0 < motion.fps <= _FASTEST:
        problem = f"it has {len(motion)} frames at {motion.fps:g} a second"
    elif not all(np.isfinite(array).all() for array in arrays):
        problem = "not all of its values are numbers"
    elif np.abs(motion.rotation).max() > 180:
        problem = "a head's angle is beyond 180 degrees"
    elif np.abs(motion.translation).max() > _FARTHEST:
        problem = f"a head is moved by over {_FARTHEST:g} distances between the eyes"
    elif min(array.min() for array in shares) < 0 or max(array.max() for array in shares) > 1:
        problem = "a coefficient is not from 0 to 1"
    if problem:
        raise InputError(Reason.MOTION_UNREADABLE, f"the motion file cannot be played: {problem}")
