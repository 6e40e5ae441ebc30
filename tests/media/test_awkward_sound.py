"""Sound as people have it: joined, cut, gated, inverted, too loud, late. Lips and video get the same of it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.media.awkward import RATE, Place, Wave, copied, film

from vasari.media.audio_track import encode_speech
from vasari.media.sound import decode_sound
from vasari.media.speech import Speech, read_speech
from vasari.values import InputError, Reason

Record = Callable[[str, Wave, int, str], Path]
Tone = Callable[..., Wave]


def spoken(path: Path, track: int | None = None) -> Speech:
    """What lips move to, once it is known that the video's track is the same sound at the same times."""
    speech = read_speech(path, 60, track=track)
    target = path.with_suffix(".heard.m4a")
    assert encode_speech(path, target, speech.seconds, track=track) == speech.remark
    heard = np.concatenate([block.mean(0) for block in decode_sound(target, 16_000)])[: len(speech.samples)]
    assert len(heard) > len(speech.samples) - 1600
    apart = loudness(speech.samples) - loudness(heard)
    assert np.abs(apart[:-1]).max() < 0.05
    return speech


def loudness(samples: Wave) -> NDArray[np.floating]:
    """Root mean square of each tenth of a second."""
    whole = samples[: len(samples) // 1600 * 1600].reshape(-1, 1600)
    return np.asarray(np.sqrt(np.square(whole).mean(axis=1)))


def pattern(speech: Speech) -> str:
    """A letter for each half second, '#' where a tone of 0.3 sounds all the while, '.' for silence, '?' otherwise."""
    tenths = loudness(speech.samples)
    tenths = tenths[: len(tenths) // 5 * 5].reshape(-1, 5)
    return "".join("#" if min(t) > 0.18 else "." if max(t) < 0.01 else "?" for t in tenths)


def refusal(path: Path, track: int | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        read_speech(path, 60, track=track)
    return caught.value


def without(begin: float, end: float) -> Place:
    """Leave out what lies between two seconds."""
    return lambda _packet, second: None if begin <= second < end else second


# Channels


def test_of_stereo_that_cancels_the_louder_channel_counts(record: Record, tone: Tone) -> None:
    left = tone(2.0, RATE)
    speech = spoken(record("inverted.wav", np.concatenate([left, -0.9 * left]), RATE, "pcm_f32le"))
    assert pattern(speech) == "####"
    assert "channels cancel" in speech.remark
    six = np.concatenate([0 * left, -left, left, 0 * left, 0 * left, 0 * left])
    assert pattern(spoken(record("six.wav", six, RATE, "pcm_f32le"))) == "####"


def test_channels_that_cancel_for_a_while_are_faded_over(record: Record) -> None:
    """For 1.25 s within 4, from zero to zero of a tone."""
    left = 0.3 * np.sin(2 * np.pi * 200 * np.arange(64_000, dtype=np.float32) / 16_000)
    right = left.copy()
    right[21_000:41_000] *= -1
    samples = spoken(record("partly.wav", np.stack([left, right]), 16_000, "pcm_f32le")).samples
    assert np.abs(np.diff(samples)).max() < 1.05 * np.abs(np.diff(left)).max()
    assert (loudness(samples) > 0.18).sum() >= 35
    np.testing.assert_array_equal(samples[:16_000], left[:16_000])


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.6, 1.0])
def test_other_stereo_is_left_as_it_is(record: Record, correlation: float) -> None:
    one, other = np.random.default_rng(1).normal(0, 0.05, (2, 64_000))
    right = correlation * one + np.sqrt(1 - correlation**2) * other
    both = np.stack([one, right]).astype(np.float32)
    path = record("stereo.wav", both, 16_000, "pcm_f32le")
    np.testing.assert_array_equal(np.concatenate(list(decode_sound(path, 16_000)), axis=1), both)
    assert read_speech(path, 60).remark == ""


# Files laid end to end


def id3(size: int) -> bytes:
    """A tag with a cover of so many random bytes."""
    body = b"\0image/jpeg\0\x03\0" + np.random.default_rng(size).bytes(size)
    frame = b"APIC" + struct.pack(">IH", len(body), 0) + body
    return b"ID3\x03\0\0" + bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0)) + frame


