"""Motion as the CSV of Epic's Live Link Face, which Unreal, Blender, Maya and others read.

A row a frame: Timecode (hours:minutes:seconds:frame.fraction), BlendShapeCount, the 52 coefficients, then yaw, pitch
and roll of the head and of both eyes as Unreal's ARKit plug-in has them, -1..1 for -180..180 degrees; signs are
`Motion`'s. The head's translation and the tongue's tip, of which that format knows nothing, follow in our own columns,
which other readers pass over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.values.errors import InputError, Reason
from vasari.values.motion import COEFFICIENTS, GAZE_PITCH, GAZE_YAW, Motion, coefficient_index

_HEAD: Final = ("HeadYaw", "HeadPitch", "HeadRoll")
_EYES: Final = ("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll")
_OWN: Final = ("HeadX", "HeadY", "HeadZ", "TongueTipUp")
_SWAPPED: Final = {"jawLeft": "jawRight", "jawRight": "jawLeft", "mouthLeft": "mouthRight", "mouthRight": "mouthLeft"}
"""The format has these right before left, where Apple's list has left before right."""
_SHAPES: Final = tuple(_SWAPPED.get(name, name) for name in COEFFICIENTS)
_COLUMNS: Final = ("Timecode", "BlendShapeCount", *(n[0].upper() + n[1:] for n in _SHAPES), *_HEAD, *_EYES, *_OWN)
_RATES: Final = (24, 25, 30, 48, 50, 60, 120)
"""Frames per second that timecodes count in."""


def to_csv(motion: Motion) -> str:
    """The whole file."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    shapes = motion.coefficients[:, [coefficient_index(name) for name in _SHAPES]]
    own = np.concatenate([motion.translation, motion.tongue[:, None]], 1)
    numbers = np.concatenate([shapes, motion.rotation / 180, _eyes(motion) / 180, own], 1)
    count = len(_SHAPES) + len(_HEAD) + len(_EYES)
    for index, row in enumerate(numbers.tolist()):
        writer.writerow([_timecode(index, motion.fps), count, *(f"{number:.6f}" for number in row)])
    return file.getvalue()


def from_csv(text: str) -> Motion:
    """Read a file of this kind; columns that it lacks are taken for 0, rows without values for the neutral face.

    Its frames are brought to a constant rate, the mean of its own.

    Raises:
        InputError: INVALID_REQUEST, when it is no such file.
    """
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or "Timecode" not in rows[0]:
        raise InputError(
            Reason.INVALID_REQUEST,
            "the motion file has no Timecode column: use a Live Link Face CSV, or second,yaw,pitch,roll",
        )
    rows = [{(key or "").lower(): value for key, value in row.items()} for row in rows]
    try:
        times = _times([row["timecode"] or "" for row in rows])
        table = {name: _column(rows, name) for name in (*_SHAPES, *_HEAD, *_OWN)}
    except ValueError as error:
        raise InputError(Reason.INVALID_REQUEST, f"the motion file cannot be read: {error}") from error

    fps = float(len(rows) - 1) / (times[-1] - times[0]) if times[-1] > times[0] else 25.0
    even = times[0] + np.arange(len(rows)) / fps

    def curves(names: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([np.interp(even, times, table[name]) for name in names], 1).astype(np.float32)

    return Motion(
        rotation=180 * curves(_HEAD),
        translation=curves(_OWN[:3]),
        coefficients=np.clip(curves(COEFFICIENTS), 0, 1),
        tongue=curves(_OWN[3:])[:, 0],
        fps=round(fps, 3),
    )


def _eyes(motion: Motion) -> NDArray[np.float32]:
    """(T, 6) degrees of the columns _EYES, from the eyeLook coefficients."""
    angles = []
    for side, outward in (("Left", 1.0), ("Right", -1.0)):
        yaw = outward * (motion(f"eyeLookOut{side}") - motion(f"eyeLookIn{side}")) * GAZE_YAW
        pitch = (motion(f"eyeLookUp{side}") - motion(f"eyeLookDown{side}")) * GAZE_PITCH
        angles += [yaw, pitch, np.zeros_like(yaw)]
    return np.stack(angles, 1)


def _timecode(index: int, fps: float) -> str:
    whole, frame = divmod(index / fps, 1.0)
    minutes, seconds = divmod(int(whole), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}:{frame * round(fps):06.3f}"


def _times(timecodes: Sequence[str]) -> NDArray[np.float64]:
    """Seconds. Frames are counted in the slowest usual rate in which every one of them exists."""
    parts = np.array([[float(part) for part in code.split(":")] for code in timecodes])
    if parts.shape[1:] != (4,):
        raise ValueError(f"{timecodes[0]!r} is no timecode such as 00:00:01:12.000")
    rate = next((rate for rate in _RATES if rate > parts[:, 3].max() + 0.5), _RATES[-1])
    return np.asarray(parts @ [3600, 60, 1, 1 / rate])


def _column(rows: Sequence[Mapping[str, str | None]], name: str) -> list[float]:
    return [float(row.get(name.lower()) or 0.0) for row in rows]
