"""Commands that need no server: render, and up, which starts one."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from vasari.cli.arguments import (
    BackgroundPicture,
    MotionOnly,
    OptionalPortrait,
    OptionalSpeech,
    ResultOutput,
    Track,
)
from vasari.cli.options import takes
from vasari.cli.output import as_named, result_path
from vasari.cli.sources import Sources
from vasari.cli.wishes import Wishes

if TYPE_CHECKING:
    from vasari.local.process import Event

DEFAULT_PORT: Final = 8470


def register(app: typer.Typer) -> None:
    for command in (render, up):
        app.command(rich_help_panel="On this machine")(command)


@takes(wishes=Wishes, sources=Sources)
def render(
    wishes: Wishes,
    sources: Sources,
    portrait: OptionalPortrait = None,
    speech: OptionalSpeech = None,
    output: ResultOutput = None,
    motion_only: MotionOnly = False,
    background_picture: BackgroundPicture = None,
    track: Track = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
) -> None:
    """Make a video, or a motion alone, here and now, without a server.

    [bold]Examples[/bold]

      vasari render portrait.jpg speech.wav -o video.mp4

      vasari render portrait.jpg speech.wav -o video.mp4 --emotion happy=0.6 --framing portrait --seed 7

      vasari render portrait.jpg speech.wav -o video.mp4 --camera '0:0,0 2:15,0 4:0,5,1.2'

      vasari render portrait.jpg driving.mp4 --motion motion.csv -o video.mp4

      vasari render portrait.jpg --motion motion.csv -o silent.mp4

      vasari render portrait.jpg speech.wav --pose-from poses.csv --expression-from smiling.mp4 -o video.mp4

      vasari render speech.wav --motion-only -o motion.csv
    """
    from vasari.cli.pipeline import make_motion, make_video
    from vasari.cli.show import StageBars, summary
    from vasari.config import settings
    from vasari.values import Framing
    from vasari.values.rules import InvalidRequest, Violation

    controls = wishes.controls(portrait)
    if background_picture and controls.framing is Framing.PORTRAIT:
        raise InvalidRequest([Violation("", "a background picture needs framing face")])
    if background_picture and motion_only:
        raise InvalidRequest([Violation("", "a motion has no picture; leave --background-picture out")])
    if background_picture and controls.background:
        raise InvalidRequest([Violation("", "a background is a color or a picture; leave one of them out")])
    if motion_only and speech is None:
        portrait, speech = None, portrait
    if portrait is None and not motion_only:
        raise InvalidRequest([Violation("PORTRAIT", "is missing; a motion alone, with --motion-only, needs none")])
    path = result_path(output, motion_only, portrait, speech, background_picture, wishes.camera_file, *sources.all)
    began = time.monotonic()
    with StageBars() as bars:
        if portrait is None or motion_only:
            seconds = make_motion(portrait, speech, path, controls, settings(), device, bars.count, sources, track)
        else:
            with as_named(path, bars.count) as film:
                clip, _ = make_video(
                    portrait, speech, film, controls, settings(), device, bars.count, sources, background_picture, track
                )
            seconds = clip.seconds
    summary(path, time.monotonic() - began, seconds, "motion" if motion_only else "video")


def up(
    workers: Annotated[
        str,
        typer.Option(
            metavar="STAGE=N,...",
            help="Worker processes of face-encode, motion and render. By default one of each, and of render one for "
            "each core, up to four.",
        ),
    ] = "",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the gateway shall listen.")] = DEFAULT_PORT,
    data: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="The folder that keeps jobs, media and logs between runs.",
            show_default="~/.local/share/vasari",
        ),
    ] = None,
    require_keys: Annotated[
        bool,
        typer.Option(
            "--require-keys",
            help="Ask callers for API keys, as VASARI_REQUIRE_KEYS=true does. The first one is made, and printed once.",
        ),
    ] = False,
) -> None:
    """Start a server on this machine; Ctrl-C stops it.

    PostgreSQL, Valkey, SeaweedFS, the gateway, the dispatcher and the workers run as processes of their own, and what
    they keep lies in one folder.

    [bold]Examples[/bold]

      vasari up

      vasari up --workers render=2 --port 9000 --data ./vasari-data

      vasari up --require-keys
    """
    from vasari.config import settings
    from vasari.local.stack import Stack

    counts = _counts(workers)
    _check_free(port)
    # SIGTERM stops the stack as Ctrl-C does, also while it starts.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    show_key = _tell_key if require_keys or settings().require_keys else None
    with Stack(data or _data_folder(), counts, port, _tell, show_key) as stack:
        option = "" if port == DEFAULT_PORT else f" --target {stack.address}"
        print(f"metrics: each service has a page for Prometheus, listed in {stack.targets}", flush=True)
        print(f"ready at {stack.address}: vasari submit portrait.jpg speech.wav -o video.mp4{option}", flush=True)
        try:
            while True:
                signal.pause()
        except KeyboardInterrupt:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            print("stopping", flush=True)


def _tell(event: Event) -> None:
    from vasari.local.process import State

    if event.state is State.READY:
        print(f"  {event.name:<14} {event.seconds:5.1f} s", flush=True)
    elif event.state is State.DIED:
        typer.echo(f"  {event.name} died and is started again: {event.detail}", err=True)


def _tell_key(key: str) -> None:
    print(f"API key, shown only now: {key} (callers give it in VASARI_API_KEY, or as --api-key)", flush=True)


def _counts(workers: str) -> dict[str, int]:
    """ "render=2,motion=1" -> {"render": 2, "motion": 1}. Raises InputError."""
    from vasari.values import InputError, Reason

    counts = {}
    for part in filter(None, workers.split(",")):
        stage, _, number = part.partition("=")
        if not number.isdecimal():
            raise InputError(Reason.INVALID_REQUEST, f"--workers wants STAGE=N such as render=2, is {part!r}")
        counts[stage.strip()] = int(number)
    return counts


def _check_free(port: int) -> None:
    """Raises InputError for a port that is taken, before anything is started."""
    from vasari.values import InputError, Reason

    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise InputError(
            Reason.INVALID_REQUEST, f"port {port} cannot be used ({error.strerror}); choose another with --port"
        ) from error


def _data_folder() -> Path:
    """Where the XDG base directory specification puts a user's data."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "vasari"
