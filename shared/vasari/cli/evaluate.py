"""`vasari eval`: figures measured on the pictures themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

if TYPE_CHECKING:
    from vasari.evaluation.figures import Figure

_PHOTOS: Final = (".jpg", ".jpeg", ".png", ".webp")

app = typer.Typer(no_args_is_help=True, help="Measure how good the pictures are.")


@app.callback()
def evaluate() -> None:
    """Measure how good the pictures are."""


@app.command()
def render(
    clips: Annotated[
        list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="Videos of one speaking person each.")
    ] = None,
    portraits: Annotated[
        Path | None, typer.Option(exists=True, help="A portrait, or a folder of them.", show_default="none")
    ] = None,
    speech: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What portraits say; without it the sound of the first clip."),
    ] = None,
    only: Annotated[
        Literal["reenactment", "pose", "sweeps", "likeness", "speed"] | None,
        typer.Option(help="Only this part of the measurements."),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure rendering: does the picture show what the motion asks for, and still the person?

    The face mesh is run on the rendered pixels; the renderer's own bookkeeping is not asked.

    [bold]Examples[/bold]

      vasari eval render clips/*.mp4 --portraits portraits

      vasari eval render --portraits portrait.jpg --only sweeps --json
    """
    from vasari.cli.show import StageBars, figure_table, stdout
    from vasari.config import settings
    from vasari.values import InputError, Reason

    photos = _photos(portraits)
    if not photos and not clips:
        raise InputError(Reason.INVALID_REQUEST, "nothing to measure on: name clips, or --portraits")
    with StageBars() as bars:
        bars.update("load", 0, 0, "")
        from vasari.device import use_device
        from vasari.evaluation.portraits import CHECKS, measure_portraits
        from vasari.evaluation.reenactment import measure_clips
        from vasari.media.speech import read_speech
        from vasari.motion import animate

        torch_device = use_device(device)
        checks: set[str] = {only} if only else {"reenactment", *CHECKS}
        said = (speech or (clips[0] if clips else None)) if photos and checks & {"likeness", "speed"} else None
        speaking = animate(read_speech(said, settings().max_speech_seconds).samples) if said else None
        bars.update("load", 1, 1, "")

        def show(what: str, done: int, total: int) -> None:
            bars.update(what, done, total, f"{done} of {total}")

        figures: list[Figure] = []
        if clips and "reenactment" in checks:
            figures += measure_clips(clips, torch_device, show)
        if photos:
            figures += measure_portraits(photos, checks, speaking, torch_device, show)
    if as_json:
        print(json.dumps({figure.quantity.name: figure.to_json() for figure in figures}, indent=2))
    else:
        stdout.print(figure_table(figures))


@app.command()
def again(
    clips: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Videos of one speaking person each.")
    ],
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure capture and rendering together: what was filmed, drawn and tracked again.

    Each clip's motion is drawn on its calmest frame. The table has a row for each clip and their mean, a column for
    each curve that a viewer sees, and in it Pearson's r and the gain: how far the curve spreads over the filmed one.

    [bold]Example[/bold]

      vasari eval again clips/*.mp4
    """
    from vasari.cli.show import StageBars, stdout

    with StageBars() as bars:
        bars.update("load", 0, 0, "")
        from vasari.device import use_device
        from vasari.evaluation.again import measure_again

        torch_device = use_device(device)
        bars.update("load", 1, 1, "")
        found = measure_again(clips, torch_device, lambda what, done, total: bars.update(what, done, total, ""))
    if as_json:
        rows = {clip: {name: curve._asdict() for name, curve in curves.items()} for clip, curves in found.items()}
        print(json.dumps(rows, indent=2))
        return
    names = list(found["mean"])
    widths = [max(len(name), len("0.00/0.00")) for name in names]
    first = max(map(len, found))
    lines = [" ".join([" " * first, *(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))])]
    for clip, curves in found.items():
        cells = (f"{curves[name]!s:>{width}}" for name, width in zip(names, widths, strict=True))
        lines.append(" ".join([f"{clip:{first}}", *cells]))
    stdout.print("\n".join(lines), soft_wrap=True, highlight=False)


def _photos(path: Path | None) -> list[Path]:
    if path is None:
        return []
    return sorted(p for p in path.iterdir() if p.suffix.lower() in _PHOTOS) if path.is_dir() else [path]