def ape(size: int) -> bytes:
    """Another kind of tag, of so many random bytes."""
    ends = [struct.pack("<8sIIII8x", b"APETAGEX", 2000, size + 32, 1, flags) for flags in (0xA0000000, 0x80000000)]
    return ends[0] + np.random.default_rng(size).bytes(size) + ends[1]


@pytest.mark.parametrize(
    "between", [b"", bytes(3000), id3(200), id3(100_000), ape(50_000)], ids=["", "zeros", "tag", "cover", "ape"]
)
def test_joined_mp3s_are_read_one_after_the_other(record: Record, tone: Tone, between: bytes) -> None:
    one = record("one.mp3", tone(1.0, 22_050), 22_050, "libmp3lame").read_bytes()
    other = record("other.mp3", tone(1.5, 44_100, 2), 44_100, "libmp3lame").read_bytes()
    path = record("joined.mp3", tone(0.1, 22_050), 22_050, "libmp3lame")
    path.write_bytes(one + between + other)
    speech = spoken(path)
    assert speech.seconds == pytest.approx(2.5, abs=0.12)
    assert "several files in one" in speech.remark


@pytest.mark.parametrize(
    ("name", "codec"), [("o.ogg", "libopus"), ("w.webm", "libopus"), ("t.ts", "aac"), ("f.flac", "flac")]
)
def test_so_are_other_files_whose_clock_begins_anew(record: Record, tone: Tone, name: str, codec: str) -> None:
    path = record(name, tone(1.5, RATE), RATE, codec)
    path.write_bytes(2 * path.read_bytes())
    speech = spoken(path)
    assert speech.seconds == pytest.approx(3.0, abs=0.08)
    assert (loudness(speech.samples) > 0.15).sum() >= 28


# What was not recorded, or cut away


@pytest.mark.parametrize("name", ["pause.ogg", "pause.webm", "live.webm", "pause.mp4", "pause.ts"])
def test_a_gap_between_time_stamps_is_silence(record: Record, tone: Tone, tmp_path: Path, name: str) -> None:
    """As encoders leave pauses out (DTX), and networks lose packets; live, the header tells no length."""
    whole = record("whole.ogg", tone(6.0, RATE), RATE, "libopus")
    options = {"live": "1"} if name.startswith("live") else {}
    speech = spoken(copied(whole, tmp_path / name, without(2.05, 3.95), **options))
    assert speech.seconds == pytest.approx(6.0, abs=0.05)
    assert pattern(speech)[:11] == "####?..?###"
    assert "1.9 s in which nothing was recorded" in speech.remark


def test_packets_that_come_a_little_late_leave_no_gap(record: Record, tone: Tone, tmp_path: Path) -> None:
    whole = record("whole.ogg", tone(3.0, RATE), RATE, "libopus")
    jittering = copied(whole, tmp_path / "jitter.webm", lambda _, s: s + 0.03 * (s > 1) + 0.03 * (s > 2))
    speech = read_speech(jittering, 60)
    assert (speech.seconds, speech.remark) == (pytest.approx(3.0, abs=0.03), "")


def test_a_clock_that_leaps_by_hours_was_set_anew(record: Record, tone: Tone, tmp_path: Path) -> None:
    whole = record("whole.ogg", tone(3.0, RATE), RATE, "libopus")
    speech = read_speech(copied(whole, tmp_path / "leap.webm", lambda _, s: s if s < 1.5 else s + 5000), 60)
    assert (speech.seconds, speech.remark) == (pytest.approx(3.0, abs=0.03), "")
    minutes = copied(whole, tmp_path / "minutes.webm", lambda _, s: s if s < 1.5 else s + 500)
    assert refusal(minutes).reason is Reason.SPEECH_TOO_LONG


