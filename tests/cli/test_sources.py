"""`vasari render` with parts of the motion from other sources, judged by the mesh. Takes 25 s."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import wave
from pathlib import Path

import av
import matplotlib
import numpy as np
import pytest
from tests.media.awkward import film

from vasari.cli.app import run
from vasari.face.finding.find import find_face
from vasari.media.motion_file import read_motion, write_motion
from vasari.media.speech import read_speech
from vasari.values import Motion
from vasari.values.motion import coefficient_index

HOPPER = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
SPEECH = Path(__file__).parents[2] / "samples" / "speech.flac"
FPS = 10


def render(folder: Path, *options: str | Path) -> list[np.ndarray]:
    """Frames of a video of a second, (H, W, 3) each."""
    speech, video = folder / "second.wav", folder / "video.webm"
    with av.open(str(SPEECH)) as source:
        resampler = av.AudioResampler("s16", "mono", 16000)
        parts = [part.to_ndarray()[0] for frame in source.decode(audio=0) for part in resampler.resample(frame)]
    with wave.open(str(speech), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(np.concatenate(parts)[16000:32000].tobytes())
    command = [Path(sys.executable).with_name("vasari"), "render", HOPPER, speech, "-o", video, "--size", "256"]
    done = subprocess.run([*command, "--fps", str(FPS), *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with av.open(str(video)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def turn(frame: np.ndarray) -> float:
    """How far the nose lies right of the middle between the ears, in widths of the face."""
    points = find_face(frame).landmarks[:, 0]
    return float((points[1] - (points[234] + points[454]) / 2) / (points[454] - points[234]))


def gap(frame: np.ndarray) -> float:
    """Between the lips, in widths of the face."""
    points = find_face(frame).landmarks
    return float((points[14, 1] - points[13, 1]) / (points[454, 0] - points[234, 0]))


def test_pose_from_a_table_and_mouth_from_a_motion_file(tmp_path: Path) -> None:
    poses, mouth = tmp_path / "poses.csv", tmp_path / "mouth.safetensors"
    poses.write_text("second,yaw,pitch,roll\n0,-12,0,0\n1,12,0,0\n")
    opening = Motion.neutral(FPS, FPS)
    opening.coefficients[:, coefficient_index("jawOpen")] = np.linspace(0, 0.7, FPS)
    write_motion(mouth, opening)
    frames = render(tmp_path, "--pose-from", poses, "--mouth-from", mouth)
    assert len(frames) == FPS
    turns, gaps = [turn(frame) for frame in frames], [gap(frame) for frame in frames]
    assert turns[-1] - turns[0] > 0.1
    assert np.corrcoef(turns, np.arange(FPS))[0, 1] > 0.95
    assert gaps[-1] > gaps[0] + 0.1
    assert np.corrcoef(gaps, np.arange(FPS))[0, 1] > 0.95


def test_expression_from_a_video(tmp_path: Path) -> None:
    """Made of a face that blinks: who takes its expression from there blinks too."""
    blinking, driving = Motion.neutral(2 * FPS, FPS), tmp_path / "blinks"
    blinking.coefficients[8:12, [coefficient_index("eyeBlinkLeft"), coefficient_index("eyeBlinkRight")]] = 1
    driving.mkdir()
    write_motion(driving / "blinks.safetensors", blinking)
    render(driving, "--motion", driving / "blinks.safetensors")
    frames = render(tmp_path, "--expression-from", driving / "video.webm", "--blink-rate", "0")
    points = [find_face(frame).landmarks for frame in frames]
    lids = np.array([p[145, 1] - p[159, 1] for p in points]) / np.array([p[454, 0] - p[234, 0] for p in points])
    assert lids[8:10].max() < 0.5 * np.median(lids[:7])


def test_a_file_that_is_none_of_the_three_is_refused(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("no motion")
    command = [Path(sys.executable).with_name("vasari"), "render", HOPPER, SPEECH, "-o", tmp_path / "v.mp4"]
    done = subprocess.run([*command, "--mouth-from", words], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert "words.txt" in done.stderr
    assert not (tmp_path / "v.mp4").exists()


def test_speech_may_come_through_a_pipe_and_be_a_films_second_track(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = np.repeat(read_speech(SPEECH, 60).samples[None, : 2 * 16_000], 3, axis=1)
    two, pipe, alone = film(tmp_path / "two.mkv", 25, 0 * samples, samples), tmp_path / "pipe", tmp_path / "motion.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(two.read_bytes()))
    writer.start()
    assert run(["render", str(pipe), "--motion-only", "--fps", str(FPS), "-o", str(alone)]) == 0
    writer.join()
    assert "note: sound track 1 is silent, so track 2 is taken" in capsys.readouterr().err.splitlines()
    assert len(read_motion(alone)) == 20
    assert run(["render", str(two), "--motion-only", "--track", "1", "-o", str(alone)]) == 2
    assert "the speech is silent" in capsys.readouterr().err


def test_a_motion_alone_needs_no_portrait(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poses, alone = tmp_path / "poses.csv", tmp_path / "motion.csv"
    poses.write_text("second,yaw,pitch,roll\n0,-12,0,0\n6,12,0,0\n")
    said = ["render", str(SPEECH), "--motion-only", "--fps", str(FPS), "-o"]
    assert run([*said, str(alone), "--pose-from", str(poses)]) == 0
    assert "of motion" in capsys.readouterr().out
    motion = read_motion(alone)
    assert len(motion) == 66
    assert motion.rotation[[0, 59], 0] == pytest.approx([-12, 12], abs=0.5)
    assert motion("jawOpen").max() > 0.3
    assert run([*said, str(tmp_path / "motion.mp4")]) == 2
    assert "motion.csv" in capsys.readouterr().err
    assert run(["render", "--fps", str(FPS)]) == 2
    assert "--motion-only" in capsys.readouterr().err
