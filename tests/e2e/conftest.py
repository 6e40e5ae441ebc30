"""The whole stack, started once: real servers, real services, real media."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import matplotlib
import numpy as np
import pytest
from tests.telemetry.collector import Collector

from vasari.client import Client
from vasari.config import Settings
from vasari.local.stack import Stack

ROOT = Path(__file__).parents[2]
SPEECH = ROOT / "samples" / "speech.flac"
PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
DEV_DATA = ROOT.parent / "shared" / "data"
"""Portraits and speech for development; not part of the project."""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """What receives the traces of the stack."""
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        with Stack(tmp_path_factory.mktemp("stack"), {"render": 2}) as stack:
            yield stack


@pytest.fixture
def own_settings(stack: Stack) -> Settings:
    """Those of the stack's services, to look behind the API."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.environment.items():
            patch.setenv(name, value)
        return Settings()


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.address) as client:
        yield client


@pytest.fixture
def vasari(stack: Stack) -> Run:
    """Run the command line against the stack."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command: Sequence[str | Path] = [Path(sys.executable).with_name("vasari"), *arguments]
        environment = {**os.environ, "VASARI_TARGET": stack.address, "COLUMNS": "200"}
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240)

    return run


@pytest.fixture(scope="session")
def speech_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Path]:
    """The sample of speech, over and over, for some seconds."""

    def make(seconds: float) -> Path:
        target = tmp_path_factory.mktemp("speech") / f"{seconds:g}.wav"
        with av.open(str(SPEECH)) as source:
            rate = source.streams.audio[0].rate
            resampler = av.AudioResampler("s16", "mono", rate)
            frames = [part for frame in source.decode(audio=0) for part in resampler.resample(frame)]
        once = np.concatenate([frame.to_ndarray()[0] for frame in frames])
        samples = np.resize(once, int(seconds * rate))
        with av.open(str(target), "w") as output:
            stream = output.add_stream("pcm_s16le", rate=rate, layout="mono")
            for start in range(0, len(samples), rate):
                frame = av.AudioFrame.from_ndarray(samples[None, start : start + rate], "s16", "mono")
                frame.rate = rate
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return target

    return make
