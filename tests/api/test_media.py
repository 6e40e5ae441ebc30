"""UploadAsset, DownloadResult, and what is refused at the door."""

from __future__ import annotations

import asyncio
import hashlib
import time
import urllib.error
import urllib.request
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from tests.conftest import Start, Workers

from vasari.client import Client
from vasari.jobs.schema import Asset, Litter
from vasari.proto.v1 import jobs_pb2
from vasari.proto.v1.jobs_pb2_grpc import JobServiceStub
from vasari.store import Store
from vasari.values import InputError, NotFound, NotReady, Reason
from vasari.values.parts import Part as BodyPart
from vasari.values.rules import InvalidRequest, Violation

SPEECH = b"some speech"
POSES = b"second,yaw,pitch,roll\n0,0,0,0\n"
Part = jobs_pb2.UploadAssetRequest


def header(content: bytes, **changed: object) -> Part:
    fields = {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)} | changed
    return Part(header=jobs_pb2.AssetHeader(**fields))


def test_an_upload_is_named_by_its_content(client: Client, tmp_path: Path) -> None:
    content = bytes(range(256)) * 20_000
    file = tmp_path / "speech.wav"
    file.write_bytes(content)
    seen: list[tuple[int, int]] = []
    asset = client.upload(file, lambda done, total: seen.append((done, total)))
    assert asset.sha256 == hashlib.sha256(content).hexdigest()
    assert asset.name == f"assets/{asset.sha256}"
    assert asset.size_bytes == len(content)
    assert seen[-1] == (len(content), len(content))
    assert client.upload(content) == asset


def test_what_was_uploaded_is_not_collected(client: Client, photo: bytes, engine: Engine, store: Store) -> None:
    client.upload(b"speech in an upload")
    client.submit(photo, SPEECH)
    with Session(engine) as session:
        kept = session.scalars(select(Asset.object_name)).all()
        doomed = session.scalars(select(Litter.prefix)).all()
    assert len(kept) == 3
    assert [store.names(name) for name in kept] == [[name] for name in kept]
    assert not set(kept) & set(doomed)


def test_a_large_file_is_uploaded_and_a_small_one_travels_inline(client: Client, photo: bytes) -> None:
    large = b"s" * (5 * 2**20)
    job = client.submit(photo, large)
    assert job.speech == f"assets/{hashlib.sha256(large).hexdigest()}"


@pytest.mark.parametrize(
    ("parts", "field", "words"),
    [
        ([header(b"one"), Part(chunk=b"two")], "header.sha256", "is not that of the bytes that came"),
        ([header(b"one"), Part(chunk=b"o")], "header.size_bytes", "is 3, but 1 bytes came"),
        ([header(b"one"), Part(chunk=b"more than one")], "chunk", "goes beyond the 3 bytes of the header"),
        ([Part(chunk=b"one")], "header", "must be the first message"),
        ([header(b"one"), header(b"one")], "header", "must be the first message, and only the first"),
        ([header(b"one", sha256="xyz")], "header.sha256", "does not match regex"),
        ([header(b"one", size_bytes=0)], "header.size_bytes", "must be greater than 0"),
        ([header(b"one", size_bytes=7 * 2**20)], "header.size_bytes", f"must be at most {6 * 2**20} bytes"),
        ([header(b"one"), Part()], "part", "exactly one field is required"),
        ([], "header", "must be the first message"),
    ],
)
def test_a_wrong_upload_is_refused(client: Client, parts: list[Part], field: str, words: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        _send(client, parts)
    (violation,) = refused.value.violations
    assert violation.field == field
    assert words in violation.description


def _send(client: Client, parts: list[Part]) -> jobs_pb2.Asset:
    """Upload through the client's own channel, so that its errors are read as any other call's."""

    async def send() -> jobs_pb2.Asset:
        inner = client._client
        send = JobServiceStub(inner._uploads).UploadAsset
        return await inner._persist(lambda: asyncio.to_thread(send, iter(parts), timeout=10))

    return client._wait(send())


def image(kind: str, size: tuple[int, int] = (64, 64)) -> bytes:
    file = BytesIO()
    Image.new("L", size).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("portrait", "reason", "words"),
    [
        (b"not a photo", Reason.PORTRAIT_UNREADABLE, "not an image"),
        (b"%PDF-1.7", Reason.PORTRAIT_UNREADABLE, "a PDF document: use a JPEG, PNG, WebP, HEIC"),
        (image("AVIF")[:60], Reason.PORTRAIT_UNREADABLE, "damaged"),
        (image("PNG")[:20], Reason.PORTRAIT_UNREADABLE, "damaged"),
        (image("PNG", (20_000, 20_000)), Reason.PORTRAIT_TOO_LARGE, "the limit is 50 million"),
        (b"x" * (5 * 2**20 + 1), Reason.INVALID_REQUEST, "must be at most 5242880 bytes, is 5242881"),
    ],
)
@pytest.mark.parametrize("way", ["inline", "uploaded"])
def test_a_portrait_is_refused_by_its_header(
    client: Client, portrait: bytes, reason: Reason, words: str, way: str
) -> None:
    source = client.upload(portrait) if way == "uploaded" else portrait
    with pytest.raises(InputError, match=words) as refused:
        client.submit(source, SPEECH)
    assert refused.value.reason is reason
    assert isinstance(refused.value, InvalidRequest)
    assert [violation.field for violation in refused.value.violations] == ["portrait"]
    assert list(client.jobs()) == []


