"""What lips do: as coefficients ask for it, and beside the phones that are said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vasari.evaluation.figures import Measured, Quantity, at_least, at_most
from vasari.values import Motion

Array = NDArray[np.float64]

_OPEN: Final = ("aa", "ae", "ao", "ay", "aw", "eh")
_SHIFTS: Final = range(-5, 6)


class Spoken(NamedTuple):
    """A phone of a recording, in seconds."""

    name: str
    start: float
    stop: float


def read_phones(path: Path) -> list[Spoken]:
    """Lines of `start stop phone`, as forced alignment gives them; the phones of the CMU pronouncing dictionary."""
    rows = (line.split() for line in path.read_text().splitlines() if line.strip())
    return [Spoken(name.lower().rstrip("012"), float(start), float(stop)) for start, stop, name in rows]


def phones_of(recording: Path) -> list[Spoken]:
    """Those in the file that lies beside a recording, RECORDING.phones; none without one."""
    path = recording.with_suffix(".phones")
    return read_phones(path) if path.exists() else []


def lip_gap(motion: Motion) -> Array:
    """(T,) how far the coefficients part the lips, about 0..1."""
    jaw = motion("jawOpen") - motion("mouthClose")
    return np.asarray(jaw + 0.45 * motion("mouthLowerDownLeft") + 0.4 * motion("mouthUpperUpLeft"), np.float64)


def lip_rounding(motion: Motion) -> Array:
    """(T,) how far they narrow the mouth."""
    narrow = motion("mouthPucker") + motion("mouthFunnel")
    return np.asarray(narrow - motion("mouthStretchLeft") - motion("mouthSmileLeft"), np.float64)


def contacts(gap: Array, fps: float, phones: Sequence[Spoken], where: str = "") -> Iterator[Measured]:
    """p, b, m against open vowels: area under the ROC curve, and how many fall under 15% of the 90th percentile. So do
    some n, l, d of people, beside a p, b, m or where lips are rounded: compare with what is filmed.

    Args:
        gap: (T,) between the lips, in any unit; frame i is seen from i / fps to (i + 1) / fps.
        where: what the quantities' names end with.
    """
    times = (np.arange(len(gap)) + 0.5) / fps
    high = np.percentile(gap, 90)

    def within(phone: Spoken) -> Array:
        return gap[(times > phone.start - 0.02) & (times < phone.stop + 0.02)]

    shut, other = (
        np.array([within(p).min() for p in phones if p.name in names and len(within(p))])
        for names in (("p", "b", "m"), ("n", "l", "d"))
    )
    wide = np.array([within(p).max() for p in phones if p.name in _OPEN and len(within(p))])
    if len(shut) and len(wide):
        told = float(np.mean(np.subtract.outer(wide, shut) > 0))
        yield Quantity(f"p/b/m against open vowels, AUC{where}", "", at_least(0.99)), told
    if len(shut):
        yield Quantity(f"p/b/m closed{where}", "", at_least(0.93)), float(np.mean(shut < 0.15 * high))
    if len(other):
        yield Quantity(f"n, l, d closed by mistake{where}"), float(np.mean(other < 0.15 * high))


def picture_after_sound(gap: Array, fps: float, phones: Sequence[Spoken]) -> Measured:
    """Frames by which the picture comes after the sound: where the gap during p, b, m is the narrowest, and that during
    open vowels the widest."""
    middles = (np.arange(len(gap)) + 0.5) / fps

    def contrast(shift: int) -> float:
        def mean(names: Sequence[str]) -> float:
            spans = [
                gap[np.abs(middles - shift / fps - (p.start + p.stop) / 2) <= (p.stop - p.start) / 2]
                for p in phones
                if p.name in names
            ]
            return float(np.mean(np.concatenate(spans))) if spans else 0.0

        return mean(_OPEN) - mean(("p", "b", "m"))

    return Quantity("picture after sound", "frames", at_most(1)), float(max(_SHIFTS, key=contrast))
