"""Motion files in, motion out: through the gateway, the queue and the workers. Takes 20 s."""

from __future__ import annotations

import time
import urllib.request
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from tests.e2e.conftest import PORTRAIT, SPEECH, Run
from tests.e2e.test_the_road import finished, status_of
from tests.media.awkward import copied, film

from vasari.client import Client
from vasari.config import Settings
from vasari.face.tracking.track import track_faces
from vasari.media.motion_file import read_motion, write_motion
from vasari.media.speech import read_speech
from vasari.media.video import probe
from vasari.proto.v1 import jobs_pb2
from vasari.store import Store
from vasari.values import Controls, InputError, Motion
from vasari.values.livelink import to_csv
from vasari.values.motion import coefficient_index
from vasari.values.parts import Part

FPS = 25
SMALL, QUICK = Controls(size=256, fps=FPS), Controls(size=256, fps=10)
POSES = b"second,yaw,pitch,roll\n0,-12,0,0\n2,12,0,0\n"
NOSE, EARS, LIPS = 1, (234, 454), (13, 14)


def nodding(seconds: float = 2.0) -> Motion:
    """The mouth opens over the first half and closes over the second, while the head turns from left to right."""
    frames = round(seconds * FPS)
    motion = Motion.neutral(frames, FPS)
    motion.coefficients[:, coefficient_index("jawOpen")] = 0.6 * (1 - np.abs(np.linspace(-1, 1, frames)))
    motion.rotation[:, 0] = np.linspace(-12, 12, frames)
    return motion


def landmarks(path: Path) -> np.ndarray:
    with av.open(str(path)) as video:
        track = track_faces(frame.to_ndarray(format="rgb24") for frame in video.decode(video=0))
    assert track.found.all()
    return track.landmarks


def turn(points: np.ndarray) -> np.ndarray:
    """How far the nose lies right of the middle between the ears, in widths of the face."""
    left, right = points[:, EARS[0], 0], points[:, EARS[1], 0]
    return (points[:, NOSE, 0] - (left + right) / 2) / (right - left)


def gap(points: np.ndarray) -> np.ndarray:
    width = points[:, EARS[1], 0] - points[:, EARS[0], 0]
    return (points[:, LIPS[1], 1] - points[:, LIPS[0], 1]) / width


def succeeded(client: Client, job: jobs_pb2.Job, target: Path) -> jobs_pb2.Job:
    done = finished(client, job)
    assert done.state == jobs_pb2.JOB_STATE_SUCCEEDED, done.failure
    client.download(done, target)
    return done


def test_speech_alone_becomes_motion(client: Client, tmp_path: Path) -> None:
    job = succeeded(client, client.submit(speech=SPEECH, controls=SMALL, motion_only=True), tmp_path / "motion.csv")
    assert [stage.kind for stage in job.stages] == [jobs_pb2.STAGE_KIND_MOTION]
    assert (job.portrait, job.progress, len(job.segments)) == ("", 1.0, 0)
    motion = read_motion(tmp_path / "motion.csv")
    result = job.result
    assert (result.width, result.height, result.fps, result.frames) == (0, 0, FPS, len(motion))
    with av.open(str(SPEECH)) as source:
        assert source.duration is not None
        assert len(motion) / FPS == pytest.approx(source.duration / av.time_base, abs=1 / FPS)
    assert motion.fps == pytest.approx(FPS, rel=1e-3)
    assert motion("jawOpen").max() > 0.15
    assert np.ptp(motion.rotation[:, 0]) > 2
    with urllib.request.urlopen(result.uri) as answer:
        assert answer.headers["Content-Type"] == "text/csv"
        assert answer.read() == (tmp_path / "motion.csv").read_bytes()


def test_awkward_sound_is_heard_by_workers_too(client: Client, tmp_path: Path) -> None:
    """The second track of a film, inverted on one side, a second late and with a gap of another second."""
    said = np.repeat(read_speech(SPEECH, 60).samples[None, 16_000 : 3 * 16_000], 3, axis=1)
    whole = film(tmp_path / "whole.mkv", 100, 0 * said, np.concatenate([said, -said]))
    awkward = copied(
        whole, tmp_path / "awkward.mkv", lambda packet, s: s + (1 + (s > 1)) * (packet.stream.type == "audio")
    )
    job = client.submit(speech=awkward, controls=SMALL, motion_only=True)
    succeeded(client, job, tmp_path / "motion.csv")
    motion = read_motion(tmp_path / "motion.csv")
    assert len(motion) == pytest.approx(4 * FPS, abs=1)
    opening = motion("jawOpen")
    spoken, silent = np.r_[30:45, 80:95], np.r_[2:20, 60:70]
    assert opening[spoken].max() > 3 * opening[silent].max()


