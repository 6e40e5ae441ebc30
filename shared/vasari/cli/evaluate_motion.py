"""`vasari eval motion`: how well speech becomes motion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vasari.cli.output import writable

if TYPE_CHECKING:
    from vasari.evaluation.figures import Figure


def motion(
    clips: Annotated[
        list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="Videos of one speaking person each.")
    ] = None,
    speech: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Recordings; heads and controls are measured on the first, lips on each. Give it several times.",
        ),
    ] = None,
    portrait: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Who says each SPEECH in a video, in which lips are tracked."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(dir_okay=False, help="A picture of filmed and generated curves of up to 3 CLIPS.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.1, help="Minutes over which heads are measured.")] = 20.0,
    only: Annotated[
        Literal["clips", "heads", "controls", "voices", "rendered"] | None,
        typer.Option(help="Only this part of the measurements."),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure motion: lips and heads against those of filmed speakers, wishes against what is done.

    With CLIPS and SPEECH together, the filmed heads' 10th to 90th percentile is the generated ones' aim.
    Each clip's sound and picture are aligned first. Phones that are known are read from a file beside a clip or a
    recording, CLIP.phones, with a line `start stop phone` for each.

    [bold]Examples[/bold]

      vasari eval motion clips/*.mp4

      vasari eval motion clips/*.mp4 --speech speech.wav --only heads

      vasari eval motion --speech english.wav --speech french.wav --portrait portrait.jpg --only rendered
    """
    from vasari.cli.show import StageBars, figure_table, stdout
    from vasari.values import InputError, Reason

    if not clips and not speech:
        raise InputError(Reason.INVALID_REQUEST, "nothing to measure on: name clips, or --speech")
    if plot:
        writable(plot, portrait, *clips or (), *speech or (), option="--plot")
    with StageBars() as bars:
        bars.update("load", 0, 0, "")
        from vasari.config import settings
        from vasari.device import use_device
        from vasari.evaluation.curves import draw_curves
        from vasari.evaluation.filmed import Filmed
        from vasari.evaluation.filmed_again import measure_rendered
        from vasari.evaluation.heads import measure_heads
        from vasari.evaluation.lips import phones_of
        from vasari.evaluation.speaking import measure_clips, measure_controls
        from vasari.evaluation.voices import measure_voices
        from vasari.media.speech import read_speech

        torch_device = use_device(device)
        said = {path.stem: read_speech(path, settings().max_speech_seconds).samples for path in speech or ()}
        first = next(iter(said.values()), None)
        bars.update("load", 1, 1, "")

        def show(what: str, done: int, total: int) -> None:
            bars.update(what, done, total, f"{done} of {total}")

        filmed: dict[Path, Filmed] = {}
        if plot or only in (None, "clips", "heads"):
            for done, path in enumerate(clips or ()):
                show("clips", done, len(clips or ()))
                filmed[path] = Filmed.read(path)
        figures: list[Figure] = []
        if filmed and only in (None, "clips"):
            figures += measure_clips(filmed, show)
        if filmed and plot:
            draw_curves(list(filmed.values()), plot, show)
        if first is not None and only in (None, "heads"):
            figures += measure_heads(first, minutes, filmed, show)
        if first is not None and only in (None, "controls"):
            figures += measure_controls(first, show)
        if said and only in (None, "voices"):
            figures += measure_voices(said, show)
        if said and portrait and only in (None, "rendered"):
            spoken = {path.stem: (said[path.stem], phones_of(path)) for path in speech or ()}
            figures += measure_rendered(portrait, spoken, torch_device, show)
    if as_json:
        print(json.dumps({figure.quantity.name: figure.to_json() for figure in figures}, indent=2))
    else:
        stdout.print(figure_table(figures))
