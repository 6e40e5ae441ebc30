"""What a filmed speaker's lips and head do, beside what is heard: what generated motion is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from vasari.face.finding.mesh import head_angles
from vasari.face.tracking.track import track_faces
from vasari.media.film import Film
from vasari.media.speech import read_speech
from vasari.values import InputError, Reason

Array = NDArray[np.float64]

FPS: Final = 25
_GAPS: Final = ((13, 14), (82, 87), (312, 317))
"""Inner margins of the lips: the middle, and to either side of it."""
_DRIFT: Final = 1.0
"""Seconds: what is slower than this is not speech, and is taken away before curves are compared."""
MOST_LAG: Final = 12


@dataclass(frozen=True, eq=False)
class Filmed:
    """A clip, at 25 frames per second whatever it was filmed at; frame k shows k / 25 s."""

    samples: NDArray[np.float32]
    """(S,) mono, 16 kHz."""
    points: Array
    """(T, 478, 3) landmarks over the distance of the outer corners of the eyes: head turns and distances cancel in
    lengths between them."""
    rotation: Array
    """(T, 3) yaw, pitch, roll in degrees."""

    @classmethod
    def read(cls, path: Path, max_seconds: float = 3600.0) -> Filmed:
        """Track a clip.

        Raises:
            InputError: it has no sound, or hardly ever shows a face.
        """
        samples = read_speech(path, max_seconds).samples
        film = Film.of(path)
        track = track_faces(film)
        found = track.found
        if found.sum() < 2:
            raise InputError(Reason.NO_FACE, f"{path.name} does not show a face that speaks")
        shown = np.arange(len(found)) / film.fps
        times = np.arange(int(shown[-1] * FPS)) / FPS

        def at_25(curves: NDArray[Any]) -> Array:
            flat = curves[found].reshape(found.sum(), -1)
            columns = [np.interp(times, shown[found], column) for column in flat.T]
            return np.stack(columns, 1).reshape(len(times), *curves.shape[1:])

        landmarks = at_25(track.landmarks)
        apart = np.linalg.norm(landmarks[:, 33] - landmarks[:, 263], axis=1)
        return cls(samples, landmarks / apart[:, None, None], at_25(head_angles(track.landmarks)))

    @cached_property
    def opening(self) -> Array:
        """(T,) how far the lips are apart."""
        return np.asarray(np.mean([self._length(a, b) for a, b in _GAPS], 0))

    @cached_property
    def width(self) -> Array:
        """(T,) from corner to corner of the mouth."""
        return self._length(61, 291)

    def _length(self, a: int, b: int) -> Array:
        return np.asarray(np.linalg.norm(self.points[:, a] - self.points[:, b], axis=1))


def without_drift(curve: NDArray[np.floating[Any]]) -> Array:
    """Mean 0, standard deviation 1, and nothing slower than a second."""
    quick = curve - gaussian_filter1d(curve, _DRIFT * FPS, mode="nearest")
    return np.asarray((quick - quick.mean()) / (quick.std() + 1e-9))


def correlation(curve: Array, filmed: Array, lag: int) -> float:
    """Pearson's r with what was filmed `lag` frames later."""
    length = min(len(curve), len(filmed))
    a, b = without_drift(curve[:length]), without_drift(filmed[:length])
    return float(np.corrcoef(a[max(-lag, 0) : length - max(lag, 0)], b[max(lag, 0) : length - max(-lag, 0)])[0, 1])


def best_lag(curve: Array, filmed: Array) -> int:
    """Frames by which a film's picture comes after its sound: where the correlation is largest."""
    return max(range(-MOST_LAG, MOST_LAG + 1), key=lambda lag: correlation(curve, filmed, lag))
