"""How well motion speaks, and whether it does what is wished for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.evaluation.eyes import blinks, gaze, half_shut
from vasari.evaluation.figures import Figure, Measured, Quantity, Show, at_least, at_most, gathered
from vasari.evaluation.filmed import FPS, Filmed, best_lag, correlation
from vasari.evaluation.lips import Spoken, contacts, lip_gap, lip_rounding, phones_of
from vasari.evaluation.microphones import measure_disturbed
from vasari.motion import animate
from vasari.motion.speech import SAMPLE_RATE
from vasari.values import Controls, Emotion, Gaze, Motion
from vasari.values.motion import CAMERA_DISTANCE

Array = NDArray[np.float64]

_SEEDS: Final = 4
_EYES: Final = ((0.0, 0.0), (12.0, 0.3), (24.0, 0.6), (50.0, 1.0))
"""Blinks a minute and shares of looking away that are asked for."""
_EYES_SEEDS: Final = 20


def measure_clips(clips: Mapping[Path, Filmed], show: Show) -> list[Figure]:
    """Lips against those of filmed speakers; phones too, where a file CLIP.phones lies beside a clip."""
    found: dict[str, list[Measured]] = {}
    for done, (path, filmed) in enumerate(clips.items()):
        show("lips", done, len(clips))
        motion = animate(filmed.samples)
        found[path.stem] = list(_against(filmed, motion, phones_of(path)))
    show("lips", len(clips), len(clips))
    return gathered(found)


def _against(filmed: Filmed, motion: Motion, phones: Sequence[Spoken]) -> Iterator[Measured]:
    gap = lip_gap(motion)
    lag = best_lag(gap, filmed.opening)
    shown = [phone._replace(start=phone.start + lag / FPS, stop=phone.stop + lag / FPS) for phone in phones]
    yield Quantity("lag of the clip", "frames"), lag
    yield Quantity("opening r", "", at_least(0.58)), correlation(gap, filmed.opening, lag)
    yield Quantity("rounding r", "", at_least(0.55)), correlation(lip_rounding(motion), -filmed.width, lag)
    yield from contacts(gap, motion.fps, phones)
    yield from contacts(filmed.opening, FPS, shown, ", as filmed")


def measure_controls(speech: NDArray[np.float32], show: Show) -> list[Figure]:
    """Whether what is wished for is what is done."""
    checks: Mapping[str, Iterator[Measured]] = {
        "emotions": _emotions(speech),
        "gaze": _gaze(speech),
        "distance": _distance(speech),
        "eyes": _eyes(),
        "silence": _silence(),
        "microphones": measure_disturbed(speech),
    }
    found: dict[str, list[Measured]] = {}
    for done, (name, check) in enumerate(checks.items()):
        show("controls", done, len(checks))
        found[name] = list(check)
    show("controls", len(checks), len(checks))
    return gathered(found)


def _emotions(speech: NDArray[np.float32]) -> Iterator[Measured]:
    """Told apart by the nearest mean of the other seeds', of the mean coefficients."""
    wishes: list[dict[Emotion, float]] = [{}, *({emotion: 1.0} for emotion in Emotion)]
    seen = np.array(
        [
            [animate(speech, Controls(emotion=wish, seed=seed)).coefficients.mean(0) for seed in range(_SEEDS)]
            for wish in wishes
        ]
    )
    right = 0
    for seed in range(_SEEDS):
        means = np.delete(seen, seed, 1).mean(1)
        distances = np.linalg.norm(seen[:, seed, None] - means[None], axis=-1)
        right += int((distances.argmin(1) == np.arange(len(wishes))).sum())
    yield Quantity("emotions told apart", "", at_least(0.9)), right / (_SEEDS * len(wishes))


def _gaze(speech: NDArray[np.float32]) -> Iterator[Measured]:
    """Where the eyes look relative to the head, on average, against where they should."""
    errors = []
    for yaw, pitch in ((-20.0, 0.0), (20.0, 0.0), (0.0, 12.0), (0.0, -12.0)):
        motion = animate(speech, Controls(gaze=Gaze(yaw, pitch)))
        errors.append(float(np.linalg.norm(gaze(motion).mean(0) - (yaw, pitch))))
    yield Quantity("gaze error", "deg", at_most(3)), float(np.mean(errors))


def _distance(speech: NDArray[np.float32]) -> Iterator[Measured]:
    motion = animate(speech, Controls(head_distance=1.2))
    away = 1 + motion.translation[25:, 2].mean() / CAMERA_DISTANCE
    yield Quantity("distance error", "", at_most(0.03)), abs(float(away) / 1.2 - 1)


def _eyes() -> Iterator[Measured]:
    """Blinks and glances of many seeds, half a minute each, with a still head: eyes do not make up for its turns."""
    quiet = np.zeros(30 * SAMPLE_RATE, np.float32)
    for rate, away in _EYES:
        often, beside = [], []
        for seed in range(_EYES_SEEDS):
            motion = animate(quiet, Controls(blink_rate=rate, look_away=away, head_motion=0, seed=seed))
            often.append(2 * blinks(half_shut(motion)))
            beside.append((np.abs(gaze(motion)[:, 0]) > 0.01).mean())
        yield Quantity(f"blinks at {rate:g}", "per minute"), float(np.mean(often))
        yield Quantity(f"share of time beside the aim at {away:g}"), float(np.mean(beside))


def _silence() -> Iterator[Measured]:
    quiet = animate(np.zeros(30 * SAMPLE_RATE, np.float32))
    yield Quantity("lips in silence, largest gap", "", at_most(0.02)), float(lip_gap(quiet).max())
