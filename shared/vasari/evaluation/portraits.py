"""What is measured on portraits."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vasari.evaluation import tracking
from vasari.evaluation.figures import Figure, Measured, Quantity, Show, at_least, at_most, gathered
from vasari.evaluation.likeness import likeness, measurable
from vasari.evaluation.obedience import sweeps, turns
from vasari.face import encode
from vasari.media.portrait import read_portrait
from vasari.render import Renderer, RenderOptions
from vasari.values import Motion

CHECKS: Final = ("pose", "sweeps", "likeness", "speed")

_TIMED: Final = 100
"""Frames whose drawing is timed."""
_TURN_ERROR: Final = {"yaw": at_most(2), "pitch": at_most(2), "roll": at_most(1.5)}
_LIKENESS: Final = {
    "source": Quantity("source", "dB", at_least(40, each=True)),
    "background": Quantity("background", "grey levels", at_most(0, each=True)),
    "found": Quantity("faces found", "", at_least(1, each=True)),
    "identity": Quantity("identity", "", at_most(0.23)),
    "sharpness": Quantity("sharpness", "", at_least(0.95)),
    "detail": Quantity("detail", "", at_least(0.95)),
}


def measure_portraits(
    paths: list[Path], checks: set[str], speaking: Motion | None, device: str, show: Show
) -> list[Figure]:
    """
    Args:
        paths: photos.
        checks: some of CHECKS.
        speaking: a motion with speech; "likeness" and "speed" need it and are left out without.
        show: told how many portraits are done.

    Raises:
        InputError: a portrait cannot be used.
    """
    found: dict[str, list[Measured]] = {}
    for path in paths:
        show("portraits", len(found), len(paths))
        found[path.stem] = list(_measured(path, checks, speaking, device))
    show("portraits", len(found), len(paths))
    return gathered(found)


def _measured(path: Path, checks: set[str], speaking: Motion | None, device: str) -> Iterator[Measured]:
    photo = measurable(read_portrait(path))
    appearance = encode(photo)
    options = RenderOptions(photo=photo)
    renderer = Renderer(appearance, options, device)
    rest = tracking.expected(appearance, 0, 0, options.size)
    if "pose" in checks:
        for axis, turn in turns(renderer, appearance, rest, device).items():
            yield Quantity(f"{axis} error", "deg", _TURN_ERROR[axis]), turn.error
            yield Quantity(f"{axis} against a solid", "deg", _TURN_ERROR[axis]), turn.off
            yield Quantity(f"{axis} gain"), turn.gain
            yield Quantity(f"{axis} crosstalk", "deg"), turn.crosstalk
    if "sweeps" in checks:
        for name, sweep in sweeps(renderer, rest, device).items():
            yield Quantity(f"{name}: r", "", at_least(0.95, each=True)), sweep.correlation
            yield Quantity(f"{name}: largest step", "", at_most(2.5, each=True)), sweep.largest_step
            yield Quantity(f"{name}: travel"), sweep.travel
    if "likeness" in checks and speaking is not None:
        for key, value in dataclasses.asdict(likeness(photo, appearance, speaking, device)).items():
            yield _LIKENESS[key], value
    if "speed" in checks and speaking is not None:
        yield Quantity("speed, 512x512", "frames/s", at_least(120)), _speed(renderer, speaking[:_TIMED])


def _speed(renderer: Renderer, motion: Motion) -> float:
    """Frames a second, drawn on the device and handed over; without encoding."""
    tracking.drawn(renderer, motion[:8])
    began = time.perf_counter()
    tracking.drawn(renderer, motion)
    return len(motion) / (time.perf_counter() - began)
