"""A face filmed from its own renderer gives back the motion that it was drawn with. Takes 20 s."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vasari.cli.app import run
from vasari.evaluation.cells import both, gazing, posed
from vasari.evaluation.reenactment import ssim
from vasari.evaluation.tracking import drawn
from vasari.face.tracking.capture import Capture, capture_film, neutral_frame
from vasari.media.film import Film
from vasari.media.motion_file import read_motion
from vasari.media.video import SegmentWriter
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, InputError, Motion, Reason

Photo = NDArray[np.uint8]

FRAMES = 48


@pytest.fixture(scope="module")
def wanted() -> Motion:
    """At rest, then speaking, turning, smiling, looking aside; blinks at frame 40."""
    ramp = np.clip((np.arange(FRAMES) - 6) / 20, 0, 1)
    wave = np.sin(np.clip(np.arange(FRAMES) - 6, 0, None) / 3) ** 2
    rows = [
        posed(
            {"jawOpen": 0.5 * w, **both(mouthSmile=0.4 * r, eyeBlink=float(k in (40, 41))), **gazing(12 * r, 0)},
            (10 * r, 0, 5 * r),
            (0.1 * r, 0, 0),
        )
        for k, (r, w) in enumerate(zip(ramp.tolist(), wave.tolist(), strict=True))
    ]
    return Motion.concatenate(rows)


@pytest.fixture(scope="module")
def film(appearance: Appearance, wanted: Motion) -> list[Photo]:
    return drawn(Renderer(appearance, RenderOptions()), wanted)


@pytest.fixture(scope="module")
def captured(film: list[Photo]) -> Capture:
    return capture_film(film, 25.0)


def correlation(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def test_the_photo_is_a_frame_with_lips_together_and_eyes_open(captured: Capture, wanted: Motion) -> None:
    assert wanted("jawOpen")[captured.index] < 0.1
    assert wanted("eyeBlinkLeft")[captured.index] == 0
    assert captured.motion.rotation[captured.index] == pytest.approx(np.zeros(3), abs=0.7)


def test_what_was_drawn_comes_back(captured: Capture, wanted: Motion) -> None:
    found = captured.motion
    assert (len(found), found.fps) == (FRAMES, 25.0)
    assert correlation(found("jawOpen"), wanted("jawOpen")) > 0.95
    smile = correlation(found("mouthSmileLeft"), wanted("mouthSmileLeft"))
    assert smile > 0.7, "other coefficients move the corners too"
    assert correlation(found.rotation[:, 0], wanted.rotation[:, 0]) > 0.95
    assert found.rotation[-1, 2] - found.rotation[0, 2] == pytest.approx(5, abs=1.5)
    assert found("eyeLookOutLeft")[30:38].mean() > 2 * found("eyeLookOutLeft")[:6].mean()


def test_a_blink_keeps_its_speed(captured: Capture) -> None:
    blink = captured.motion("eyeBlinkLeft")
    assert blink[40:42].min() > 0.6
    assert max(blink[37], blink[44]) < 0.4


def test_told_against_another_frame_the_pose_there_is_zero(film: list[Photo]) -> None:
    last = film[-1]
    motion = capture_film(film, 25.0, photo=np.kron(last, np.ones((2, 2, 1), np.uint8))).motion
    assert motion.rotation[-1] == pytest.approx(np.zeros(3), abs=1.5)
    with pytest.raises(InputError, match="format"):
        capture_film(film, 25.0, photo=last[: len(last) // 2])


def test_coefficients_keep_their_range(captured: Capture) -> None:
    assert captured.motion.coefficients.min() >= 0
    assert captured.motion.coefficients.max() <= 1


def test_frames_without_a_face_are_bridged(film: list[Photo]) -> None:
    gap = [*film[:20], *[np.zeros_like(film[0])] * 3, *film[23:]]
    motion = capture_film(gap, 25.0).motion
    assert np.isfinite(motion.rotation).all()
    assert np.abs(np.diff(motion.rotation[:, 0])).max() < 3


def test_a_film_without_a_face_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        capture_film([np.zeros((128, 128, 3), np.uint8)] * 3, 25.0)
    assert refusal.value.reason is Reason.NO_FACE


def test_the_calmest_frame_looks_ahead_with_lips_together() -> None:
    random = np.random.default_rng(0)
    frames = random.normal(0, 1, (1, 478, 3)).repeat(3, 0)
    frames[1] = np.nan
    assert neutral_frame(frames) in (0, 2)


def test_the_commands_track_a_video_and_measure_it(
    film: list[Photo], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, motion = tmp_path / "clip.mp4", tmp_path / "motion.csv"
    with SegmentWriter(clip, 25) as segment:
        segment.write(np.stack(film))
    assert len(list(Film.of(clip))) == FRAMES
    assert run(["track", str(clip), "-o", str(motion)]) == 0
    assert "48 frames at 25 a second" in capsys.readouterr().out
    assert len(read_motion(motion)) == FRAMES

    assert run(["eval", "render", str(clip), "--only", "reenactment"]) == 0
    table = capsys.readouterr().out
    assert "face PSNR, dB" in table
    assert "mouth PSNR, photo only" in table

    assert run(["eval", "again", str(clip), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"clip", "mean"}
    for name in ("opening", "yaw", "across"):
        assert found["mean"][name]["r"] > 0.9, name
        assert 0.8 < found["mean"][name]["gain"] < 1.25, name


def test_a_motion_file_of_another_kind_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video = tmp_path / "none.mp4"
    video.write_bytes(b"no video")
    assert run(["track", str(video), "-o", str(tmp_path / "motion.txt")]) == 2
    assert "ends in .csv or .safetensors" in capsys.readouterr().err
    assert run(["track", str(video), "-o", str(tmp_path / "motion.csv")]) == 2
    assert "is not a video" in capsys.readouterr().err


def test_ssim_is_one_for_the_same_picture_and_falls_with_noise() -> None:
    random = np.random.default_rng(0)
    picture = np.asarray(random.integers(0, 255, (64, 64, 3)), np.uint8)
    assert ssim(picture, picture).mean() == pytest.approx(1)
    assert ssim(picture, 255 - picture).mean() < 0
