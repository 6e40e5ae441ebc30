"""Speech: any sound file becomes 16 kHz mono, or a reason why not."""

import struct
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.media.conftest import Stopped

from vasari.media.speech import Speech, read_speech
from vasari.values import InputError, Reason

Record = Callable[[str, NDArray[np.float32], int, str], Path]
Tone = Callable[..., NDArray[np.float32]]
StopAt = Callable[[int], Callable[[], None]]


def refusal(path: Path, max_seconds: float = 60) -> InputError:
    with pytest.raises(InputError) as caught:
        read_speech(path, max_seconds)
    assert "Traceback" not in caught.value.message
    assert "av." not in caught.value.message
    return caught.value


def is_tone(speech: Speech) -> bool:
    """220 Hz with a peak of 0.3 over the whole length."""
    spectrum = np.abs(np.fft.rfft(speech.samples))
    loudest = np.argmax(spectrum) / speech.seconds
    return bool(abs(loudest - 220) < 2 and abs(np.percentile(np.abs(speech.samples), 99) - 0.3) < 0.03)


@pytest.mark.parametrize(
    ("name", "rate", "channels", "codec"),
    [
        ("telephone.wav", 8_000, 1, "pcm_s16le"),
        ("eight_bit.wav", 11_025, 1, "pcm_u8"),
        ("studio.wav", 96_000, 2, "pcm_f32le"),
        ("cd.flac", 44_100, 2, "flac"),
        ("podcast.mp3", 44_100, 2, "libmp3lame"),
        ("phone.m4a", 48_000, 1, "aac"),
        ("chat.ogg", 48_000, 1, "libopus"),
        ("chat.opus", 48_000, 2, "libopus"),
        ("browser.webm", 48_000, 1, "libopus"),
        ("surround.mka", 48_000, 6, "ac3"),
    ],
)
def test_formats(record: Record, tone: Tone, name: str, rate: int, channels: int, codec: str) -> None:
    speech = read_speech(record(name, tone(2.0, rate, channels), rate, codec), 60)
    assert speech.samples.dtype == np.float32
    assert speech.samples.ndim == 1
    assert abs(speech.seconds - 2.0) < 0.06  # encoders fill their last frame
    assert is_tone(speech)


def video_with_sound(path: Path, tone: NDArray[np.float32], picture_first: bool) -> Path:
    with av.open(str(path), "w") as container:
        kinds = ("libx264", "aac") if picture_first else ("aac", "libx264")
        for kind in kinds:
            container.add_stream(kind, rate=25 if kind == "libx264" else 48_000)
        (video,), (audio,) = container.streams.video, container.streams.audio
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        for index in range(50):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index, np.uint8), "rgb24")
            picture.pts = index
            container.mux(video.encode(picture))
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2, axis=0), "fltp", "stereo")
        frame.sample_rate, frame.pts = 48_000, 0
        for stream in (video, audio):
            container.mux([*(audio.encode(frame) if stream is audio else []), *stream.encode(None)])
    return path


@pytest.mark.parametrize("picture_first", [True, False])
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
def test_sound_of_a_video(tmp_path: Path, tone: Tone, suffix: str, picture_first: bool) -> None:
    assert is_tone(read_speech(video_with_sound(tmp_path / f"v.{suffix}", tone(2.0, 48_000), picture_first), 60))


def test_cover_art_is_no_sound(tmp_path: Path, record: Record, tone: Tone) -> None:
    song = record("song.mp3", tone(1.0, 44_100), 44_100, "libmp3lame").read_bytes()
    # ID3v2.3 tag with one APIC frame: a picture that players and demuxers show as a stream of its own.
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001"
        "f61738550000000049454e44ae426082"
    )
    body = b"\0image/png\0\x03\0" + png
    frame = b"APIC" + struct.pack(">IH", len(body), 0) + body
    size = len(frame)
    tag = b"ID3\x03\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + frame
    path = tmp_path / "cover.mp3"
    path.write_bytes(tag + song[song.index(b"\xff\xfb") :])
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["audio", "video"]
    assert is_tone(read_speech(path, 60))


def test_channels_are_mixed_by_their_mean(record: Record, tone: Tone) -> None:
    left = np.concatenate([tone(1.0, 16_000), np.zeros((1, 16_000), np.float32)])
    speech = read_speech(record("left.wav", left, 16_000, "pcm_f32le"), 60)
    np.testing.assert_allclose(speech.samples, left[0] / 2, atol=1e-6)


def test_nan_and_infinity_become_silence(record: Record, tone: Tone) -> None:
    wave = tone(1.0, 44_100)
    wave[0, 1000], wave[0, 2000], wave[0, 3000], wave[0, 4000] = np.nan, np.inf, -np.inf, 5.0
    speech = read_speech(record("odd.wav", wave, 44_100, "pcm_f32le"), 60)
    assert np.isfinite(speech.samples).all()
    assert np.abs(speech.samples).max() <= 1
    assert is_tone(speech)


@pytest.mark.parametrize(
    "content", [b"", b"good morning" * 500, b"RIFF\x24\0\0\0WAVEfmt ", b"ID3" + bytes(100), b"OggS" + bytes(300)]
)
def test_not_a_sound_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(content)
    assert refusal(path).reason is Reason.SPEECH_UNREADABLE


