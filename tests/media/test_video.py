"""Video: segments from any number of workers join into the very frames that were encoded, with the sound in step."""

import dataclasses
import hashlib
import threading
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.media.conftest import Stopped

from vasari.media.audio_track import AAC_FRAME, AAC_RATE, encode_speech
from vasari.media.sound import decode_sound
from vasari.media.video import SegmentWriter, join, probe
from vasari.values import Clip, Fault, InputError
from vasari.values.encoding import VideoEncoding

FPS = 25
CUTS = (0, 40, 41, 66, 80)
"""Segments of a common length, of one frame, and of half a keyframe interval."""

Frames = NDArray[np.uint8]
StopAt = Callable[[int], Callable[[], None]]
Record = Callable[[str, NDArray[np.float32], int, str], Path]


@pytest.fixture(scope="module")
def frames() -> Frames:
    """(80, 128, 96, 3): a photo that drifts and turns, so that the encoder predicts, and noise that it cannot."""
    photo = Image.open(Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg").resize((96, 128))
    moving = np.stack([np.asarray(photo.rotate(i / 4, translate=(i // 3, -i // 5))) for i in range(CUTS[-1])])
    moving[:, :8, :8] = np.random.default_rng(0).integers(0, 256, (CUTS[-1], 8, 8, 3))
    return moving


@pytest.fixture
def sound(record: Record, tmp_path: Path) -> Path:
    """Clicks at 0.5, 1.5 and 2.5 s, encoded to the length of the frames."""
    clicks = np.zeros((1, 44_100 * 4), np.float32)
    clicks[0, [22_050, 66_150, 110_250]] = 0.9
    target = tmp_path / "sound.m4a"
    encode_speech(record("clicks.wav", clicks, 44_100, "pcm_s16le"), target, CUTS[-1] / FPS)
    return target


@pytest.fixture
def segments(frames: Frames, sound: Path, tmp_path: Path) -> list[Path]:
    return [
        write(tmp_path / f"segment{begin}.mp4", frames[begin:end], audio=sound, start=begin / FPS)
        for begin, end in pairwise(CUTS)
    ]


def write(path: Path, frames: Frames, fps: int = FPS, **options: object) -> Path:
    with SegmentWriter(path, fps, **options) as segment:  # type: ignore[arg-type]
        segment.write(frames)
    return path


def pictures(path: Path) -> Frames:
    """The decoded planes, (N, H * 3 / 2, W)."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray() for frame in container.decode(video=0)])


def clicks(path: Path) -> NDArray[np.float64]:
    """Times of the samples that stand out, seconds."""
    wave = np.concatenate([block[0] for block in decode_sound(path, AAC_RATE)])
    loud = np.flatnonzero(np.abs(wave) > 0.5)
    return loud[np.diff(loud, prepend=-AAC_RATE) > AAC_RATE // 10] / AAC_RATE


def test_joined_segments_decode_to_the_same_frames(segments: list[Path], sound: Path, tmp_path: Path) -> None:
    join(segments, sound, tmp_path / "video.mp4")
    np.testing.assert_array_equal(
        pictures(tmp_path / "video.mp4"), np.concatenate([pictures(segment) for segment in segments])
    )


def test_pictures_are_those_that_were_written(frames: Frames, tmp_path: Path) -> None:
    """Which frame is which survives: no frame is lost, doubled or moved by the encoder's delay."""
    decoded = pictures(write(tmp_path / "s.mp4", frames))[:, :128]
    luma = 16 + frames @ np.array([0.2126, 0.7152, 0.0722]) * 219 / 255
    assert np.abs(decoded - luma)[:, 16:].mean() < 2


def test_segment_bytes_are_the_same_for_every_worker(frames: Frames, tmp_path: Path) -> None:
    whole = write(tmp_path / "a.mp4", frames)
    with SegmentWriter(tmp_path / "b.mp4", FPS) as segment:
        for frame in frames:
            segment.write(frame)
    assert segment.frames == len(frames)
    assert whole.read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_joined_video(segments: list[Path], sound: Path, tmp_path: Path) -> None:
    target = tmp_path / "video.mp4"
    clip = join(segments, sound, target)
    data = target.read_bytes()
    assert clip == Clip(96, 128, FPS, CUTS[-1], len(data), hashlib.sha256(data).hexdigest())
    assert data.index(b"moov") < data.index(b"mdat"), "the index stands in front"

    with av.open(str(target)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        context = video.codec_context
        assert (context.name, context.pix_fmt, audio.codec_context.name) == ("h264", "yuv420p", "aac")
        assert (context.color_range, context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1, 1)
        assert (video.start_time, audio.start_time, video.frames) == (0, 0, CUTS[-1])
        assert video.average_rate == video.base_rate == FPS
        times = [Fraction(frame.time).limit_denominator(1000) for frame in container.decode(video)]
        assert times == [Fraction(index, FPS) for index in range(CUTS[-1])]

    facts = probe(target)
    assert (facts.frames, facts.fps, facts.picture_seconds) == (CUTS[-1], FPS, 3.2)
    assert abs(facts.sound_seconds - facts.picture_seconds) < 1e-3


def test_a_video_without_sound(segments: list[Path], tmp_path: Path) -> None:
    clip = join(segments, None, tmp_path / "video.mp4")
    with av.open(str(tmp_path / "video.mp4")) as video:
        assert [stream.type for stream in video.streams] == ["video"]
    assert clip.frames == sum(probe(segment).frames for segment in segments)


def test_sound_is_in_step(segments: list[Path], sound: Path, tmp_path: Path) -> None:
    join(segments, sound, tmp_path / "video.mp4")
    np.testing.assert_allclose(clicks(tmp_path / "video.mp4"), [0.5, 1.5, 2.5], atol=0.001)


def test_each_segment_can_be_watched_alone(segments: list[Path]) -> None:
    heard = []
    for (begin, end), segment in zip(pairwise(CUTS), segments, strict=True):
        facts = probe(segment)
        assert (facts.frames, facts.fps) == (end - begin, FPS)
        assert abs(facts.sound_seconds - facts.picture_seconds) < 1 / FPS
        heard += [click + begin / FPS for click in clicks(segment)]
    np.testing.assert_allclose(heard, [0.5, 1.5, 2.5], atol=0.001)


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_frame_rates(frames: Frames, record: Record, tmp_path: Path, fps: int) -> None:
    tone = record("tone.wav", np.full((2, 48_000), 0.1, np.float32), 48_000, "pcm_s16le")
    encode_speech(tone, tmp_path / "sound.m4a", 20 / fps)
    parts = [write(tmp_path / f"{i}.mp4", frames[i : i + 10], fps) for i in (0, 10)]
    clip = join(parts, tmp_path / "sound.m4a", tmp_path / "video.mp4")
    facts = probe(tmp_path / "video.mp4")
    assert (clip.fps, clip.frames) == (fps, 20)
    assert facts.fps == pytest.approx(fps, rel=1e-9)
    assert abs(facts.sound_seconds - clip.seconds) < 1e-3


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
    ],
)
def test_colours_are_bt709_limited(tmp_path: Path, rgb: tuple[int, ...], yuv: tuple[int, ...]) -> None:
    """Expected values: ITU-R BT.709-6, section 3, 8 bit."""
    path = write(tmp_path / "colour.mp4", np.full((2, 64, 64, 3), rgb, np.uint8))
    planes = pictures(path)[0]
    np.testing.assert_allclose((planes[32, 32], planes[72, 10], planes[88, 10]), yuv, atol=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoding": VideoEncoding(preset="ultrafast")}, "another size, frame rate or encoding"),
        ({"fps": 30}, "another size, frame rate or encoding"),
        ({"frames": np.zeros((4, 64, 64, 3), np.uint8)}, "another size, frame rate or encoding"),
    ],
)
def test_segments_that_differ_do_not_join(
    frames: Frames, sound: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    other: dict[str, object] = {"frames": frames[40:], **change}
    parts = [write(tmp_path / "a.mp4", frames[:40]), write(tmp_path / "b.mp4", **other)]  # type: ignore[arg-type]
    target = tmp_path / "video.mp4"
    target.write_bytes(b"an older video")
    with pytest.raises(Fault, match=message):
        join(parts, sound, target)
    assert target.read_bytes() == b"an older video"


def test_sound_of_another_length_does_not_join(segments: list[Path], sound: Path, tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"3\.200 s of sound for 2\.640 s of picture"):
        join(segments[:3], sound, tmp_path / "video.mp4")
    assert not (tmp_path / "video.mp4").exists()


@pytest.mark.parametrize("nth", [1, 100, "last"])
def test_join_stops_when_the_check_raises(
    segments: list[Path], sound: Path, tmp_path: Path, stop_at: StopAt, nth: int | str
) -> None:
    calls: list[None] = []
    join(segments, sound, tmp_path / "whole.mp4", lambda: calls.append(None))
    before = set(tmp_path.iterdir())
    with pytest.raises(Stopped):
        join(segments, sound, tmp_path / "video.mp4", stop_at(len(calls) if nth == "last" else int(nth)))
    assert set(tmp_path.iterdir()) == before


def test_encoding_the_sound_stops_when_the_check_raises(record: Record, tmp_path: Path, stop_at: StopAt) -> None:
    source = record("long.wav", np.full((1, 441_000), 0.1, np.float32), 44_100, "pcm_s16le")
    for nth in (1, 40):
        with pytest.raises(Stopped):
            encode_speech(source, tmp_path / "sound.m4a", 10.0, stop_at(nth))
        assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [np.zeros((64, 63, 3), np.uint8)],
        [np.zeros((64, 64, 3), np.uint8), np.zeros((64, 32, 3), np.uint8)],
    ],
    ids=["no frame", "odd size", "two sizes"],
)
def test_failed_segment_leaves_nothing(tmp_path: Path, wrong: list[Frames]) -> None:
    def render() -> None:
        with SegmentWriter(tmp_path / "s.mp4", FPS) as segment:
            for frame in wrong:
                segment.write(frame)

    with pytest.raises(ValueError, match=r"frame|even"):
        render()
    assert list(tmp_path.iterdir()) == []


def test_error_of_the_encoder_reaches_the_caller(frames: Frames, tmp_path: Path) -> None:
    encoding = dataclasses.replace(VideoEncoding(), preset="no such preset")
    with pytest.raises(av.FFmpegError), SegmentWriter(tmp_path / "s.mp4", FPS, encoding) as segment:
        segment.write(frames)
    assert not (tmp_path / "s.mp4").exists()


def test_no_thread_outlives_its_segment(frames: Frames, tmp_path: Path) -> None:
    before = threading.active_count()
    write(tmp_path / "s.mp4", frames[:3])
    assert threading.active_count() == before


@pytest.mark.parametrize(("channels", "kept"), [(1, 1), (2, 2), (6, 1)])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.72])
def test_sound_track_is_as_long_as_the_picture(
    record: Record, tmp_path: Path, seconds: float, channels: int, kept: int
) -> None:
    """Cut, exact, and filled with silence."""
    source = record("speech.wav", np.full((channels, 22_050), 0.3, np.float32), 22_050, "pcm_s16le")
    encode_speech(source, tmp_path / "sound.m4a", seconds)
    with av.open(str(tmp_path / "sound.m4a")) as container:
        stream = container.streams.audio[0]
        assert (stream.channels, stream.rate, stream.start_time) == (kept, AAC_RATE, 0)
        spans = [(p.pts, p.pts + p.duration) for p in container.demux(stream) if p.pts is not None and p.duration]
    assert (spans[0][0], spans[-1][1]) == (-AAC_FRAME, round(seconds * AAC_RATE))
    wave = np.concatenate(list(decode_sound(tmp_path / "sound.m4a", AAC_RATE)), axis=1)
    assert np.abs(wave[:, round(1.05 * AAC_RATE) :]).max(initial=0) < 0.01


def test_sound_with_nan_is_encoded(record: Record, tmp_path: Path) -> None:
    wave = np.full((1, 48_000), np.nan, np.float32)
    encode_speech(record("nan.wav", wave, 48_000, "pcm_f32le"), tmp_path / "sound.m4a", 1.0)


def test_sound_of_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "speech.wav").write_text("hello")
    with pytest.raises(InputError):
        encode_speech(tmp_path / "speech.wav", tmp_path / "sound.m4a", 1.0)
    assert not (tmp_path / "sound.m4a").exists()
