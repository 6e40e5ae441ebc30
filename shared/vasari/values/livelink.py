"""Motion as the CSV of Epic's Live Link Face, which Unreal, Blender, Maya and others read.

A row a frame: Timecode (hours:minutes:seconds:sixtieths, with decimals), BlendShapeCount, the 52 coefficients, then
yaw, pitch and roll of the head and of both eyes as Unreal's ARKit plug-in has them, -1..1 for -180..180 degrees; signs
are `Motion`'s. The head's translation and the tongue's tip, of which that format knows nothing, follow in our own
columns, which other readers pass over.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

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
_RATE: Final = 60
"""Frames per second that the app's timecodes count in, whatever the pace of the rows; Unreal's importer takes no other
for granted."""
_RATES: Final = (24, 25, 30, 48, 50, _RATE, 120)
"""Those that other tools' count in."""


def write_csv(file: TextIO, windows: Iterable[Motion]) -> None:
    """The whole file, from a motion's windows in order."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    count, index = len(_SHAPES) + len(_HEAD) + len(_EYES), 0
    for motion in windows:
        shapes = motion.coefficients[:, [coefficient_index(name) for name in _SHAPES]]
        own = np.concatenate([motion.translation, motion.tongue[:, None]], 1)
        numbers = np.concatenate([shapes, motion.rotation / 180, _eyes(motion) / 180, own], 1)
        for row in numbers.tolist():
            writer.writerow([_timecode(index, motion.fps), count, *(f"{number:.6f}" for number in row)])
            index += 1


def to_csv(motion: Motion) -> str:
    """What `write_csv` writes."""
    file = io.StringIO()
    write_csv(file, [motion])
    return file.getvalue()


def is_livelink_csv(text: str) -> bool:
    """Whether the first line names the columns of such a file."""
    return "timecode" in _names(text.partition("\n")[0].split(","))


def from_csv(text: str) -> Motion:
    """Read a file of this kind; columns that it lacks are taken for 0, rows without values for the neutral face.

    Its frames are brought to a constant rate, the mean of its own.

    Raises:
        InputError: MOTION_UNREADABLE, when it is no such file.
    """
    try:
        times, table = _read(text)
    except (ValueError, csv.Error) as error:
        raise InputError(Reason.MOTION_UNREADABLE, f"the motion file cannot be read: {error}") from error

    fps = float(len(times) - 1) / (times[-1] - times[0]) if times[-1] > times[0] else 25.0
    even = times[0] + np.arange(len(times)) / fps

    def curves(names: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([np.interp(even, times, table[name]) for name in names], 1).astype(np.float32)

    return Motion(
        rotation=180 * curves(_HEAD),
        translation=curves(_OWN[:3]),
        coefficients=np.clip(curves(COEFFICIENTS), 0, 1),
        tongue=np.clip(curves(_OWN[3:])[:, 0], 0, 1),
        fps=round(fps, 3),
    )


def _read(text: str) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """(T,) seconds, and the (T,) columns by name. Only numbers are kept of each row: an hour's file has 14 million."""
    rows = csv.reader(io.StringIO(text))
    names = _names(next(rows, []))
    if "timecode" not in names:
        raise ValueError("it has no Timecode column: use a Live Link Face CSV, or second,yaw,pitch,roll")
    timecode, wanted = names.index("timecode"), (*_SHAPES, *_HEAD, *_OWN)
    places = [names.index(name.lower()) if name.lower() in names else None for name in wanted]
    parts, numbers = array("d"), array("d")
    for row in filter(None, rows):
        code = row[timecode] if timecode < len(row) else ""
        parts.extend(_moment(code))
        numbers.extend(float(row[at] or 0.0) if at is not None and at < len(row) else 0.0 for at in places)
    if not parts:
        raise ValueError("it has no rows; there is a row for each frame")
    times = _seconds(np.array(parts).reshape(-1, 4))
    table = np.array(numbers).reshape(-1, len(wanted))
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise ValueError("its timecodes must rise from row to row; cut a recording that goes over midnight")
    return times, dict(zip(wanted, table.T, strict=True))


def _moment(code: str) -> list[float]:
    """Hours, minutes, seconds and frames."""
    try:
        hours, minutes, seconds, frames = map(float, code.split(":"))
    except ValueError:
        raise ValueError(f"{code!r} is no timecode such as 00:00:01:12.000") from None
    return [hours, minutes, seconds, frames]


def _names(cells: Iterable[str]) -> list[str]:
    """Names of columns, in lower case: other tools' files write some their own way."""
    return [cell.strip().lower() for cell in cells]


def _eyes(motion: Motion) -> NDArray[np.float32]:
    """(T, 6) degrees of the columns _EYES, from the eyeLook coefficients."""
    angles = []
    for side, outward in (("Left", 1.0), ("Right", -1.0)):
        yaw = outward * (motion(f"eyeLookOut{side}") - motion(f"eyeLookIn{side}")) * GAZE_YAW
        pitch = (motion(f"eyeLookUp{side}") - motion(f"eyeLookDown{side}")) * GAZE_PITCH
        angles += [yaw, pitch, np.zeros_like(yaw)]
    return np.stack(angles, 1)


def _timecode(index: int, fps: float) -> str:
    thousandths = round(index / fps * _RATE * 1000)
    whole, frame = divmod(thousandths, _RATE * 1000)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}:{frame / 1000:06.3f}"


def _seconds(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, 4) hours, minutes, seconds, frames -> (T,) seconds.

    Frames are counted in the slowest usual rate in which every one of them exists; within a single second, as the app
    does.
    """
    if len(np.unique(parts[:, 2])) == 1 and parts[:, 3].max() < _RATE:
        rate = _RATE
    else:
        rate = next((rate for rate in _RATES if rate > parts[:, 3].max()), _RATES[-1])
    return np.asarray(parts @ [3600, 60, 1, 1 / rate])
