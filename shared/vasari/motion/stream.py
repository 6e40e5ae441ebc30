"""Speech in, motion out: the whole of a talking face, block by block.

A block is four seconds. Its mouth is told from the samples around it alone; head, eyes and expression are generated
for it from what is heard, from noise that the seed draws, and from the block before. So memory stays flat, windows of
any size join without a seam, and the first window waits for two blocks only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from vasari.motion import lips
from vasari.motion.articulation import articulation
from vasari.motion.audio_features import BLOCK_TICKS, AudioFeatures
from vasari.motion.composition import Composition
from vasari.motion.control_signals import ControlSignals
from vasari.motion.diffusion_transformer import diffusion_transformer
from vasari.motion.motion_generator import MotionGenerator
from vasari.motion.speech import SAMPLE_RATE, TICK, Floats, fingerprint
from vasari.motion.whisper import whisper
from vasari.values import Controls, InputError, Motion, Reason

MOTION_VERSION: Final = "generator-7"
"""Changes whenever the same speech and controls would give another motion."""

_BLOCK_SECONDS: Final = round(BLOCK_TICKS * TICK)
_MARGIN: Final = lips.REACH + 60
"""Ticks beyond a block whose smoothing reaches into it."""


def frame_count(sample_count: int, fps: int) -> int:
    """Frames that last as long as so many samples at 16 kHz, to one frame: the picture ends last. At least 1."""
    return max(1, -(-sample_count * fps // SAMPLE_RATE))


def animate(
    samples: Floats,
    controls: Controls = Controls(),  # noqa: B008
    identity: Floats | None = None,
    device: str = "cpu",
) -> Motion:
    """The motion of a face that says the speech.

    Args:
        samples: (S,) float32, mono, 16 kHz, -1..1.
        controls: wishes; the same ones and the same samples give the same motion, bit for bit.
        identity: (12,) proportions of a face, see `vasari.face.shape.identity`: they set how far its mouth opens.
        device: where the networks run.

    Returns:
        `frame_count` frames; frame i is what is seen from i / fps to (i + 1) / fps and shows the middle of it.

    Raises:
        InputError: SPEECH_EMPTY, there are no samples.
    """
    return Motion.concatenate(animate_windows(samples, controls, identity, _BLOCK_SECONDS * controls.fps, device))


def animate_windows(
    samples: Floats,
    controls: Controls,
    identity: Floats | None,
    window: int,
    device: str = "cpu",
) -> Iterator[Motion]:
    """The same motion as `animate`, in windows of so many frames (the last may be shorter), as soon as each is ready.

    Before the first window the samples are read once for their level and up to half a minute of them is listened to;
    then each window looks at most two blocks of 4 s ahead.
    """
    return generate_windows(listen(samples, device), controls, identity, window, device)


def listen(samples: Floats, device: str = "cpu") -> AudioFeatures:
    """Begin to listen by threads of its own, for `generate_windows`: it needs no face yet.

    Raises:
        InputError: SPEECH_EMPTY, there are no samples.
    """
    if not len(samples):
        raise InputError(Reason.SPEECH_EMPTY, "the speech has no samples; give at least one frame's worth of sound")
    features = AudioFeatures(samples, whisper(device), articulation(device))
    features.begin()
    return features


def generate_windows(
    features: AudioFeatures, controls: Controls, identity: Floats | None, window: int, device: str = "cpu"
) -> Iterator[Motion]:
    """`animate_windows` of what is being listened to already."""
    waiting: list[Motion] = []
    for block in _blocks(features, controls, identity, device):
        waiting.append(block)
        if sum(map(len, waiting)) >= window:
            joined = Motion.concatenate(waiting)
            whole = len(joined) // window * window
            yield from (joined[i : i + window] for i in range(0, whole, window))
            waiting = [joined[whole:]]
    rest = Motion.concatenate(waiting)
    if len(rest):
        yield rest


def prepare(device: str = "cpu") -> None:
    """Load the networks now rather than at the first speech."""
    whisper(device), articulation(device), diffusion_transformer(device)


def _blocks(features: AudioFeatures, controls: Controls, identity: Floats | None, device: str) -> Iterator[Motion]:
    samples, reach = features.samples, features.opening()
    generator = MotionGenerator(features, diffusion_transformer(device), ControlSignals.of(controls), controls.seed)
    composition = Composition(controls, identity, fingerprint(samples))
    frames, step = frame_count(len(samples), controls.fps), _BLOCK_SECONDS * controls.fps
    for start in range(0, frames, step):
        times = (np.arange(start, min(start + step, frames)) + 0.5) / controls.fps
        first = start // step * BLOCK_TICKS - _MARGIN
        curves = lips.LipCurves.of(features, first, first + BLOCK_TICKS + 2 * _MARGIN, reach)
        yield composition(times, generator(times), first, curves)