def test_the_face_of_a_portrait_tells_how_far_speech_opens_its_mouth(client: Client, tmp_path: Path) -> None:
    openings = []
    for portrait in (None, PORTRAIT):
        target = tmp_path / f"{portrait is None}.csv"
        job = succeeded(client, client.submit(portrait, SPEECH, SMALL, motion_only=True), target)
        assert len(job.stages) == (1 if portrait is None else 2)
        openings.append(read_motion(target)("jawOpen").max())
    assert openings[0] != openings[1]


def test_motion_that_a_job_made_moves_the_portrait_as_its_speech_would(client: Client, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("motion.csv", "again.mp4", "whole.mp4")}
    succeeded(client, client.submit(PORTRAIT, SPEECH, QUICK, motion_only=True), files["motion.csv"])
    again = client.submit(PORTRAIT, SPEECH, QUICK, motion=files["motion.csv"])
    succeeded(client, again, files["again.mp4"])
    succeeded(client, client.submit(PORTRAIT, SPEECH, QUICK), files["whole.mp4"])
    assert probe(files["again.mp4"]).sound_seconds == pytest.approx(probe(files["whole.mp4"]).sound_seconds)
    pictures = []
    for name in ("again.mp4", "whole.mp4"):
        with av.open(str(files[name])) as video:
            pictures.append([frame.to_ndarray(format="rgb24").astype(int) for frame in video.decode(video=0)])
    again, whole = np.array(pictures)
    # They differ by what the encoder's rounding makes of the CSV's sixth digit; being a frame late would show more.
    late = np.abs(again[1:] - whole[:-1]).mean()
    assert np.abs(again - whole).mean() < 0.5 * late


def test_a_motion_file_without_speech_is_a_video_without_sound(client: Client, tmp_path: Path) -> None:
    write_motion(tmp_path / "nod.safetensors", nodding())
    job = client.submit(PORTRAIT, controls=SMALL, motion=tmp_path / "nod.safetensors")
    done = succeeded(client, job, tmp_path / "video.mp4")
    assert (done.speech, done.motion) == ("", job.motion)
    facts = probe(tmp_path / "video.mp4")
    assert (facts.frames, facts.sound_seconds) == (50, 0)
    points = landmarks(tmp_path / "video.mp4")
    assert np.corrcoef(turn(points), np.arange(50))[0, 1] > 0.95
    assert gap(points)[20:30].mean() > gap(points)[[0, 1, -2, -1]].mean() + 0.08


def test_both_commands_make_the_same_of_a_motion_file(vasari: Run, tmp_path: Path) -> None:
    write_motion(tmp_path / "nod.csv", nodding(1.0))
    pictures = []
    for command in ("submit", "render"):
        video = tmp_path / f"{command}.mp4"
        done = vasari(command, PORTRAIT, "--motion", tmp_path / "nod.csv", "-o", video, "--size", "256", "--fps", "10")
        assert done.returncode == 0, done.stderr
        with av.open(str(video)) as film:
            pictures.append([frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)])
    for one, other in zip(*pictures, strict=True):
        assert np.abs(one - other).mean() < 0.1


def test_the_command_brings_a_motion(vasari: Run, tmp_path: Path) -> None:
    done = vasari("submit", SPEECH, "--motion-only", "-o", tmp_path / "motion.csv", "--fps", "60")
    assert done.returncode == 0, done.stderr
    assert "s of motion" in done.stdout
    assert read_motion(tmp_path / "motion.csv").fps == pytest.approx(60, rel=1e-3)


def test_deleting_a_motions_job_deletes_it_and_its_files(client: Client, own_settings: Settings) -> None:
    job = finished(client, client.submit(motion=POSES + b"3,1,0,0\n", motion_only=True))
    store, digest = Store(own_settings), job.motion.removeprefix("assets/")
    kept = (f"default/assets/{digest}/", f"default/{job.name}/")
    assert [len(store.names(prefix)) for prefix in kept] == [1, 1], "its source and its result"
    client.delete(job)
    deadline = time.monotonic() + 10
    while any(store.names(prefix) for prefix in kept):
        assert time.monotonic() < deadline, "they are still there"
        time.sleep(0.2)
    assert status_of(job.result.uri) == 404


