"""Head poses as a plain table, which any script or spreadsheet can write.

Columns `second`, `yaw`, `pitch`, `roll` in degrees, and if wanted `x`, `y`, `z` in interocular distances, with the axes
of `Motion`. Rows in order of time, at any pace.
"""

from __future__ import annotations

import csv
import io
from typing import Final

import numpy as np

from vasari.values.errors import InputError, Reason
from vasari.values.motion import Motion

_ROTATION, _TRANSLATION = ("yaw", "pitch", "roll"), ("x", "y", "z")
_RATE: Final = 60.0
"""Frames per second that the rows are brought to."""
_LONGEST: Final = 4 * 3600.0
"""Seconds."""


def is_pose_csv(text: str) -> bool:
    """Whether the first line names the columns of such a table."""
    names = {name.strip().lower() for name in text.partition("\n")[0].split(",")}
    return {"second", *_ROTATION} <= names


def from_pose_csv(text: str) -> Motion:
    """The neutral face in these poses, linear between rows; the first row holds from the beginning.

    Raises:
        InputError: MOTION_UNREADABLE, when a row cannot be read.
    """
    try:
        rows = [
            {(key or "").strip().lower(): value for key, value in row.items()}
            for row in csv.DictReader(io.StringIO(text))
        ]
        table = np.array(
            [[float(row.get(name) or 0.0) for name in ("second", *_ROTATION, *_TRANSLATION)] for row in rows]
        )
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(Reason.MOTION_UNREADABLE, f"the poses cannot be read: {error}") from error
    if not len(table):
        raise InputError(Reason.MOTION_UNREADABLE, "the poses have no rows; give at least one below the columns' names")
    seconds = table[:, 0]
    if not np.isfinite(table).all() or (np.diff(seconds) <= 0).any() or seconds[0] < 0 or seconds[-1] > _LONGEST:
        raise InputError(
            Reason.MOTION_UNREADABLE, "the poses' seconds must rise from row to row, from 0 to 14400, and be numbers"
        )
    frames = max(1, round(seconds[-1] * _RATE))
    times = (np.arange(frames) + 0.5) / _RATE
    motion = Motion.neutral(frames, _RATE)
    motion.rotation[:] = np.stack([np.interp(times, seconds, column) for column in table[:, 1:4].T], 1)
    motion.translation[:] = np.stack([np.interp(times, seconds, column) for column in table[:, 4:].T], 1)
    return motion
