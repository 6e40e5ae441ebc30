"""Curves of filmed people beside those that are generated for what they say: no face is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib
import numpy as np

from vasari.evaluation.figures import Show
from vasari.evaluation.filmed import FPS, Filmed, best_lag
from vasari.evaluation.lips import lip_gap
from vasari.motion import animate
from vasari.values import Controls

_CLIPS: Final = 3
_SECONDS: Final = 10


def draw_curves(clips: Sequence[Filmed], picture: Path, show: Show) -> None:
    """Yaw, pitch, roll and the opening of the lips, a column for each clip; lips over their 95th percentile."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    chosen = clips[:_CLIPS]
    figure, axes = pyplot.subplots(4, len(chosen), sharex="col", sharey="row", squeeze=False, figsize=(12, 7))
    for column, filmed in enumerate(chosen):
        show("curves", column, len(chosen))
        motion = animate(filmed.samples, Controls(seed=column))
        gap = lip_gap(motion)
        later = best_lag(gap, filmed.opening)
        span = min(len(motion), len(filmed.rotation), _SECONDS * FPS)
        times = np.arange(span) / FPS
        for row, axis in enumerate(("yaw", "pitch", "roll")):
            angles = filmed.rotation[:span, row]
            axes[row, column].plot(times - later / FPS, angles - angles.mean(), label="filmed", linewidth=1)
            axes[row, column].plot(times, motion.rotation[:span, row], label="generated", linewidth=1)
            axes[row, 0].set_ylabel(f"{axis}, degrees")
        for curve, shift in ((filmed.opening, later), (gap, 0)):
            axes[3, column].plot(times - shift / FPS, curve[:span] / np.percentile(curve, 95), linewidth=1)
        axes[0, column].set_title(f"speaker {column + 1}")
        axes[3, column].set_xlabel("seconds")
    axes[3, 0].set_ylabel("lips' opening")
    axes[0, 0].legend(loc="upper right")
    figure.tight_layout()
    figure.savefig(picture, dpi=80)
    pyplot.close(figure)
    show("curves", len(chosen), len(chosen))
