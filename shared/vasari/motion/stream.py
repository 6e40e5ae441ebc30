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
from scipy.ndimage import maximum_filter1d

from vasari.motion import lips
from vasari.motion.articulation import articulation
from vasari.motion.expression import Expression, blend
from vasari.motion.eyes import Blinks, Glances, look
from vasari.motion.head import Head
from vasari.motion.hearing import BLOCK_TICKS, Hearing
from vasari.motion.speech import SAMPLE_RATE, TICK, Floats
from vasari.motion.whisper import whisper
from vasari.values import COEFFICIENTS, Controls, InputError, Motion, Reason
from vasari.values.motion import CAMERA_DISTANCE

MOTION_VERSION: Final = "articulation-2"
"""Changes whenever the same speech and controls would give another motion."""

_BLOCK_SECONDS: Final = round(BLOCK_TICKS * TICK)
_MARGIN: Final = lips.REACH + 60
"""Ticks beyond a block whose accents and smoothing reach into it."""
_ACCENT_SECONDS: Final = 0.32
"""Two accents are at least this far apart."""
_ACCENT_CHANCE: Final = 0.55


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
    performer = _Performer(controls)
    frames, step = frame_count(len(samples), controls.fps), _BLOCK_SECONDS * controls.fps
    for start in range(0, frames, step):
        times = (np.arange(start, min(start + step, frames)) + 0.5) / controls.fps
        first = start // step * BLOCK_TICKS - _MARGIN
        speaking = lips.Speaking.of(hearing, first, first + BLOCK_TICKS + 2 * _MARGIN, reach)
        yield performer(times, first, speaking)


class _Performer:
    """Head, eyes and expression with their chances, and the mouth: all for one speaker, forward in time."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        head, blinks, glances, expression = np.random.SeedSequence(controls.seed).spawn(4)
        rng = np.random.default_rng
        self._head = Head(rng(head))
        self._blinks = Blinks(rng(blinks), controls.blink_rate)
        self._glances = Glances(rng(glances), controls.gaze)
        self._expression = Expression(rng(expression), controls.emotion)

    def __call__(self, times: NDArray[np.float64], first: int, speaking: lips.Speaking) -> Motion:
        """Frames at the given times; `speaking` begins at tick `first`."""
        controls = self._controls
        ticks = (first + np.arange(len(speaking.activity))) * TICK

        def at_frames(curve: NDArray[np.floating]) -> NDArray[np.floating]:
            return np.asarray(np.interp(times, ticks, curve))

        accents = _accents(first, speaking, controls.seed)
        activity = at_frames(lips.smooth(speaking.activity, 0.2))
        rotation, translation = self._head(times, activity, accents, controls.head_motion)
        translation[:, 2] += CAMERA_DISTANCE * (controls.head_distance - 1)

        curves = look(self._glances(times, rotation))
        curves |= self._expression(times, activity, accents)
        for name, curve in lips.mouth(speaking, controls.mouth_amplitude).items():
            curves[name] = blend(curves[name], at_frames(curve)) if name in curves else at_frames(curve)
        closed = at_frames(speaking.closed)
        for name in ("mouthUpperUpLeft", "mouthUpperUpRight"):
            curves[name] = curves[name] * (1 - closed)
        curves["mouthClose"] = np.maximum(curves["mouthClose"], closed * curves["jawOpen"])
        blink = self._blinks(times)
        for side in ("Left", "Right"):
            curves[f"eyeBlink{side}"] = blend(curves.get(f"eyeBlink{side}", np.zeros(len(times))), blink)

        coefficients = np.zeros((len(times), len(COEFFICIENTS)), np.float32)
        for name, curve in curves.items():
            coefficients[:, COEFFICIENTS.index(name)] = np.clip(curve, 0, 1)
        tongue = np.clip(at_frames(speaking.alveolar), 0, 1).astype(np.float32)
        return Motion(
            rotation.astype(np.float32), translation.astype(np.float32), coefficients, tongue, float(controls.fps)
        )


def _accents(first: int, speaking: lips.Speaking, seed: int) -> NDArray[np.float64]:
    """(n, 2) seconds and strength of the loud syllables that are stressed by a nod or a brow."""
    energy = lips.smooth(speaking.energy, 0.06)
    peaks = (energy == maximum_filter1d(energy, 2 * round(_ACCENT_SECONDS / TICK) + 1)) & (speaking.activity > 0.5)
    found = []
    for tick in first + np.flatnonzero(peaks):
        chance = np.random.default_rng((seed, abs(int(tick))))
        if chance.random() < _ACCENT_CHANCE:
            found.append((tick * TICK, chance.uniform(0.6, 1.6)))
    return np.array(found).reshape(-1, 2)
