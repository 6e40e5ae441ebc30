"""Commands that need no server: render, and up, which starts one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from vasari.cli.arguments import Output, Portrait, Speech, writable
from vasari.cli.wishes import Wishes, takes_wishes


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="On this machine")(render)


@takes_wishes
def render(
    portrait: Portrait,
    speech: Speech,
    wishes: Wishes,
    output: Output = Path("video.mp4"),
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
) -> None:
    """Make a video here and now, in one process.

    [bold]Examples[/bold]

      vasari render portrait.jpg speech.wav -o video.mp4

      vasari render portrait.jpg speech.wav -o video.mp4 --emotion happy=0.6 --framing portrait --seed 7
    """
    from vasari.cli.pipeline import make_video
    from vasari.cli.show import StageBars, summary
    from vasari.config import settings

    controls = wishes.controls()
    writable(output)
    began = time.monotonic()
    with StageBars() as bars:
        clip, costs = make_video(portrait, speech, output, controls, settings(), device, bars.count)
    summary(output, costs, time.monotonic() - began, clip.seconds)