@pytest.mark.parametrize("name", ["cut.flac", "cut.mka", "cut.mp4"])
@pytest.mark.parametrize(("begin", "end"), [(0, 2), (2, 6), (2, 4)])
def test_a_stream_copy_of_a_part_is_read(
    record: Record, tone: Tone, tmp_path: Path, name: str, begin: int, end: int
) -> None:
    """A FLAC keeps the header of the whole, and its stamps."""
    whole = record("whole.flac", tone(6.0, 16_000), 16_000, "flac")
    part = copied(whole, tmp_path / name, lambda _, second: second if begin <= second < end else None)
    speech = spoken(part)
    assert speech.seconds == pytest.approx(end - begin, abs=0.3)
    assert set(pattern(speech)) == {"#"}


# Levels


@pytest.mark.parametrize(
    ("factor", "codec", "peak", "words"),
    [
        (2.0**15, "pcm_f32le", 0.3, "9,830 instead of 1, and are read as 16-bit"),
        (2.0**23, "pcm_f64le", 0.3, "24-bit"),
        (10.0, "pcm_f32le", 1.0, "10 dB above full scale"),
        (3.0, "pcm_f32le", 0.9, ""),
    ],
)
def test_float_sound_beyond_full_scale_is_brought_down(
    record: Record, tone: Tone, factor: float, codec: str, peak: float, words: str
) -> None:
    wave = tone(1.0, 16_000) * np.float32(factor)
    path = record("float.wav", wave, 16_000, codec)
    samples = read_speech(path, 60).samples
    np.testing.assert_allclose(samples, tone(1.0, 16_000)[0] / 0.3 * peak, atol=1e-4)
    assert words in spoken(path).remark


def test_float_sound_beyond_all_bounds_is_refused_with_the_figure(record: Record, tone: Tone) -> None:
    error = refusal(record("float.wav", tone(1.0, 16_000) * np.float32(1e12), 16_000, "pcm_f32le"))
    assert (error.reason, "go up to 3e+11" in error.message) == (Reason.SPEECH_UNREADABLE, True)


# Films


@pytest.mark.parametrize("name", ["late.mp4", "late.mov", "late.mkv", "late.webm", "late.ts"])
@pytest.mark.parametrize("start", [0.0, 20.0])
def test_sound_that_begins_after_the_picture_is_silent_until_then(
    tone: Tone, tmp_path: Path, name: str, start: float
) -> None:
    whole = film(tmp_path / f"whole{Path(name).suffix}", 50, tone(2.0, RATE))
    late = copied(whole, tmp_path / name, lambda p, second: start + second + (p.stream.type == "audio"))
    speech = spoken(late)
    assert speech.seconds == pytest.approx(3.0, abs=0.05)
    assert pattern(speech)[:2] in ("..", ".?")
    assert pattern(speech)[2:5] == "###"
    assert np.flatnonzero(np.abs(speech.samples) > 0.05)[0] / 16_000 == pytest.approx(1.0, abs=0.03)


def test_of_several_tracks_the_first_that_is_not_silent_is_taken(tone: Tone, tmp_path: Path) -> None:
    path = film(tmp_path / "two.mkv", 25, 0 * tone(1.0, RATE), tone(1.0, RATE, 2), tone(2.0, RATE))
    speech = spoken(path)
    assert (pattern(speech), speech.seconds) == ("##", 1.0)
    assert "sound track 1 is silent, so track 2 is taken" in speech.remark
    third = spoken(path, track=3)
    assert (pattern(third), third.remark) == ("####", "")
    assert refusal(path, track=1).reason is Reason.SPEECH_SILENT
    assert "no sound track 4: two.mkv has 3" in refusal(path, track=4).message


def test_a_film_that_was_cut_short_is_refused(tone: Tone, tmp_path: Path) -> None:
    path = film(tmp_path / "film.mkv", 100, tone(4.0, RATE))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "of the 4.0 s" in refusal(path).message
