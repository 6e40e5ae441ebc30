"""`vasari submit`: files to a server, a video or a motion back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vasari.cli.arguments import (
    BackgroundPicture,
    MotionOnly,
    OptionalPortrait,
    OptionalSpeech,
    ResultOutput,
)
from vasari.cli.follow import follow, megabytes
from vasari.cli.options import takes
from vasari.cli.output import as_named, result_path
from vasari.cli.server import Server
from vasari.cli.sources import MotionFiles
from vasari.cli.wishes import Wishes

if TYPE_CHECKING:
    from vasari.cli.show import StageBars
    from vasari.client import Client
    from vasari.proto.v1 import jobs_pb2
    from vasari.values import Controls

SHOWN_UPLOAD_BYTES: Final = 4 * 2**20
"""Files above this are uploaded in chunks, which is worth a bar."""


@takes(wishes=Wishes, files=MotionFiles, server=Server)
def submit(
    wishes: Wishes,
    files: MotionFiles,
    server: Server,
    portrait: OptionalPortrait = None,
    speech: OptionalSpeech = None,
    output: ResultOutput = None,
    motion_only: MotionOnly = False,
    background_picture: BackgroundPicture = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the result, or only print the job.")] = True,
) -> None:
    """Have a server make a video, or a motion alone, show how it gets on, and fetch it.

    [bold]Examples[/bold]

      vasari submit portrait.jpg speech.wav -o video.mp4

      vasari submit portrait.jpg speech.wav -o video.mp4 --emotion happy=0.6 --gaze 10,-5 --seed 7

      vasari submit portrait.jpg speech.wav -o video.mp4 --background-picture street.jpg

      vasari submit portrait.jpg speech.wav --no-wait

      vasari submit speech.wav --motion-only -o motion.csv

      vasari submit portrait.jpg --motion motion.csv -o video.mp4

      vasari submit portrait.jpg speech.wav --pose-from poses.csv --expression-from motion.csv
    """
    from vasari.cli.show import StageBars, stderr, stdout, summary

    if motion_only and speech is None:
        portrait, speech = None, portrait
    controls = wishes.controls(portrait)
    _check(portrait, speech, files, background_picture, controls, motion_only)
    output = result_path(output, motion_only, portrait, speech, background_picture, wishes.camera_file, *files.all)
    began = time.monotonic()
    with server.client() as client, StageBars() as bars:
        paths = (portrait, speech, *files.all, background_picture)
        given = {path: _upload(client, path, bars) for path in paths if path}
        job = client.submit(
            given[portrait] if portrait else None,
            given[speech] if speech else None,
            controls,
            motion=given[files.motion] if files.motion else None,
            parts={part: given[path] for part, path in files.parts.items()},
            background_picture=given[background_picture] if background_picture else None,
            motion_only=motion_only,
        )
        if not wait:
            stdout.print(job.name)
            return
        try:
            job = follow(client, job, bars)
        except KeyboardInterrupt:
            stderr.print(
                f"\n{job.name} goes on. See it again: vasari watch {job.name}; stop it: vasari cancel {job.name}",
                soft_wrap=True,
                highlight=False,
            )
            raise
        with as_named(output, bars.count) as film:
            client.download(job, film, lambda now, total: bars.update("download", now, total, megabytes(now)))
    summary(output, time.monotonic() - began, job.result.frames / job.result.fps, "motion" if motion_only else "video")


def _check(
    portrait: Path | None,
    speech: Path | None,
    files: MotionFiles,
    background_picture: Path | None,
    controls: Controls,
    motion_only: bool,
) -> None:
    """Raises InputError for files that do not go together, or are no motion, before any of them is uploaded."""
    from vasari.proto.v1 import jobs_pb2
    from vasari.values.rules import InvalidRequest, Violation, check
    from vasari.values.wire import controls_to_proto

    given = {
        "portrait": portrait,
        "speech": speech,
        "motion": files.motion,
        "background_picture": background_picture,
    }
    given |= {part.value: path for part, path in files.parts.items()}
    asset = jobs_pb2.Media(asset="assets/" + 64 * "0")
    request = jobs_pb2.CreateJobRequest(
        controls=controls_to_proto(controls),
        result_kind="RESULT_KIND_MOTION" if motion_only else "RESULT_KIND_VIDEO",
    )
    for role, path in given.items():
        if path:
            getattr(request, role).CopyFrom(asset)
    try:
        check(request)
    except InvalidRequest as error:
        words = [
            v.description.replace("set result_kind to RESULT_KIND_MOTION", "give --motion-only").replace(
                "background_picture", "--background-picture"
            )
            for v in error.violations
        ]
        raise InvalidRequest(Violation("", description) for description in words) from None
    files.check()


def _upload(client: Client, path: Path, bars: StageBars) -> Path | jobs_pb2.Asset:
    """A large file, uploaded under a bar; a small one as it is, to travel with the request."""
    if path.stat().st_size <= SHOWN_UPLOAD_BYTES:
        return path
    return client.upload(
        path, lambda done, total: bars.update(f"upload {path.name}"[:14], done, total, megabytes(done))
    )
