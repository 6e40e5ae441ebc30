"""Films are read at a rate that their pictures have, by the clock of picture and sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.media.awkward import FPS, RATE, Wave, copied, film

from vasari.media.film import Film, has_pictures
from vasari.values import InputError

Tone = Callable[..., Wave]
Record = Callable[[str, Wave, int, str], Path]


def shown(path: Path) -> list[int]:
    """Which picture each frame shows, by its brightness."""
    return [round(float(frame.mean()) / 2) for frame in Film.of(path)]


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".ts"])
def test_an_even_film_is_read_picture_by_picture(tmp_path: Path, suffix: str) -> None:
    path = film(tmp_path / f"film{suffix}", 50)
    assert (Film.of(path).fps, Film.of(path).expected_frames) == (FPS, 50)
    assert np.abs(np.array(shown(path)) - np.arange(50)).max() <= 1


def test_a_webcams_pictures_come_unevenly_and_its_header_tells_no_rate(tmp_path: Path) -> None:
    """As browsers record; what FFmpeg guesses of it is 1000 a second."""
    chance = np.random.default_rng(4)
    seconds = np.cumsum(chance.choice([0.033, 0.05, 0.04, 0.034, 0.066], 97))
    whole = film(tmp_path / "whole.webm", 97)
    path = copied(whole, tmp_path / "webcam.webm", lambda _, s: float(seconds[round(s * FPS)]), live="1")
    read = Film.of(path)
    assert 20 <= read.fps <= 25
    frames = shown(path)
    assert abs(len(frames) - 97) <= 3
    late = np.arange(len(frames)) / read.fps - (seconds[frames] - seconds[0])
    assert late.min() > -0.03
    assert late.max() < 0.14


def test_few_pictures_stand_and_too_many_are_left_out(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.webm", 100)
    slides = copied(whole, tmp_path / "slides.webm", lambda _, s: 50 * s if s < 0.1 else None)
    assert (Film.of(slides).fps, shown(slides)) == (10, [0] * 20 + [1] * 20 + [2])
    slow_motion = copied(whole, tmp_path / "slow.webm", lambda _, s: s / 8)
    assert (Film.of(slow_motion).fps, len(shown(slow_motion))) == (60, pytest.approx(30, abs=1))


def test_a_picture_that_begins_after_the_sound_stands_until_then(tone: Tone, tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mkv", 25, tone(2.0, RATE))
    late = copied(whole, tmp_path / "late.mkv", lambda p, s: 10 + s + 0.4 * (p.stream.type == "video"))
    assert shown(late)[:12] == [0] * 11 + [1]
    early = copied(whole, tmp_path / "early.mkv", lambda p, s: 10 + s + 0.4 * (p.stream.type == "audio"))
    assert shown(early)[:3] == [0, 1, 2]


def test_a_clock_that_leaps_by_hours_or_back_was_set_anew(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.webm", 50)
    leap = copied(whole, tmp_path / "leap.webm", lambda _, s: s if s < 1 else s + 90_000)
    assert len(shown(leap)) == pytest.approx(50, abs=2)
    twice = tmp_path / "twice.webm"
    twice.write_bytes(2 * whole.read_bytes())
    assert len(shown(twice)) == pytest.approx(100, abs=3)
    hole = copied(whole, tmp_path / "hole.webm", lambda _, s: s if s < 1 else s + 2)
    assert len(shown(hole)) == 100


def test_damage_costs_pictures_but_no_time(tmp_path: Path) -> None:
    path = film(tmp_path / "film.ts", 50)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 100] = np.random.default_rng(1).bytes(100)
    path.write_bytes(data)
    assert len(shown(path)) == pytest.approx(50, abs=2)


def test_what_is_no_film(record: Record, tone: Tone) -> None:
    path = record("sound.wav", tone(0.2, 16_000), 16_000, "pcm_s16le")
    assert not has_pictures(path)
    with pytest.raises(InputError, match=r"sound\.wav has no picture"):
        Film.of(path)
    path.write_text("hello")
    with pytest.raises(InputError, match=r"sound\.wav is not a video"):
        Film.of(path)