@pytest.mark.parametrize("way", ["inline", "uploaded"])
def test_a_background_picture_is_refused_by_its_header(client: Client, photo: bytes, way: str) -> None:
    source = client.upload(b"a page of text") if way == "uploaded" else b"a page of text"
    with pytest.raises(InvalidRequest, match="the background picture is not an image: use a JPEG") as refused:
        client.submit(photo, SPEECH, background_picture=source)
    assert [violation.field for violation in refused.value.violations] == ["background_picture"]
    assert list(client.jobs()) == []


def test_a_background_picture_is_an_asset_of_its_job(client: Client, photo: bytes) -> None:
    picture = client.upload(image("PNG"))
    job = client.submit(photo, SPEECH, background_picture=picture)
    assert job.background_picture == picture.name
    assert client.get(job).background_picture == picture.name
    client.delete(job)
    with pytest.raises(NotFound, match=picture.name):
        client.submit(photo, SPEECH, background_picture=picture)


@pytest.mark.parametrize("role", ["motion", *BodyPart])
@pytest.mark.parametrize("way", ["inline", "uploaded"])
def test_a_motion_file_is_refused_by_its_beginning(client: Client, photo: bytes, role: str, way: str) -> None:
    source = client.upload(SPEECH) if way == "uploaded" else SPEECH
    files = {"motion": source} if role == "motion" else {"parts": {BodyPart(role): source}}
    with pytest.raises(InvalidRequest, match="this is no motion file: use a Live Link Face CSV") as refused:
        client.submit(photo, b"speech", **files)
    assert refused.value.reason is Reason.MOTION_UNREADABLE
    assert [violation.field for violation in refused.value.violations] == [role]
    assert list(client.jobs()) == []


def test_a_motion_file_has_its_limit(client: Client, photo: bytes) -> None:
    large = POSES + b"0" * (3 * 2**20)
    for source in (large, client.upload(large)):
        with pytest.raises(InvalidRequest) as refused:
            client.submit(photo, motion=source)
        assert refused.value.violations == (Violation("motion", f"must be at most {2**21} bytes, is {len(large)}"),)


def test_motion_files_are_assets_of_their_job(client: Client, photo: bytes) -> None:
    motion, pose = client.upload(POSES + b"1,2,3,4\n"), client.upload(POSES)
    job = client.submit(photo, motion=motion, parts={BodyPart.POSE: pose, BodyPart.MOUTH: POSES})
    assert (job.motion, job.pose, job.mouth, job.speech) == (motion.name, pose.name, pose.name, "")
    client.delete(job)
    with pytest.raises(NotFound, match=motion.name):
        client.submit(photo, motion=motion)


def test_too_much_speech_is_refused(client: Client, photo: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        client.submit(photo, b"s" * (6 * 2**20 + 1))
    assert refused.value.violations == (Violation("header.size_bytes", "must be at most 6291456 bytes, is 6291457"),)


def test_the_video_arrives_whole_by_stream_and_by_link(
    client: Client, photo: bytes, workers: Workers, tmp_path: Path
) -> None:
    job = client.submit(photo, SPEECH)
    with pytest.raises(NotReady, match="is not done yet"):
        client.download(job, tmp_path / "video.mp4")

    video = bytes(range(256)) * 5000
    workers.finish(video)
    done = client.get(job)
    path = client.download(job, tmp_path / "video.mp4")
    assert path.read_bytes() == video
    assert list(tmp_path.iterdir()) == [path]
    with urllib.request.urlopen(done.result.uri) as answer:
        assert answer.read() == video
    assert done.result.uri_expire_time.ToDatetime() > done.end_time.ToDatetime()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(done.result.uri.partition("?")[0])


@pytest.mark.usefixtures("address")
def test_a_link_is_good_for_its_time_and_for_no_longer(start_gateway: Start, photo: bytes, workers: Workers) -> None:
    with start_gateway(result_link_seconds=3) as gateway, Client(gateway.address) as client:
        job = client.submit(photo, SPEECH)
        workers.finish(b"video")
        result = client.get(job).result
        with urllib.request.urlopen(result.uri) as answer:
            assert answer.read() == b"video"
        time.sleep(max(0.0, result.uri_expire_time.ToNanoseconds() / 1e9 - time.time()))
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(result.uri)
        with urllib.request.urlopen(client.get(job).result.uri) as answer:
            assert answer.read() == b"video"


def test_a_job_without_a_video_has_none_to_download(client: Client, photo: bytes, tmp_path: Path) -> None:
    job = client.submit(photo, SPEECH)
    client.cancel(job)
    with pytest.raises(NotReady, match="cancelled and has no result"):
        client.download(job, tmp_path / "video.mp4")
    assert list(tmp_path.iterdir()) == []
