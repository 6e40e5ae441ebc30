"""Decoders that break down, loop, swell or hang take only their own process with them."""

from __future__ import annotations

import io
import time
import wave
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from tests.media import misbehaving
from tests.media.misbehaving import Array

from vasari.media.confined import Decoders
from vasari.media.portrait import read_portrait
from vasari.media.speech import read_speech
from vasari.values import Cancelled, Fault, InputError, Reason


@pytest.fixture(scope="module")
def decoders() -> Decoders:
    return Decoders(seconds=3, memory_bytes=512 * 2**20)


def call(decoders: Decoders, name: str, *arguments: str) -> Array:
    return decoders.run(Reason.SPEECH_UNREADABLE, lambda: None, getattr(misbehaving, name), *arguments)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("crash", r"the speech cannot be read: its decoder broke down \(SIGSEGV\)"),
        ("abort", r"its decoder broke down \(SIGABRT\)"),
        ("spin", "takes longer than 3 s to decode"),
        ("hang", "takes longer than 3 s to decode"),
        ("swell", "needs more than 512 MiB"),
    ],
)
def test_a_file_that_its_decoder_cannot_bear_is_refused(decoders: Decoders, name: str, words: str) -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match=words) as refused:
        call(decoders, name)
    assert refused.value.reason is Reason.SPEECH_UNREADABLE
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("be_killed", "ended by SIGKILL"),
        ("leave", "ended by exit code 3"),
        ("stumble", "ZeroDivisionError: by zero"),
    ],
)
def test_what_is_not_the_files_fault_is_tried_again(decoders: Decoders, name: str, words: str) -> None:
    with pytest.raises(Fault, match=words) as failed:
        call(decoders, name)
    assert failed.value.reason is Reason.INTERNAL


def test_no_file_grows_without_end(decoders: Decoders, tmp_path: Path) -> None:
    with pytest.raises((InputError, Fault)):
        call(decoders, "write_too_much", str(tmp_path / "large"))
    assert (tmp_path / "large").stat().st_size == 100


def test_each_file_has_a_process_that_knows_nothing(decoders: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VASARI_S3_SECRET_KEY", "secret")
    one, two = call(Decoders(), "describe"), call(decoders, "describe")
    assert one[0] != two[0]
    assert list(one[2:]) == [0, 0]


def test_what_they_are_forked_from_is_started_again(decoders: Decoders) -> None:
    parent = int(call(decoders, "describe")[1])
    psutil.Process(parent).kill()
    time.sleep(0.5)
    assert int(call(decoders, "describe")[1]) != parent


def test_who_asks_may_stop_it_at_any_time(decoders: Decoders) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        decoders.run(Reason.SPEECH_UNREADABLE, check, misbehaving.hang)
    assert time.monotonic() - began < 2
    parent = psutil.Process(int(call(decoders, "describe")[1]))
    assert parent.children() == []


def test_a_photo_comes_back_as_it_was_decoded(decoders: Decoders) -> None:
    file = io.BytesIO()
    Image.effect_noise((320, 200), 60).convert("RGB").save(file, "PNG")
    np.testing.assert_array_equal(decoders.read_portrait(file.getvalue(), 10**6), read_portrait(file.getvalue()))
    with pytest.raises(InputError, match=r"the limit is 0\.01 million") as refused:
        decoders.read_portrait(file.getvalue(), 10_000)
    assert refused.value.reason is Reason.PORTRAIT_TOO_LARGE


def test_speech_comes_back_as_it_was_decoded(decoders: Decoders, tmp_path: Path) -> None:
    path, track = tmp_path / "speech.wav", tmp_path / "speech.m4a"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(np.random.default_rng(1).integers(-9000, 9000, 88_200).astype("<i2").tobytes())
    np.testing.assert_array_equal(decoders.read_speech(path, 60).samples, read_speech(path, 60).samples)
    with pytest.raises(InputError, match=r"the limit is 0\.5 s"):
        decoders.read_speech(path, 0.5)
    decoders.encode_speech(path, track, 1.0)
    assert read_speech(track, 60).seconds == pytest.approx(1.0, abs=0.03)


def test_a_photo_that_unpacks_to_more_than_the_memory_is_refused() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (6000, 6000)).save(file, "PNG", compress_level=9)
    with pytest.raises(InputError, match="needs more than 64 MiB") as refused:
        Decoders(memory_bytes=64 * 2**20).read_portrait(file.getvalue(), 50_000_000)
    assert refused.value.reason is Reason.PORTRAIT_UNREADABLE


def test_it_adds_little_to_the_work(decoders: Decoders) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    decoders.read_portrait(file.getvalue(), 10_000)
    began = time.monotonic()
    for _ in range(5):
        decoders.read_portrait(file.getvalue(), 10_000)
    assert (time.monotonic() - began) / 5 < 0.5  # a 30th of a second where nothing else runs
