"""What each control makes of the same speech: pictures to be looked at, and curves of what only time shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vasari.evaluation.cells import Cell, Crop, Strip
from vasari.evaluation.eyes import gaze, lids
from vasari.evaluation.figures import Show
from vasari.evaluation.layout import plotted
from vasari.evaluation.lips import Array, lip_gap
from vasari.motion import animate
from vasari.motion.speech import SAMPLE_RATE
from vasari.values import Controls, Emotion, EmotionKeyframe, Gaze, Motion

Speech = NDArray[np.float32]

_ROW: Final = 8
"""Pictures of what is shown over time."""
_BLENDS: Final = (
    {Emotion.HAPPY: 0.5, Emotion.SURPRISED: 0.5},
    {Emotion.SAD: 0.5, Emotion.AFRAID: 0.5},
    {Emotion.ANGRY: 0.5, Emotion.DISGUSTED: 0.5},
    {Emotion.HAPPY: 0.5, Emotion.CONTEMPT: 0.5},
)
_RATES: Final = (0.0, 12.0, 24.0, 60.0)
_SHARES: Final = (0.0, 0.3, 0.625, 1.0)


def wished(speech: Speech, identity: NDArray[np.floating] | None, show: Show) -> list[Strip]:
    """A strip for each control, of one speech; all from the first seed but those that show seeds."""
    strips: list[Strip] = []
    looks = (_emotions, _over_time, _gaze, _look_away, _blinks, _mouth, _brows)
    sweeps = (*looks, _distance, _head, _acted, _seeds, _idle)
    for done, sweep in enumerate(sweeps):
        show("controls", done, len(sweeps))
        strips += sweep(_Speaker(speech, identity))
    show("controls", len(sweeps), len(sweeps))
    return strips


class _Speaker:
    """Says the speech as wished."""

    def __init__(self, speech: Speech, identity: NDArray[np.floating] | None) -> None:
        self.speech, self._identity = speech, identity

    def __call__(self, controls: Controls, speech: Speech | None = None) -> Motion:
        return animate(self.speech if speech is None else speech, controls, self._identity)


def _emotions(say: _Speaker) -> Iterator[Strip]:
    """At the moment between pauses at which the lips are half open, with eyes open."""
    calm = say(Controls(blink_rate=0))
    gap = lip_gap(calm)
    frame = _nearest(gap, float(np.percentile(gap, 70)))
    cells = [_cell("neutral", calm, frame)]
    for emotion in Emotion:
        for weight in (0.5, 1.0):
            cells.append(_cell(f"{emotion} {weight:g}", say(Controls(emotion={emotion: weight}, blink_rate=0)), frame))
    for blend in _BLENDS:
        name = " + ".join(f"{emotion} {weight:g}" for emotion, weight in blend.items())
        cells.append(_cell(name, say(Controls(emotion=blend, blink_rate=0)), frame))
    yield Strip("Emotions, by weight, and blends", cells)


def _over_time(say: _Speaker) -> Iterator[Strip]:
    stop = len(say.speech) / SAMPLE_RATE
    felt = (
        EmotionKeyframe(0),
        EmotionKeyframe(stop / 3, {Emotion.HAPPY: 1.0}),
        EmotionKeyframe(2 * stop / 3, {Emotion.ANGRY: 1.0}),
        EmotionKeyframe(stop, {Emotion.SAD: 1.0}),
    )
    motion = say(Controls(emotion_keyframes=felt, blink_rate=0))
    yield Strip("Emotion keyframes: neutral, happy, angry, sad", _evenly(motion))


def _gaze(say: _Speaker) -> Iterator[Strip]:
    cells = []
    for pitch in (15.0, 0.0, -15.0):
        for yaw in (-25.0, 0.0, 25.0):
            held = Controls(gaze=Gaze(yaw, pitch), look_away=0, head_motion=0, blink_rate=0)
            cells.append(_cell(f"{yaw:+g}°, {pitch:+g}°", say(held), 30))
    yield Strip("Gaze: to the image's right, up; head still", cells, Crop.EYES)


def _look_away(say: _Speaker) -> Iterator[Strip]:
    for share in _SHARES:
        motion = say(Controls(look_away=share, head_motion=0, blink_rate=0))
        yield Strip(f"Look away {share:g}: the farthest glance of each stretch", _extremes(motion, aside), Crop.EYES)


def _blinks(say: _Speaker) -> Iterator[Strip]:
    for rate in _RATES:
        motion = say(Controls(blink_rate=rate, head_motion=0))
        yield Strip(f"Blinks {rate:g} a minute: the narrowest of each stretch", _extremes(motion, lids), Crop.EYES)


def _mouth(say: _Speaker) -> Iterator[Strip]:
    frame = int(lip_gap(say(Controls())).argmax())
    cells = [_cell(f"×{a:g}", say(Controls(mouth_amplitude=a)), frame) for a in (0.0, 0.5, 1.0, 1.5, 2.0)]
    yield Strip("Mouth amplitude, at the widest opening", cells)


def _brows(say: _Speaker) -> Iterator[Strip]:
    frame = int(say(Controls())("browInnerUp").argmax())
    wishes = [(a, Controls(brow_amplitude=a, blink_rate=0)) for a in (0.0, 0.5, 1.0, 1.5, 2.0)]
    yield Strip("Brow amplitude, at the highest brows", [_cell(f"×{a:g}", say(wish), frame) for a, wish in wishes])


def _distance(say: _Speaker) -> Iterator[Strip]:
    wishes = [(d, Controls(head_distance=d, head_motion=0, blink_rate=0)) for d in (0.7, 0.85, 1.0, 1.2, 1.5)]
    yield Strip("Distance of the head", [_cell(f"×{d:g}", say(wish), 30) for d, wish in wishes], Crop.FRAME)


def _head(say: _Speaker) -> Iterator[Strip]:
    for energy in (0.0, 1.0, 2.0):
        yield Strip(f"Head motion ×{energy:g}", _evenly(say(Controls(head_motion=energy))), Crop.FRAME)


def _acted(say: _Speaker) -> Iterator[Strip]:
    for much in (0.0, 1.0, 2.0):
        yield Strip(f"Expressiveness ×{much:g}", _evenly(say(Controls(expressiveness=much))))


def _seeds(say: _Speaker) -> Iterator[Strip]:
    for seed in (1, 2, 3):
        yield Strip(f"Style of seed {seed}", _evenly(say(Controls(seed=seed))), Crop.FRAME)


def _idle(say: _Speaker) -> Iterator[Strip]:
    motion = say(Controls(seed=5), np.zeros(10 * SAMPLE_RATE, np.float32))
    yield Strip("Silence", _evenly(motion), Crop.FRAME)


def aside(motion: Motion) -> Array:
    """(T,) degrees to the image's right at which the eyes look, from where the head looks."""
    return gaze(motion)[:, 0]


