"""Decoders that break down, loop, swell or hang take only their own process with them."""

from __future__ import annotations

import ctypes
import io
import os
import resource
import signal
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image

from vasari.media.confined import Decoders, _nothing
from vasari.media.portrait import read_portrait
from vasari.media.speech import read_speech
from vasari.values import Cancelled, Fault, InputError, Reason

LIMITS = Decoders(seconds=20, memory_bytes=512 * 2**20)


def crash() -> NDArray[np.float64]:
    ctypes.string_at(0)
    raise AssertionError


def abort() -> NDArray[np.float64]:
    os.abort()


def be_killed() -> NDArray[np.float64]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def spin() -> NDArray[np.float64]:
    while True:
        pass


def hang() -> NDArray[np.float64]:
    time.sleep(600)
    raise AssertionError


def swell() -> NDArray[np.float64]:
    return np.ones(2**28)


def stumble() -> NDArray[np.float64]:
    raise ZeroDivisionError("by zero")


def write_forever(path: Path) -> NDArray[np.float64]:
    path.write_bytes(bytes(100))
    os.truncate(path, 3 * 2**30)
    raise AssertionError


def count() -> NDArray[np.float64]:
    return np.array([resource.getrlimit(resource.RLIMIT_CORE)[0], len(os.environ)])


def run(limits: Decoders, function: Callable[..., NDArray[np.float64]], folder: Path, *arguments: object) -> object:
    return limits._run(_nothing, (Reason.SPEECH_UNREADABLE, "speech"), folder, function, *arguments)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (crash, r"its decoder broke down \(SIGSEGV\)"),
        (abort, r"its decoder broke down \(SIGABRT\)"),
        (spin, "takes longer than 3 s to decode"),
        (hang, "takes longer than 3 s to decode"),
        (swell, "needs more than 512 MiB"),
    ],
)
def test_a_file_that_its_decoder_cannot_bear_is_refused(
    function: Callable[[], NDArray[np.float64]], words: str, tmp_path: Path
) -> None:
    limits = Decoders(seconds=3, memory_bytes=LIMITS.memory_bytes)
    began = time.monotonic()
    with pytest.raises(InputError, match=words) as refused:
        run(limits, function, tmp_path)
    assert refused.value.reason is Reason.SPEECH_UNREADABLE
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("function", "words"), [(be_killed, "ended by SIGKILL"), (stumble, "ZeroDivisionError: by zero")]
)
def test_what_is_not_the_files_fault_is_tried_again(
    function: Callable[[], NDArray[np.float64]], words: str, tmp_path: Path
) -> None:
    with pytest.raises(Fault, match=words) as failed:
        run(LIMITS, function, tmp_path)
    assert failed.value.reason is Reason.INTERNAL


def test_no_file_grows_without_end(tmp_path: Path) -> None:
    with pytest.raises((InputError, Fault)):
        run(LIMITS, write_forever, tmp_path, tmp_path / "large")
    assert (tmp_path / "large").stat().st_size == 100


def test_no_core_is_dumped(tmp_path: Path) -> None:
    answer = run(LIMITS, count, tmp_path)
    assert isinstance(answer, np.ndarray)
    assert answer[0] == 0


def test_who_asks_may_stop_it_at_any_time(tmp_path: Path) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        LIMITS._run(check, (Reason.SPEECH_UNREADABLE, "speech"), tmp_path, hang)
    assert time.monotonic() - began < 10
    assert not [p for p in psutil.Process().children(recursive=True) if p.status() == psutil.STATUS_ZOMBIE]


def test_a_photo_comes_back_as_it_was_decoded() -> None:
    file = io.BytesIO()
    Image.effect_noise((320, 200), 60).convert("RGB").save(file, "PNG")
    np.testing.assert_array_equal(LIMITS.read_portrait(file.getvalue(), 10**6), read_portrait(file.getvalue()))
    with pytest.raises(InputError, match=r"the limit is 0\.01 million") as refused:
        LIMITS.read_portrait(file.getvalue(), 10_000)
    assert refused.value.reason is Reason.PORTRAIT_TOO_LARGE


def test_speech_comes_back_as_it_was_decoded(tmp_path: Path) -> None:
    path, track = tmp_path / "speech.wav", tmp_path / "speech.m4a"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(np.random.default_rng(1).integers(-9000, 9000, 88_200).astype("<i2").tobytes())
    np.testing.assert_array_equal(LIMITS.read_speech(path, 60).samples, read_speech(path, 60).samples)
    with pytest.raises(InputError, match=r"the limit is 0\.5 s"):
        LIMITS.read_speech(path, 0.5)
    LIMITS.encode_speech(path, track, 1.0)
    assert read_speech(track, 60).seconds == pytest.approx(1.0, abs=0.03)


def test_a_photo_that_unpacks_to_more_than_the_memory_is_refused() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (6000, 6000)).save(file, "PNG", compress_level=9)
    with pytest.raises(InputError) as refused:
        Decoders(memory_bytes=64 * 2**20).read_portrait(file.getvalue(), 50_000_000)
    assert refused.value.reason is Reason.PORTRAIT_TOO_LARGE


def test_it_adds_little_to_the_work() -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    LIMITS.read_portrait(file.getvalue(), 10_000)
    began = time.monotonic()
    for _ in range(5):
        LIMITS.read_portrait(file.getvalue(), 10_000)
    assert (time.monotonic() - began) / 5 < 0.5  # a 30th of a second where nothing else runs
