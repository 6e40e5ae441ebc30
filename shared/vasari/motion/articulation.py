"""From sound to lips: a small network that hears how far the lips are open, rounded or pressed together.

Two hidden layers over a quarter of a second of log-mel spectra, in NumPy. `vasari.motion.fit` fitted it on
synthetic speech whose phone times are known; MODEL_CARD.md tells on what, and how well it hears.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from scipy.special import expit

from vasari.motion.speech import Floats
from vasari.motion.visemes import Gesture

OFFSETS: Final = (-14, -10, -7, -5, -3, -2, -1, 0, 1, 2, 3, 5, 7, 10, 14)
"""Ticks around the judged one that the network sees."""
REACH: Final = max(OFFSETS)
WEIGHTS: Final = "articulation.safetensors"


def context(spectra: Floats) -> Floats:
    """(n + 2 REACH, BANDS) -> (n, len(OFFSETS) * BANDS): each inner tick beside its neighbours."""
    n = len(spectra) - 2 * REACH
    return np.concatenate([spectra[REACH + k : REACH + k + n] for k in OFFSETS], 1)


@dataclass(frozen=True, eq=False)
class Articulation:
    """A multilayer perceptron with rectified hidden layers."""

    layers: tuple[tuple[Floats, Floats], ...]
    """Weight (in, out) and bias (out,) of each layer."""
    colour: Floats
    """(BANDS,) the mean spectrum of the voices that it was fitted on: see `Voice.colour`."""
    opening: tuple[float, float]
    """What it says of those voices when they shut and open their lips: see `Voice.opening`."""

    @classmethod
    def load(cls) -> Self:
        """The weights that come with the package."""
        return cls.from_arrays(load(files(__package__).joinpath(WEIGHTS).read_bytes()))

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.float16]]) -> Self:
        wide = {name: array.astype(np.float32) for name, array in arrays.items()}
        layers = tuple((wide[f"weight{i}"], wide[f"bias{i}"]) for i in range(3))
        low, high = wide["opening"]
        return cls(layers, wide["colour"], (float(low), float(high)))

    def to_arrays(self) -> dict[str, NDArray[np.float16]]:
        arrays = {"colour": self.colour, "opening": np.array(self.opening)}
        for i, (weight, bias) in enumerate(self.layers):
            arrays |= {f"weight{i}": weight, f"bias{i}": bias}
        return {name: np.ascontiguousarray(array, np.float16) for name, array in arrays.items()}

    def __call__(self, spectra: Floats) -> Floats:
        """(n + 2 REACH, BANDS) spectra as `Voice.normalised` gives them -> (n, 6) curves in the order of `Gesture`."""
        x = context(spectra)
        for weight, bias in self.layers[:-1]:
            x = np.maximum(x @ weight + bias, 0.0)
        weight, bias = self.layers[-1]
        y = x @ weight + bias
        y[:, Gesture.BILABIAL :] = expit(y[:, Gesture.BILABIAL :])
        return y


@cache
def articulation() -> Articulation:
    return Articulation.load()
