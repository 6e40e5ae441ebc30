"""Speech in, motion out: the whole of a talking face, block by block.

A block is four seconds. Its mouth is computed from the samples around it alone; head, eyes and expression are
seeded functions of time that its speech enlivens. So memory stays flat, windows of any size join without a seam,
and the first window waits for two blocks only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.motion import lips
from vasari.motion.accents import accents
from vasari.motion.articulation import articulation
from vasari.motion.composition import Composition
from vasari.motion.hearing import BLOCK_TICKS, Hearing
from vasari.motion.manner import Manner
from vasari.motion.speech import SAMPLE_RATE, TICK, Floats
from vasari.motion.teacher import Teacher
from vasari.motion.whisper import whisper
from vasari.values import Controls, InputError, Motion, Reason

MOTION_VERSION: Final = "performance-1"
"""Changes whenever the same speech and controls would give another motion."""

_BLOCK_SECONDS: Final = round(BLOCK_TICKS * TICK)
_MARGIN: Final = lips.REACH + 60
"""Ticks beyond a block whose accents and smoothing reach into it."""


def frame_count(sample_count: int, fps: int) -> int:
    """Frames that last as long as so many samples at 16 kHz, to one frame: the picture ends last. At least 1."""
    return max(1, -(-sample_count * fps // SAMPLE_RATE))


def animate(samples: Floats, controls: Controls = Controls(), identity: Floats | None = None) -> Motion:  # noqa: B008
    """The motion of a face that says the speech.

    Args:
        samples: (S,) float32, mono, 16 kHz, -1..1.
        controls: wishes; the same ones and the same samples give the same motion, bit for bit.
        identity: proportions of a face. This engine moves every face alike: rendering fits the motion to the face.

    Returns:
        `frame_count` frames; frame i is what is seen from i / fps to (i + 1) / fps and shows the middle of it.

    Raises:
        InputError: SPEECH_EMPTY, there are no samples.
    """
    return Motion.concatenate(animate_windows(samples, controls, identity, _BLOCK_SECONDS * controls.fps))


def animate_windows(
    samples: Floats,
    controls: Controls,
    identity: Floats | None,  # noqa: ARG001 - part of the interface, as `animate` tells
    window: int,
) -> Iterator[Motion]:
    """The same motion as `animate`, in windows of so many frames (the last may be shorter), as soon as each is ready.

    Before the first window the samples are read once for their level and up to half a minute of them is listened to;
    then each window looks at most two blocks of 4 s ahead.
    """
    if not len(samples):
        raise InputError(Reason.SPEECH_EMPTY, "the speech has no samples; give at least one frame's worth of sound")
    waiting: list[Motion] = []
    for block in _blocks(samples, controls):
        waiting.append(block)
        if sum(map(len, waiting)) >= window:
            joined = Motion.concatenate(waiting)
            whole = len(joined) // window * window
            yield from (joined[i : i + window] for i in range(0, whole, window))
            waiting = [joined[whole:]]
    rest = Motion.concatenate(waiting)
    if len(rest):
        yield rest


def _blocks(samples: Floats, controls: Controls) -> Iterator[Motion]:
    hearing = Hearing(samples, whisper(), articulation())
    reach = hearing.opening()
    teacher = Teacher(np.random.SeedSequence(controls.seed), Manner.of(controls))
    composition = Composition(controls)
    frames, step = frame_count(len(samples), controls.fps), _BLOCK_SECONDS * controls.fps
    for start in range(0, frames, step):
        times = (np.arange(start, min(start + step, frames)) + 0.5) / controls.fps
        first = start // step * BLOCK_TICKS - _MARGIN
        speaking = lips.Speaking.of(hearing, first, first + BLOCK_TICKS + 2 * _MARGIN, reach)
        stressed = accents(first, speaking.energy, speaking.activity, controls.seed)
        yield composition(times, teacher(times, _at(times, first, speaking), stressed), first, speaking)


def _at(times: NDArray[np.float64], first: int, speaking: lips.Speaking) -> NDArray[np.float64]:
    """(T,) how active the speech around the frames is."""
    ticks = (first + np.arange(len(speaking.activity))) * TICK
    return np.asarray(np.interp(times, ticks, lips.smooth(speaking.activity, 0.2)))