def _cell(label: str, motion: Motion, frame: int) -> Cell:
    return Cell(label, motion[frame : frame + 1])


def _nearest(curve: Array, value: float) -> int:
    """The frame at which a curve, past its first second, is nearest to a value."""
    return 25 + int(np.abs(curve[25:] - value).argmin())


def _evenly(motion: Motion) -> list[Cell]:
    return _timed(motion, ((np.arange(_ROW) + 0.5) * len(motion) / _ROW).astype(int))


def _extremes(motion: Motion, read: Callable[[Motion], Array]) -> list[Cell]:
    """The frame of each of a row's stretches at which a curve is farthest from 0."""
    parts = np.array_split(np.arange(len(motion)), _ROW)
    curve = np.abs(read(motion))
    return _timed(motion, [int(part[curve[part].argmax()]) for part in parts])


def _timed(motion: Motion, frames: Sequence[int] | NDArray[np.intp]) -> list[Cell]:
    return [_cell(f"{(k + 0.5) / motion.fps:.1f} s", motion, int(k)) for k in frames]


def draw_wishes(speech: Speech) -> Image.Image:
    """Curves of the controls that only time shows: lids, glances and heads, a row for each wish."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    def lines(wishes: Sequence[tuple[str, Controls]], read: Callable[[Motion], Array]) -> list[tuple[str, Array]]:
        return [(label, read(animate(speech, controls))) for label, controls in wishes]

    panels = {
        "blinks a minute": lines([(f"{r:g}", Controls(blink_rate=r)) for r in _RATES], lids),
        "look away": lines([(f"{s:g}", Controls(look_away=s, head_motion=0)) for s in _SHARES], aside),
        "head motion": lines([(f"×{e:g}", Controls(head_motion=e)) for e in (0.0, 0.5, 1.0, 2.0)], _yaw),
    }
    figure, axes = pyplot.subplots(4, len(panels), sharex=True, sharey="col", figsize=(20, 5))
    for column, (name, curves) in enumerate(panels.items()):
        axes[0, column].set_title(
            {"blinks a minute": "lids", "look away": "glances, degrees"}.get(name, "yaw, degrees")
        )
        for row, (label, curve) in enumerate(curves):
            axes[row, column].plot((np.arange(len(curve)) + 0.5) / 25, curve, linewidth=1)
            axes[row, column].set_ylabel(f"{name}\n{label}")
    return plotted(figure)


def _yaw(motion: Motion) -> Array:
    return motion.rotation[:, 0].astype(np.float64)
