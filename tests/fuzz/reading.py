"""What is read of films, called in a process of its own by `test_media`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vasari.media.film import Film


def read_film(path: str) -> NDArray[Any]:
    """Its frames per second, and how many frames it has."""
    film = Film.of(Path(path))
    return np.array([film.fps, sum(1 for _ in film)])
