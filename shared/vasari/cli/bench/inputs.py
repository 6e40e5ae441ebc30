"""What is measured with, and what figures are."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Figures = dict[str, Any]
"""As JSON: numbers by name, in groups. Names end in their unit."""


def portrait() -> Path:
    """The US Navy's photo of Grace Hopper (public domain), which matplotlib carries."""
    import matplotlib

    return Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")


def voice(seconds: int) -> NDArray[np.float32]:
    """(16,000 * seconds,) -1..1: a buzz with the pitch of a voice that opens and closes four times a second. It costs
    what speech costs."""
    import numpy as np

    times = np.arange(16_000 * seconds) / 16_000
    buzz = sum(np.sin(2 * np.pi * 120 * harmonic * times) / harmonic for harmonic in range(1, 20))
    return np.asarray(8000 / 32768 * buzz * np.sin(4 * np.pi * times) ** 2, np.float32)


def speech(folder: Path, seconds: int) -> Path:
    """A file of `voice`."""
    path = folder / f"speech-{seconds}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((32768 * voice(seconds)).astype("<i2").tobytes())
    return path


def middle(values: list[float]) -> float:
    """The median; of an even number the upper one."""
    return sorted(values)[len(values) // 2]
