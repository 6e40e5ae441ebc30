"""A photo and speech in, a talking video out: through the gateway, the queue and every worker."""

from __future__ import annotations

import hashlib
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from sqlalchemy import text
from tests.e2e.conftest import PORTRAIT, SPEECH, Run

from vasari.client import Client
from vasari.config import Settings
from vasari.face.tracking.track import track_faces
from vasari.jobs.database import make_engine
from vasari.local.stack import Stack
from vasari.media.video import probe
from vasari.proto.v1 import jobs_pb2
from vasari.store import Store
from vasari.values import Appearance, Controls, Framing, NotReady, archive

SMALL = Controls(size=256)
UPPER_LIP, LOWER_LIP, EYE_CORNERS = 13, 14, (33, 263)


def decoded(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as video:
        for frame in video.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def finished(client: Client, job: jobs_pb2.Job) -> jobs_pb2.Job:
    for now in client.watch(job):
        job = now
    return job


def stage(job: jobs_pb2.Job, kind: jobs_pb2.StageKind) -> jobs_pb2.Stage:
    return next(stage for stage in job.stages if stage.kind == kind)


def status_of(link: str) -> int:
    try:
        with urllib.request.urlopen(link) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def states(job: jobs_pb2.Job) -> list[str]:
    return [jobs_pb2.StageState.Name(stage.state).removeprefix("STAGE_STATE_") for stage in job.stages]


@pytest.fixture(scope="module")
def video(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stack makes of the sample at the default settings."""
    target = tmp_path_factory.mktemp("video") / "video.mp4"
    with Client(stack.address) as client:
        job = finished(client, client.submit(PORTRAIT, SPEECH))
        assert job.state == jobs_pb2.JOB_STATE_SUCCEEDED, job.failure
        client.download(job, target)
    return target


def test_the_video_is_what_players_expect(video: Path) -> None:
    facts = probe(video)
    with av.open(str(SPEECH)) as source:
        assert source.duration is not None
        speech_seconds = source.duration / av.time_base
    assert (facts.width, facts.height, facts.fps) == (512, 512, 25)
    assert facts.picture_seconds == pytest.approx(speech_seconds, abs=1 / 25)
    assert facts.sound_seconds == pytest.approx(facts.picture_seconds, abs=1 / 25)
    with av.open(str(video)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert sound.codec_context.name == "aac"
        times = [packet.pts * packet.time_base for packet in container.demux(picture) if packet.pts is not None]
    assert np.allclose(np.diff(sorted(times)), 1 / 25), "constant frame rate"
    head = video.read_bytes()[: 1 << 16]
    assert head.index(b"moov") < head.index(b"mdat"), "faststart: the index comes first"


def test_a_face_is_tracked_in_every_frame_and_it_speaks(video: Path) -> None:
    track = track_faces(decoded(video))
    landmarks = track.landmarks
    assert len(landmarks) == probe(video).frames
    assert track.found.all()
    eyes = np.linalg.norm(landmarks[:, EYE_CORNERS[0], :2] - landmarks[:, EYE_CORNERS[1], :2], axis=1)
    opening = np.linalg.norm(landmarks[:, UPPER_LIP, :2] - landmarks[:, LOWER_LIP, :2], axis=1) / eyes
    assert np.percentile(opening, 95) > 0.08, "the mouth opens"
    assert np.percentile(opening, 5) < 0.03, "and closes"
    assert np.ptp(landmarks[:, 1, :2], axis=0).max() / eyes.mean() > 0.03, "the head moves"
    assert np.abs(np.diff(landmarks[:, 1, :2], axis=0)).max() / eyes.mean() < 0.1, "without jumps"


def test_a_known_photo_skips_face_encode(client: Client, video: Path) -> None:
    del video  # another job has been through
    job = finished(client, client.submit(PORTRAIT, SPEECH, SMALL))
    assert states(job) == ["SKIPPED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]
    assert job.result.width == 256


def misshapen(face: bytes) -> bytes:
    """A file as it should be, and in it an array of another shape."""
    arrays, fields = archive.load("appearance", Appearance.VERSION, face)
    arrays["identity"] = np.zeros(1, np.float32)
    return archive.dump("appearance", Appearance.VERSION, arrays, fields)


@pytest.mark.parametrize("spoil", [lambda _: b"garbage", misshapen], ids=["no file", "another shape"])
def test_a_known_face_that_was_spoilt_in_the_store_is_encoded_again(
    client: Client, own_settings: Settings, video: Path, spoil: Callable[[bytes], bytes]
) -> None:
    del video  # another job has been through
    photo = f"%{hashlib.sha256(PORTRAIT.read_bytes()).hexdigest()}%"
    with make_engine(own_settings).connect() as connection:
        for name in connection.scalars(
            text("SELECT object_name FROM appearances WHERE key LIKE :photo"), {"photo": photo}
        ):
            Store(own_settings).put(name, spoil(Store(own_settings).get(name)))
    job = finished(client, client.submit(PORTRAIT, SPEECH, SMALL))
    assert states(job) == ["SUCCEEDED"] * 4


def test_one_seed_one_video(client: Client) -> None:
    digests = []
    for seed in (1, 1, 2):
        job = finished(client, client.submit(PORTRAIT, SPEECH, Controls(size=256, seed=seed)))
        digests.append(job.result.sha256)
    assert digests[0] == digests[1]
    assert digests[1] != digests[2]


def test_the_command_in_one_process_makes_the_same_picture(video: Path, vasari: Run, tmp_path: Path) -> None:
    alone = tmp_path / "alone.mp4"
    done = vasari("render", PORTRAIT, SPEECH, "-o", alone, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    for one, other in zip(decoded(alone), decoded(video), strict=True):
        # Another process may take its sums in another order, so that a few pixels round differently.
        assert np.abs(one.astype(int) - other).mean() < 0.1


def test_the_link_in_the_job_gives_the_video_and_a_bare_one_gives_nothing(client: Client) -> None:
    job = finished(client, client.submit(PORTRAIT, SPEECH, SMALL))
    with urllib.request.urlopen(job.result.uri) as answer:
        content = answer.read()
    assert hashlib.sha256(content).hexdigest() == job.result.sha256
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(job.result.uri.partition("?")[0])


def test_the_first_segment_can_be_watched_before_the_last_is_rendered(
    client: Client, speech_of: Callable[[float], Path], tmp_path: Path
) -> None:
    job = client.submit(PORTRAIT, speech_of(21.0))
    for now in client.watch(job):
        if now.segments:
            assert now.state == jobs_pb2.JOB_STATE_RUNNING
            assert stage(now, jobs_pb2.STAGE_KIND_RENDER).state == jobs_pb2.STAGE_STATE_RUNNING
            first = now.segments[0]
            path = tmp_path / "segment.mp4"
            with urllib.request.urlopen(first.uri) as answer:
                path.write_bytes(answer.read())
            facts = probe(path)
            assert facts.frames == first.frames == 100
            assert facts.sound_seconds == pytest.approx(4.0, abs=0.05)
            break
    else:
        pytest.fail("no segment was offered while the job ran")
    done = finished(client, job)
    assert done.state == jobs_pb2.JOB_STATE_SUCCEEDED
    assert done.result.frames == 21 * 25


def test_the_whole_photo(client: Client) -> None:
    job = finished(client, client.submit(PORTRAIT, SPEECH, Controls(size=600, framing=Framing.PORTRAIT)))
    assert (job.result.width, job.result.height) == (512, 600)


def test_cancelling_frees_the_workers_within_a_second(client: Client, speech_of: Callable[[float], Path]) -> None:
    job = client.submit(PORTRAIT, speech_of(60.0), Controls(size=1024))
    for now in client.watch(job):
        if stage(now, jobs_pb2.STAGE_KIND_RENDER).frames_done:
            break
    assert client.cancel(job).state == jobs_pb2.JOB_STATE_CANCELLED
    began = time.monotonic()
    next_job = client.submit(PORTRAIT, SPEECH, SMALL)
    for now in client.watch(next_job):
        if stage(now, jobs_pb2.STAGE_KIND_RENDER).state == jobs_pb2.STAGE_STATE_RUNNING:
            break
    # Speech to motion included. Both workers were in the middle of segments of several seconds of work.
    assert time.monotonic() - began < 2.5
    assert finished(client, next_job).state == jobs_pb2.JOB_STATE_SUCCEEDED
    assert client.get(job).state == jobs_pb2.JOB_STATE_CANCELLED


def test_a_deadline_that_passes_fails_the_job(client: Client, speech_of: Callable[[float], Path]) -> None:
    job = finished(client, client.submit(PORTRAIT, speech_of(60.0), timeout=2.0))
    assert job.failure.reason == jobs_pb2.REASON_DEADLINE_EXCEEDED


@pytest.mark.parametrize("victim", ["vasari_render", "vasari_motion", "vasari_dispatcher", "vasari_gateway"])
def test_a_job_survives_the_death_of_a_process(
    client: Client, speech_of: Callable[[float], Path], tmp_path: Path, victim: str
) -> None:
    watch = client.watch(client.submit(PORTRAIT, speech_of(10.0), SMALL))
    next(now for now in watch if stage(now, jobs_pb2.STAGE_KIND_RENDER).frames_done)
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if victim in command and psutil.Process(os.getpid()) in process.parents():
            process.send_signal(signal.SIGKILL)
    *_, done = watch
    assert done.state == jobs_pb2.JOB_STATE_SUCCEEDED, done.failure
    target = tmp_path / "video.mp4"
    client.download(done, target)
    assert sum(1 for _ in decoded(target)) == 250


def test_deleting_a_job_deletes_its_media(client: Client) -> None:
    job = finished(client, client.submit(PORTRAIT, SPEECH, SMALL))
    client.delete(job)
    deadline = time.monotonic() + 10
    while status_of(job.result.uri) != 404:
        assert time.monotonic() < deadline, "the video is still there"
        time.sleep(0.2)


def test_a_job_that_cannot_work_says_why(client: Client, tmp_path: Path) -> None:
    noise = tmp_path / "noise.flac"
    noise.write_bytes(b"not sound at all")
    job = finished(client, client.submit(PORTRAIT, noise, SMALL))
    assert job.state == jobs_pb2.JOB_STATE_FAILED
    assert job.failure.reason == jobs_pb2.REASON_SPEECH_UNREADABLE
    with pytest.raises(NotReady):
        client.download(job, tmp_path / "none.mp4")
