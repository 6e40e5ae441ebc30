"""`vasari sheet`: many poses and expressions of one face on one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vasari.cli.arguments import Portrait
from vasari.cli.output import writable
from vasari.cli.pipes import file_option


def sheet(
    portrait: Portrait,
    output: Annotated[Path, typer.Option("--output", "-o", help="The PNG to write.")] = Path("sheet.png"),
    only: Annotated[
        Literal["coefficients", "combinations", "poses", "gaze", "visemes", "emotions"] | None,
        typer.Option(help="Only this part of the sheet."),
    ] = None,
    speech: Annotated[
        Path | None, file_option("How the face says this, instead: its moments, frame by frame, and curves.")
    ] = None,
    controls: Annotated[
        bool, typer.Option("--controls", help="What each control makes of SPEECH: emotions, gaze, distance and so on.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=1.0, max=60.0, help="Of the speech that are shown at most.")] = 10.0,
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

      vasari sheet portrait.jpg --speech speech.wav -o spoken.png

      vasari sheet portrait.jpg --speech speech.wav --controls -o controls.png
    """
    from vasari.cli.show import StageBars, stdout
    from vasari.config import settings
    from vasari.values import InputError, Reason

    writable(output, portrait, speech)
    if controls and not speech:
        raise InputError(Reason.INVALID_REQUEST, "--controls are tried on speech: name it with --speech")
    if only and speech:
        raise InputError(Reason.INVALID_REQUEST, "--only chooses a part of the sheet without --speech")
    with StageBars() as bars:
        bars.update("load", 0, 0, "")
        from vasari.device import use_device
        from vasari.evaluation.cells import Crop, Section, strip
        from vasari.evaluation.sheet import contact_sheet
        from vasari.evaluation.spoken import draw_motion, spoken
        from vasari.evaluation.wished import draw_wishes, wished
        from vasari.face import encode
        from vasari.media.portrait import read_portrait
        from vasari.media.speech import read_speech
        from vasari.motion import animate

        torch_device = use_device(device)
        photo = read_portrait(portrait, settings().max_portrait_pixels)
        appearance = encode(photo, face_index)
        bars.update("load", 1, 1, "")

        def show(what: str, done: int, total: int) -> None:
            bars.update(what, done, total, f"{done} of {total}")

        above = None
        if speech is None:
            strips = [strip(section) for section in ([Section(only)] if only else Section)]
        else:
            said = read_speech(speech, settings().max_speech_seconds).samples[: round(16_000 * seconds)]
            if controls:
                strips, above = wished(said, appearance.identity, show), draw_wishes(said)
            else:
                motion = animate(said, identity=appearance.identity, device=torch_device)
                strips, above = spoken(motion), draw_motion(motion)
        drawn = contact_sheet(
            photo,
            appearance,
            strips,
            crop=Crop(crop) if crop else None,
            size=size,
            title=portrait.name,
            above=above,
            device=torch_device,
            show=show,
        )
        drawn.save(output)
    stdout.print(f"{output}: {drawn.width}x{drawn.height} pixels", soft_wrap=True, highlight=False)