def test_playlist_opens_no_other_file(tmp_path: Path, record: Record, tone: Tone) -> None:
    record("other.mp3", tone(1.0, 44_100), 44_100, "libmp3lame")
    playlist = tmp_path / "speech.m3u8"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.mp3\n#EXT-X-ENDLIST\n")
    assert refusal(playlist).reason is Reason.SPEECH_UNREADABLE


def test_video_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    error = refusal(path)
    assert (error.reason, "no sound track" in error.message) == (Reason.SPEECH_UNREADABLE, True)


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_empty(record: Record, tone: Tone, seconds: float) -> None:
    assert refusal(record("short.wav", tone(seconds, 16_000), 16_000, "pcm_s16le")).reason is Reason.SPEECH_EMPTY


@pytest.mark.parametrize(("peak", "silent"), [(0.0, True), (0.0008, True), (0.0012, False)])
def test_silence(record: Record, tone: Tone, peak: float, silent: bool) -> None:
    path = record("quiet.wav", tone(1.0, 16_000) / 0.3 * peak, 16_000, "pcm_f32le")
    if silent:
        assert refusal(path).reason is Reason.SPEECH_SILENT
    else:
        assert read_speech(path, 60).seconds == 1.0


def test_pause_inside_speech_is_fine(record: Record, tone: Tone) -> None:
    pause = np.concatenate([tone(0.5, 16_000), np.zeros((1, 32_000), np.float32), tone(0.5, 16_000)], axis=1)
    assert read_speech(record("pause.wav", pause, 16_000, "pcm_s16le"), 60).seconds == 3.0


def test_limit_of_length(record: Record, tone: Tone) -> None:
    path = record("long.flac", tone(3.0, 16_000), 16_000, "flac")
    assert read_speech(path, 3.0).seconds == 3.0
    error = refusal(path, 2.5)
    assert error.reason is Reason.SPEECH_TOO_LONG
    assert "3.0 s long, the limit is 2.5 s" in error.message


def test_over_long_file_is_not_decoded_whole(record: Record) -> None:
    """An hour of silence is a FLAC of a few kilobytes; the running limit ends it after a minute."""
    path = record("bomb.flac", np.zeros((1, 3600 * 4000), np.float32), 4_000, "flac")
    begin = time.perf_counter()
    assert refusal(path, 60).reason is Reason.SPEECH_TOO_LONG
    assert time.perf_counter() - begin < 0.5


def test_reading_stops_when_the_check_raises(record: Record, tone: Tone, stop_at: StopAt) -> None:
    """Several checks for each second of sound; decoding is some hundred times as fast as that."""
    path = record("long.wav", tone(10.0, 44_100), 44_100, "pcm_s16le")
    with pytest.raises(Stopped):
        read_speech(path, 60, stop_at(40))


@pytest.mark.parametrize("claim", [0, 100_000_000, 0xFFFFFFFF])
def test_length_that_a_header_claims_is_not_believed(record: Record, tone: Tone, claim: int) -> None:
    path = record("claim.wav", tone(1.0, 16_000), 16_000, "pcm_s16le")
    data = path.read_bytes()
    at = data.index(b"data") + 4
    path.write_bytes(data[:at] + struct.pack("<I", claim) + data[at + 4 :])
    assert read_speech(path, 10).seconds == 1.0


def test_freak_sample_rate(record: Record, tone: Tone) -> None:
    path = record("rate.wav", tone(1.0, 16_000), 16_000, "pcm_s16le")
    data = bytearray(path.read_bytes())
    for rate in (1, 2_000_000_000):
        data[24:28] = struct.pack("<I", rate)
        path.write_bytes(data)
        assert refusal(path, 1e9).reason is Reason.SPEECH_UNREADABLE


RECORDINGS = [
    ("n.flac", 44_100, "flac"),
    ("n.mp3", 44_100, "libmp3lame"),
    ("n.m4a", 44_100, "aac"),
    ("n.ogg", 48_000, "libopus"),
    ("n.webm", 48_000, "libopus"),
    ("n.wav", 44_100, "pcm_s16le"),
]


def noise(seconds: float, rate: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(0, 0.1, (1, round(seconds * rate))).astype(np.float32)


@pytest.mark.parametrize(("name", "rate", "codec"), RECORDINGS)
def test_garbage_after_the_end_is_tolerated(record: Record, name: str, rate: int, codec: str) -> None:
    path = record(name, noise(2, rate), rate, codec)
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(range(256)) * 12)
    assert abs(read_speech(path, 60).seconds - 2) < 0.1


@pytest.mark.parametrize(
    ("name", "rate", "codec"), [row for row in RECORDINGS if row[0] in ("n.flac", "n.m4a", "n.webm")]
)
def test_cut_upload_is_refused_where_the_header_counts_samples(
    record: Record, name: str, rate: int, codec: str
) -> None:
    path = record(name, noise(3, rate), rate, codec)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert refusal(path).reason is Reason.SPEECH_UNREADABLE


@pytest.mark.parametrize(
    ("name", "rate", "codec"), [row for row in RECORDINGS if row[0] in ("n.mp3", "n.m4a", "n.ogg", "n.webm")]
)
def test_damage_in_the_middle_is_refused(record: Record, name: str, rate: int, codec: str) -> None:
    path = record(name, noise(3, rate), rate, codec)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = np.random.default_rng(1).bytes(300)
    path.write_bytes(data)
    assert refusal(path).reason is Reason.SPEECH_UNREADABLE
