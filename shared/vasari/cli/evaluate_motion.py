"""`vasari eval motion`: how well speech becomes motion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from vasari.evaluation.figures import Figure


def motion(
    clips: Annotated[
        list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="Videos of one speaking person each.")
    ] = None,
    speech: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What heads and controls are measured on."),
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.1, help="Minutes over which heads are measured.")] = 20.0,
    only: Annotated[
        Literal["clips", "heads", "controls"] | None, typer.Option(help="Only this part of the measurements.")
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure motion: lips against filmed speakers, heads against the figures of people, wishes against what is done.

    Each clip's sound and picture are aligned first. Phones that are known are read from a file beside a clip,
    CLIP.phones, with a line `start stop phone` for each.

    [bold]Examples[/bold]

      vasari eval motion clips/*.mp4

      vasari eval motion --speech speech.wav --minutes 5
    """
    from vasari.cli.show import StageBars, figure_table, stdout
    from vasari.values import InputError, Reason

    if not clips and not speech:
        raise InputError(Reason.INVALID_REQUEST, "nothing to measure on: name clips, or --speech")
    with StageBars() as bars:
        bars.update("load", 0, 0, "")
        from vasari.config import settings
        from vasari.device import use_device
        from vasari.evaluation.speaking import measure_clips, measure_controls, measure_heads
        from vasari.media.speech import read_speech

        use_device(device)
        said = read_speech(speech, settings().max_speech_seconds).samples if speech else None
        bars.update("load", 1, 1, "")

        def show(what: str, done: int, total: int) -> None:
            bars.update(what, done, total, f"{done} of {total}")

        figures: list[Figure] = []
        if clips and only in (None, "clips"):
            figures += measure_clips(clips, show)
        if said is not None and only in (None, "heads"):
            figures += measure_heads(said, minutes, show)
        if said is not None and only in (None, "controls"):
            figures += measure_controls(said, show)
    if as_json:
        print(json.dumps({figure.quantity.name: figure.to_json() for figure in figures}, indent=2))
    else:
        stdout.print(figure_table(figures))