def test_parts_come_from_files_and_the_rest_from_speech(client: Client, tmp_path: Path) -> None:
    """The poses end before the speech: the last one is held."""
    job = client.submit(PORTRAIT, SPEECH, QUICK, parts={Part.POSE: POSES})
    done = succeeded(client, job, tmp_path / "video.mp4")
    points = landmarks(tmp_path / "video.mp4")
    assert done.pose == job.pose != ""
    assert np.corrcoef(turn(points)[:20], np.arange(20))[0, 1] > 0.95
    assert turn(points)[22:].std() < 0.1 * np.ptp(turn(points))
    assert np.ptp(gap(points)) > 0.05, "the mouth speaks"


def test_motion_is_made_of_motion_files(client: Client, tmp_path: Path) -> None:
    mixed = client.submit(motion=to_csv(nodding()).encode(), parts={Part.POSE: POSES}, controls=SMALL, motion_only=True)
    succeeded(client, mixed, tmp_path / "mixed.csv")
    motion, nod = read_motion(tmp_path / "mixed.csv"), nodding()
    assert motion("jawOpen") == pytest.approx(nod("jawOpen"), abs=0.02)
    assert motion.rotation[:, 0] == pytest.approx(np.linspace(-12, 12, 50), abs=0.6)


def test_a_picture_stands_behind_the_person(client: Client, tmp_path: Path) -> None:
    """With a color to its left and another to its right, so that its place is seen, too."""
    halves = np.zeros((64, 64, 3), np.uint8)
    halves[:, :32], halves[:, 32:] = (200, 30, 40), (20, 160, 60)
    Image.fromarray(halves).save(tmp_path / "halves.png")
    job = client.submit(PORTRAIT, controls=SMALL, motion=POSES, background_picture=tmp_path / "halves.png")
    succeeded(client, job, tmp_path / "video.mp4")
    with av.open(str(tmp_path / "video.mp4")) as video:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in video.decode(video=0)]
    for frame in (frames[0], frames[-1]):
        for corner, color in ((frame[4:30, 4:30], halves[0, 0]), (frame[4:30, -30:-4], halves[0, -1])):
            assert np.abs(corner.mean((0, 1)) - color).max() < 12


def test_a_picture_that_cannot_be_decoded_fails_its_job_in_words(client: Client) -> None:
    whole = BytesIO()
    Image.effect_noise((64, 64), 80).save(whole, "PNG")
    cut = whole.getvalue()[: len(whole.getvalue()) // 2]
    failed = finished(client, client.submit(PORTRAIT, controls=SMALL, motion=POSES, background_picture=cut))
    assert failed.failure.reason == jobs_pb2.REASON_PORTRAIT_UNREADABLE
    assert failed.failure.message.startswith("the background picture is damaged or cut short")
    render = next(stage for stage in failed.stages if stage.kind == jobs_pb2.STAGE_KIND_RENDER)
    assert render.attempts == 1


BROKEN = {
    "rows": (b"Timecode,JawOpen\n00:00:00:00,0\n00:00:00:01,wide\n", jobs_pb2.REASON_MOTION_UNREADABLE, "wide"),
    "numbers": (b"second,yaw,pitch,roll\n0,nan,0,0\n", jobs_pb2.REASON_MOTION_UNREADABLE, "be numbers"),
    "archive": (nodding().to_bytes()[:-7], jobs_pb2.REASON_MOTION_UNREADABLE, "damaged"),
    "hours": (b"second,yaw,pitch,roll\n0,0,0,0\n8000,1,0,0\n", jobs_pb2.REASON_MOTION_TOO_LONG, "cut the file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_played_fails_its_job_in_words_and_no_worker(client: Client, name: str) -> None:
    content, reason, words = BROKEN[name]
    failed = finished(client, client.submit(motion=content, motion_only=True))
    assert (failed.failure.reason, failed.stages[0].attempts) == (reason, 1)
    assert words in failed.failure.message


def test_what_is_no_motion_file_is_refused_at_once(client: Client) -> None:
    uploaded = client.upload(b"a,b\n1,2\n")
    for source in (b"a,b\n1,2\n", uploaded, PORTRAIT):
        with pytest.raises(InputError, match="this is no motion file: use a Live Link Face CSV"):
            client.submit(motion=source, motion_only=True)
