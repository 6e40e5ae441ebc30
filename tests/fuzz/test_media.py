"""Broken files at the media doors: each is read or refused in words, and no decoder takes its caller with it.

`make fuzz` tries many more than `make test`.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.fuzz.corpus import (
    FILMS,
    MOTIONS,
    PICTURES,
    SOUNDS,
    STAMPED,
    broken,
    film,
    leaping,
    motion,
    picture,
    sound,
)
from tests.fuzz.reading import read_film

from vasari.media.confined import Decoders
from vasari.media.motion_file import HEAD_BYTES, check_motion_head
from vasari.media.portrait_header import check_portrait_header
from vasari.values import InputError, Reason

TRIES = int(os.environ.get("FUZZ", "15"))
"""Broken files of each kind."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))
DECODERS = Decoders(seconds=20, memory_bytes=2**30)
REFUSALS = {
    "portrait": {Reason.PORTRAIT_UNREADABLE, Reason.PORTRAIT_TOO_LARGE},
    "motion": {Reason.MOTION_UNREADABLE, Reason.MOTION_TOO_LONG},
    "film": {Reason.INVALID_REQUEST},
    "speech": {Reason.SPEECH_UNREADABLE, Reason.SPEECH_EMPTY, Reason.SPEECH_SILENT, Reason.SPEECH_TOO_LONG},
}


def refused(error: InputError, door: str) -> str:
    """In one word; only reasons of that door will do."""
    assert error.reason in REFUSALS[door]
    return "decoder broke down" if "broke down" in error.message else error.reason


Break = Callable[[bytes, random.Random], bytes]


def try_door(
    door: str, name: str, tries: int, whole: bytes, attempt: Callable[[bytes], None], spoil: Break = broken
) -> None:
    """Break a file again and again, and try each; only what the door refuses in words may go wrong."""
    chance, outcomes = random.Random(f"{SEED} {name}"), Counter[str]()
    for _ in range(tries):
        try:
            attempt(spoil(whole, chance))
            outcomes["accepted"] += 1
        except InputError as error:
            outcomes[refused(error, door)] += 1
    print(f"\n{name}, seed {SEED}: {outcomes.total()} files, {dict(outcomes.most_common())}")


@pytest.mark.parametrize("kind", SOUNDS)
@pytest.mark.timeout(36_000)
def test_broken_speech(kind: str, tmp_path: Path) -> None:
    def read(content: bytes) -> None:
        (tmp_path / "speech").write_bytes(content)
        speech = DECODERS.read_speech(tmp_path / "speech", 60)
        assert np.isfinite(speech.samples).all()
        assert abs(speech.samples).max() <= 1
        assert speech.seconds <= 60.1

    try_door("speech", kind, TRIES, sound(kind), read)


@pytest.mark.parametrize("kind", STAMPED)
@pytest.mark.timeout(36_000)
def test_speech_whose_clock_leaps(kind: str, tmp_path: Path) -> None:
    def read(content: bytes) -> None:
        (tmp_path / "speech").write_bytes(content)
        speech = DECODERS.read_speech(tmp_path / "speech", 60)
        assert abs(speech.samples).max() <= 1
        DECODERS.encode_speech(tmp_path / "speech", tmp_path / "sound.m4a", speech.seconds)

    def spoil(whole: bytes, chance: random.Random) -> bytes:
        leapt = leaping(whole, kind, chance)
        return broken(leapt, chance) if chance.random() < 0.3 else leapt

    try_door("speech", f"{kind} leaping", TRIES, sound(kind), read, spoil)


@pytest.mark.parametrize("kind", FILMS)
@pytest.mark.timeout(36_000)
def test_broken_films(kind: str, tmp_path: Path) -> None:
    def read(content: bytes) -> None:
        (tmp_path / "film").write_bytes(content)
        fps, frames = DECODERS.run(Reason.INVALID_REQUEST, lambda: None, read_film, str(tmp_path / "film"))
        assert 0 < fps <= 60
        assert frames > 0

    def spoil(whole: bytes, chance: random.Random) -> bytes:
        return leaping(whole, kind, chance) if chance.random() < 0.5 else broken(whole, chance)

    try_door("film", f"{kind} film", TRIES, film(kind), read, spoil)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.timeout(36_000)
def test_broken_portraits(kind: str) -> None:
    def read(content: bytes) -> None:
        assert DECODERS.read_portrait(content, 10**6).shape[2] == 3

    try_door("portrait", kind, TRIES, picture(kind), read)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.timeout(36_000)
def test_broken_headers(kind: str) -> None:
    """What the gateway reads of a portrait, in its own process."""

    def check(content: bytes) -> None:
        width, height = check_portrait_header(content, 10**6)
        assert 0 < width * height <= 10**6

    try_door("portrait", f"{kind} header", 20 * TRIES, picture(kind), check)


@pytest.mark.parametrize("kind", MOTIONS)
@pytest.mark.timeout(36_000)
def test_broken_motions(kind: str, tmp_path: Path) -> None:
    def read(content: bytes) -> None:
        (tmp_path / "motion").write_bytes(content)
        played = DECODERS.read_motion(tmp_path / "motion", 25, 60)
        assert 0 < len(played) <= 60 * 25
        assert np.isfinite(played.rotation).all()

    try_door("motion", kind, TRIES, motion(kind), read)


@pytest.mark.parametrize("kind", MOTIONS)
@pytest.mark.timeout(36_000)
def test_broken_beginnings(kind: str) -> None:
    """What the gateway reads of a motion file, in its own process."""
    try_door(
        "motion", f"{kind} head", 20 * TRIES, motion(kind), lambda content: check_motion_head(content[:HEAD_BYTES])
    )


@pytest.mark.parametrize("kind", SOUNDS)
def test_unbroken_they_are_read(kind: str, tmp_path: Path) -> None:
    (tmp_path / "speech").write_bytes(sound(kind))
    assert DECODERS.read_speech(tmp_path / "speech", 60).seconds == pytest.approx(1 / 3, abs=0.1)


@pytest.mark.parametrize("kind", FILMS)
def test_unbroken_they_are_shown(kind: str, tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(film(kind))
    fps, frames = read_film(str(tmp_path / "film"))
    assert (fps, frames) == (25, pytest.approx(10, abs=1))
