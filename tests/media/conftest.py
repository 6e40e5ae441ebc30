from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

Record = Callable[..., Path]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Write float sound, (channels, n), to a file with a codec: what a user's recorder does."""

    def write(name: str, sound: NDArray[np.float32], rate: int, codec: str) -> Path:
        path = tmp_path / name
        layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(sound)]
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=rate, layout=layout)
            assert isinstance(stream, av.AudioStream)
            if sound.size == 0:
                container.start_encoding()
                return path
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound, np.float32), "fltp", layout)
            frame.sample_rate, frame.pts = rate, 0
            for converted in av.AudioResampler(stream.format or "s16", layout, rate).resample(frame):
                container.mux(stream.encode(converted))
            container.mux(stream.encode(None))
        return path

    return write


class Stopped(Exception):
    """What the checks of these tests raise."""


@pytest.fixture
def stop_at() -> Callable[[int], Callable[[], None]]:
    """A check that raises Stopped when it is called for the nth time, and fails the test if it is called again."""

    def make(nth: int) -> Callable[[], None]:
        calls = iter(range(1, nth + 1))

        def check() -> None:
            if next(calls) == nth:
                raise Stopped

        return check

    return make


@pytest.fixture
def tone() -> Callable[..., NDArray[np.float32]]:
    """(channels, n) of a 220 Hz tone with a peak of 0.3, equal in all channels."""

    def make(seconds: float, rate: int, channels: int = 1) -> NDArray[np.float32]:
        wave = 0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)
        return np.tile(wave.astype(np.float32), (channels, 1))

    return make
