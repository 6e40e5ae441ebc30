"""A filmed face is captured, drawn on its own calmest frame and tracked again: does what was seen come back?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vasari.evaluation.figures import Show
from vasari.evaluation.seen import seen_curves
from vasari.face.tracking.capture import capture_film
from vasari.face.tracking.track import track_faces
from vasari.media.film import Film
from vasari.render import Renderer, RenderOptions
from vasari.values import InputError, Reason

_FEWEST: Final = 10
"""Frames in which both faces are found."""


class Again(NamedTuple):
    """One curve, filmed and drawn."""

    r: float
    """Pearson's."""
    gain: float
    """Standard deviation of the drawn curve over that of the filmed one."""

    def __str__(self) -> str:
        return f"{self.r:.2f}/{self.gain:.2f}"


def measure_again(paths: Sequence[Path], device: str, show: Show) -> dict[str, dict[str, Again]]:
    """The curves of `seen_curves` by clip, and their mean over the clips, under "mean".

    Raises:
        InputError: a film cannot be used.
    """
    found: dict[str, dict[str, Again]] = {}
    for path in paths:
        show("clips", len(found), len(paths))
        found[path.stem] = _again(Film.of(path), device)
    show("clips", len(found), len(paths))
    return found | {"mean": _mean(list(found.values()))}


def _again(film: Film, device: str) -> dict[str, Again]:
    captured = capture_film(film, film.fps, device)
    renderer = Renderer(captured.appearance, RenderOptions(), device)
    pictures = (frame for batch in renderer.pictures(captured.motion) for frame in batch)
    drawn = track_faces(pictures, device).landmarks
    both = np.isfinite(captured.landmarks[:, 0, 0]) & np.isfinite(drawn[:, 0, 0])
    if both.sum() < _FEWEST:
        raise InputError(Reason.NO_FACE, f"{film.path.name} hardly shows a face")
    return compared(seen_curves(captured.landmarks[both]), seen_curves(drawn[both]))


def compared(filmed: Mapping[str, NDArray[np.float64]], drawn: Mapping[str, NDArray[np.float64]]) -> dict[str, Again]:
    """(T,) curves by name, filmed and drawn."""
    return {
        name: Again(float(np.corrcoef(curve, drawn[name])[0, 1]), float(drawn[name].std() / curve.std()))
        for name, curve in filmed.items()
    }


def _mean(clips: Sequence[Mapping[str, Again]]) -> dict[str, Again]:
    return {name: Again(*(float(np.mean([clip[name][k] for clip in clips])) for k in (0, 1))) for name in clips[0]}
