"""The commands that speak to a server, against a real gateway; the test does what the workers would."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Workers

from vasari.cli.app import run
from vasari.client import Client
from vasari.jobs import work
from vasari.jobs.states import StageKind
from vasari.media.picture_formats import READ
from vasari.proto.v1 import jobs_pb2
from vasari.values import Controls, Emotion, InputError, Reason
from vasari.values.wire import controls_from_proto

VIDEO = b"not really a video" * 1000
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def target(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VASARI_TARGET", address)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def vasari(tmp_path: Path, photo: bytes) -> Start:
    """`vasari` as a process of its own, in a folder with some files."""
    (tmp_path / "photo.jpg").write_bytes(photo)
    (tmp_path / "speech.wav").write_bytes(b"speech")
    (tmp_path / "poses.csv").write_text("second,yaw,pitch,roll\n0,0,0,0\n")

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [Path(sys.executable).with_name("vasari"), *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True)

    return start


@pytest.fixture
def submit(vasari: Start) -> Start:
    """`vasari submit`, writing to video.mp4."""
    return lambda *options: vasari("submit", "photo.jpg", "speech.wav", "-o", "video.mp4", *options)


def the_job(client: Client) -> jobs_pb2.Job:
    """The one job, once it is there."""
    deadline = time.monotonic() + 20
    while not (found := list(client.jobs())):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found[0]


def test_submit_brings_the_video(client: Client, workers: Workers, submit: Start, tmp_path: Path) -> None:
    process = submit("--emotion", "happy=0.5", "--seed", "7", "--gaze=-10,5", "--fps", "30")
    job = the_job(client)
    controls = controls_from_proto(job.controls)
    assert (controls.emotion, controls.seed, controls.gaze.yaw, controls.fps) == ({Emotion.HAPPY: 0.5}, 7, -10, 30)
    workers.finish(VIDEO)
    shown, bars = process.communicate(timeout=20)
    assert process.returncode == 0
    assert (tmp_path / "video.mp4").read_bytes() == VIDEO
    assert shown.startswith("video.mp4: 8.0 s of video in ")
    assert "times real time" in shown
    for line in ("face: finding the face, ", "motion: 200 of 200 frames, ", "render: 200 of 200 frames, ", "join: "):
        assert line in bars


def test_submit_brings_a_motion_alone(client: Client, workers: Workers, vasari: Start, tmp_path: Path) -> None:
    process = vasari("submit", "speech.wav", "--motion-only", "--pose-from", "poses.csv")
    job = the_job(client)
    assert (job.portrait, job.pose != "", job.result_kind) == ("", True, jobs_pb2.RESULT_KIND_MOTION)
    workers.motion_file(b"Timecode,JawOpen")
    shown, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert (tmp_path / "motion.csv").read_bytes() == b"Timecode,JawOpen"
    assert "motion.csv: 8.0 s of motion" in shown
    assert "face" not in shown

    described, _ = vasari("status", job.name).communicate(timeout=20)
    assert "motion, 25 fps, 8.0 s" in described
    vasari("download", job.name, "-o", "again.csv").communicate(timeout=20)
    assert (tmp_path / "again.csv").read_bytes() == b"Timecode,JawOpen"
    _, problem = vasari("download", job.name, "-o", "again.mp4").communicate(timeout=20)
    assert "error: --output: a motion is a CSV; name it again.csv" in problem


def test_submit_plays_a_motion_file_without_speech(client: Client, vasari: Start) -> None:
    process = vasari("submit", "photo.jpg", "--motion", "poses.csv", "--mouth-from", "poses.csv", "--no-wait")
    _, problem = process.communicate(timeout=20)
    assert process.returncode == 0, problem
    job = the_job(client)
    assert (job.speech, job.motion, job.pose) == ("", job.mouth, "")
    assert job.motion


def test_submit_takes_files_from_pipes(client: Client, tmp_path: Path, photo: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo)
    command = Path(sys.executable).with_name("vasari")
    script = f"echo speech | {command} submit <(cat photo.jpg) - --no-wait"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    job = the_job(client)
    assert [job.portrait, job.speech] == [f"assets/{hashlib.sha256(b).hexdigest()}" for b in (photo, b"speech\n")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "a job needs speech, a motion file, or both"),
        (["photo.jpg"], "a job needs speech, a motion file, or both"),
        (["--motion", "poses.csv"], "a video needs a portrait; for the motion alone give --motion-only"),
        (["photo.jpg", "speech.wav", "--motion", "poses.csv", "--motion-only"], "neither portrait nor speech"),
        (["speech.wav", "--motion-only", "--camera", "5,5"], "a motion has no picture"),
        (["speech.wav", "--motion-only", "-o", "motion.mp4"], "a motion is a CSV; name it motion.csv"),
        (["photo.jpg", "--motion", "speech.wav"], "`vasari track speech.wav -o motion.csv` makes one"),
    ],
)
def test_submit_says_what_does_not_go_together(client: Client, vasari: Start, arguments: list[str], words: str) -> None:
    process = vasari("submit", *arguments)
    _, problem = process.communicate(timeout=20)
    assert process.returncode == 2
    assert problem.startswith("error: ")
    assert words in problem
    assert list(client.jobs()) == []


def test_submit_says_that_the_face_is_known(
    client: Client, workers: Workers, submit: Start, photo: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    earlier = client.submit(photo, b"an earlier speech")
    workers.face()
    client.cancel(earlier)
    process = submit()
    while len(list(client.jobs())) < 2:
        time.sleep(0.05)
    workers.motion(1)
    workers.segment(b"")
    workers.join(VIDEO)
    _, bars = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "face: from the cache" in bars
    assert run(["jobs", "--state", "succeeded"]) == 0
    assert earlier.name not in capfd.readouterr().out


def test_submit_without_waiting_prints_the_job(client: Client, submit: Start) -> None:
    shown, _ = submit("--no-wait").communicate(timeout=20)
    assert shown == f"{the_job(client).name}\n"


def test_an_interrupt_leaves_the_job_running(client: Client, submit: Start) -> None:
    process = submit()
    job = the_job(client)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "face: waits for a worker" in said
    assert f"{job.name} goes on" in said
    assert f"vasari cancel {job.name}" in said
    assert "Traceback" not in said
    assert client.get(job).state == jobs_pb2.JOB_STATE_QUEUED


def test_a_job_that_fails_by_its_input(client: Client, workers: Workers, submit: Start, tmp_path: Path) -> None:
    process = submit()
    the_job(client)
    error = InputError(Reason.NO_FACE, "no human face found in the portrait")
    workers.do(work.fail, workers.claim(StageKind.FACE_ENCODE), error, max_attempts=1, retry_seconds=1.0)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert said.splitlines()[-1] == "error: no human face found in the portrait"
    assert not (tmp_path / "video.mp4").exists()


def test_a_portrait_that_is_refused_at_the_door(submit: Start, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("no photo")
    process = submit()
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert said.splitlines()[-1] == f"error: the portrait is not an image: use a {READ} file"


def test_the_life_of_a_job_by_hand(
    client: Client, workers: Workers, photo: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    job = client.submit(photo, b"speech", Controls(seed=1))
    number = job.name.removeprefix("jobs/")
    out = str(tmp_path / "video.mp4")

    def shown(*arguments: str, code: int = 0) -> str:
        assert run(list(arguments)) == code
        output, errors = capfd.readouterr()
        return output if code == 0 else errors

    assert f"{job.name} queued, 0% done" in shown("status", number)
    assert "is not done yet" in shown("download", job.name, "-o", out, code=2)
    assert f"{job.name}  queued" in shown("jobs")
    workers.finish(VIDEO)
    assert "512x512, 25 fps, 8.0 s" in shown("watch", job.name)
    assert shown("download", number, "-o", out) == f"{out}\n"
    assert Path(out).read_bytes() == VIDEO
    assert f"{job.name} succeeded" in shown("cancel", number)
    assert f"{job.name} deleted" in shown("delete", number)
    assert f"there is no job {job.name}" in shown("status", number, code=2)
    assert job.name not in shown("jobs")


def test_watching_a_cancelled_job(client: Client, photo: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    job = client.submit(photo, b"speech")
    client.cancel(job)
    assert run(["watch", job.name]) == 1
    assert capfd.readouterr().err.splitlines()[-1] == f"error: {job.name} was cancelled"
