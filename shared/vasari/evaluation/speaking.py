"""How well motion speaks and how much it is like that of filmed people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import welch

from vasari.evaluation.figures import Figure, Measured, Quantity, at_least, at_most, gathered
from vasari.evaluation.filmed import FPS, Filmed, best_lag, correlation
from vasari.evaluation.lips import contacts, lip_gap, lip_rounding, phones_of
from vasari.evaluation.microphones import measure_disturbed
from vasari.motion import animate
from vasari.values import Controls, Emotion, Gaze, Motion
from vasari.values.motion import CAMERA_DISTANCE, GAZE_PITCH, GAZE_YAW

Array = NDArray[np.float64]
Show = Callable[[str, int, int], None]

_SEEDS: Final = 4
_EYES: Final = ((0.0, 0.0), (12.0, 0.3), (24.0, 0.6), (50.0, 1.0))
"""Blinks a minute and shares of looking away that are asked for."""
_EYES_SEEDS: Final = 20


def measure_clips(clips: Sequence[Path], show: Show) -> list[Figure]:
    """Lips against those of filmed speakers; phones too, where a file CLIP.phones lies beside a clip."""
    found: dict[str, list[Measured]] = {}
    for done, path in enumerate(clips):
        show("clips", done, len(clips))
        filmed = Filmed.read(path)
        motion = animate(filmed.samples)
        found[path.stem] = list(_against(filmed, motion))
        found[path.stem] += list(contacts(lip_gap(motion), motion.fps, phones_of(path)))
    show("clips", len(clips), len(clips))
    return gathered(found)


def _against(filmed: Filmed, motion: Motion) -> Iterator[Measured]:
    gap = lip_gap(motion)
    lag = best_lag(gap, filmed.opening)
    yield Quantity("lag of the clip", "frames"), lag
    yield Quantity("opening r", "", at_least(0.58)), correlation(gap, filmed.opening, lag)
    yield Quantity("rounding r", "", at_least(0.55)), correlation(lip_rounding(motion), -filmed.width, lag)
    turning = np.linalg.norm(np.diff(gaussian_filter1d(filmed.rotation, 1, axis=0), axis=0), axis=1) * FPS
    for axis, curve in zip(("yaw", "pitch", "roll"), filmed.rotation.T, strict=True):
        yield Quantity(f"filmed {axis}, standard deviation", "deg"), float(curve.std())
    yield Quantity("filmed speed of the head", "deg/s"), float(turning.mean())


def measure_heads(speech: NDArray[np.float32], minutes: float, show: Show) -> list[Figure]:
    """Head, lids and brows over so many minutes of speech, a seed for each time that it is said again."""
    found: dict[str, list[Measured]] = {}
    takes = max(1, round(minutes * 60 * 16_000 / len(speech)))
    for seed in range(takes):
        show("heads", seed, takes)
        found[f"seed {seed}"] = list(_head(animate(speech, Controls(seed=seed))))
    show("heads", takes, takes)
    return gathered(found)


def _head(motion: Motion) -> Iterator[Measured]:
    turning = np.linalg.norm(np.diff(gaussian_filter1d(motion.rotation, 1, axis=0), axis=0), axis=1) * motion.fps
    for axis, curve in zip(("yaw", "pitch", "roll"), motion.rotation.T, strict=True):
        yield Quantity(f"{axis}, standard deviation", "deg"), float(curve.std())
    yield Quantity("speed, mean", "deg/s"), float(turning.mean())
    yield Quantity("speed, 95th percentile", "deg/s"), float(np.percentile(turning, 95))
    frequencies, power = welch(motion.rotation[:, 1], motion.fps, nperseg=min(256, len(motion)))
    for name, low, high in (("below 0.5", 0.01, 0.5), ("0.5 to 2", 0.5, 2.0), ("above 2", 2.0, 99.0)):
        band = (frequencies >= low) & (frequencies < high)
        yield Quantity(f"pitch power {name} Hz"), float(power[band].sum() / power[frequencies >= 0.01].sum())
    lids = motion("eyeBlinkLeft") > 0.5
    onsets = int((lids[1:] & ~lids[:-1]).sum())
    yield Quantity("blinks", "per minute"), 60 * onsets / motion.seconds
    yield Quantity("blink, closed more than half", "ms"), 1000 * lids.sum() / motion.fps / max(onsets, 1)
    for name in ("browInnerUp", "browDownLeft", "mouthSmileLeft", "mouthFrownLeft"):
        yield Quantity(f"{name}, standard deviation"), float(motion(name).std())
    yield Quantity("vertical travel in 15 s", "interocular"), _travel(motion)
    yield Quantity("step at a seam over other steps", "", at_most(1.3)), _seams(motion)


def _travel(motion: Motion) -> float:
    """Of the point between the eyes: about half an interocular distance before and above the axis of the nods."""
    height = motion.translation[:, 1] - 1.1 * np.sin(np.deg2rad(motion.rotation[:, 1]))
    span = round(15 * motion.fps)
    return float(np.mean([np.ptp(height[i : i + span]) for i in range(0, max(len(height) - span, 1), span)]))


def _seams(motion: Motion) -> float:
    """How much larger the second difference of the pose is where two blocks of 4 s meet."""
    bend = np.abs(np.diff(motion.rotation, 2, axis=0)).sum(1)
    at = np.arange(1, len(motion) // 100) * 100
    seams = np.concatenate([bend[at - 2], bend[at - 1], bend[at]]) if len(at) else np.zeros(1)
    return float(seams.mean() / bend.mean())


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
        sideways = GAZE_YAW * (motion("eyeLookOutLeft") - motion("eyeLookInLeft")).mean()
        up = GAZE_PITCH * (motion("eyeLookUpLeft") - motion("eyeLookDownLeft")).mean()
        errors.append(float(np.hypot(sideways - yaw, up - pitch)))
    yield Quantity("gaze error", "deg", at_most(3)), float(np.mean(errors))


def _distance(speech: NDArray[np.float32]) -> Iterator[Measured]:
    motion = animate(speech, Controls(head_distance=1.2))
    away = 1 + motion.translation[25:, 2].mean() / CAMERA_DISTANCE
    yield Quantity("distance error", "", at_most(0.03)), abs(float(away) / 1.2 - 1)


def _eyes() -> Iterator[Measured]:
    """Blinks and glances of many seeds, half a minute each, with a still head: eyes do not make up for its turns."""
    quiet = np.zeros(30 * 16_000, np.float32)
    for rate, away in _EYES:
        blinks, beside = [], []
        for seed in range(_EYES_SEEDS):
            motion = animate(quiet, Controls(blink_rate=rate, look_away=away, head_motion=0, seed=seed))
            lids = motion("eyeBlinkLeft") > 0.5
            blinks.append(2 * (lids[1:] & ~lids[:-1]).sum())
            aside = motion("eyeLookOutLeft") + motion("eyeLookInLeft")
            beside.append((GAZE_YAW * aside > 0.01).mean())
        yield Quantity(f"blinks at {rate:g}", "per minute"), float(np.mean(blinks))
        yield Quantity(f"share of time beside the aim at {away:g}"), float(np.mean(beside))


def _silence() -> Iterator[Measured]:
    quiet = animate(np.zeros(30 * 16_000, np.float32))
    yield Quantity("lips in silence, largest gap", "", at_most(0.02)), float(lip_gap(quiet).max())
