"""`vasari sheet`: many poses and expressions of one face on one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vasari.cli.arguments import Portrait, writable


def sheet(
    portrait: Portrait,
    output: Annotated[Path, typer.Option("--output", "-o", help="The PNG to write.")] = Path("sheet.png"),
    only: Annotated[
        Literal["coefficients", "combinations", "poses", "gaze", "visemes", "emotions"] | None,
        typer.Option(help="Only this part of the sheet."),
    ] = None,
    crop: Annotated[
        Literal["frame", "face", "eyes", "mouth"] | None,
        typer.Option(help="What each picture shows; without it the face, and the whole frame for poses."),
    ] = None,
    size: Annotated[int, typer.Option(min=64, max=1024, help="Pixels along the longer side of each picture.")] = 200,
    face_index: Annotated[
        int | None, typer.Option(min=0, help="Which face when the photo shows several: 0 is the largest.")
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
) -> None:
    """Draw a contact sheet: a face in every coefficient, pose, gaze, viseme and emotion.

    [bold]Examples[/bold]

      vasari sheet portrait.jpg -o sheet.png

      vasari sheet portrait.jpg --only visemes --crop mouth --size 320 -o mouth.png
    """
    from vasari.cli.show import StageBars, stdout
    from vasari.config import settings

    writable(output)
    with StageBars() as bars:
        bars.update("load", 0, 0, "")
        from vasari.device import use_device
        from vasari.evaluation.cells import Section
        from vasari.evaluation.sheet import Crop, contact_sheet
        from vasari.face import encode
        from vasari.media.portrait import read_portrait

        torch_device = use_device(device)
        photo = read_portrait(portrait, settings().max_portrait_pixels)
        appearance = encode(photo, face_index)
        bars.update("load", 1, 1, "")
        drawn = contact_sheet(
            photo,
            appearance,
            [Section(only)] if only else list(Section),
            crop=Crop(crop) if crop else None,
            size=size,
            title=portrait.name,
            device=torch_device,
            show=lambda what, done, total: bars.update(what, done, total, f"{done} of {total}"),
        )
        drawn.save(output)
    stdout.print(f"{output}: {drawn.width}x{drawn.height} pixels", soft_wrap=True, highlight=False)
