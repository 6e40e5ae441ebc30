"""`vasari track`: the motion of a filmed person, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vasari.cli.output import writable
from vasari.cli.pipes import file_argument, file_option


def track(
    video: Annotated[Path, file_argument("A video of one person's face.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The file to write: .csv as Live Link Face has it, or .safetensors."),
    ] = Path("motion.csv"),
    photo: Annotated[
        Path | None,
        file_option("A frame of VIDEO on which the motion will be played, instead of the calmest one.", "FILE"),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
) -> None:
    """Recover head motion, expression and gaze from a video, free of whose they are.

    Poses are relative to the video's calmest frame: ahead, lips together, eyes open; or to PHOTO.

    [bold]Examples[/bold]

      vasari track driving.mp4 -o motion.csv

      vasari track driving.mp4 -o motion.safetensors

      vasari track driving.mp4 --photo first_frame.png -o motion.csv
    """
    from vasari.cli.show import StageBars, stdout
    from vasari.media.motion_file import check_motion_name, write_motion

    writable(output, video, *([photo] if photo else []))
    check_motion_name(output)
    with StageBars() as bars:
        bars.update("load", 0, 0, "")
        from vasari.device import use_device
        from vasari.face.tracking.capture import capture_film
        from vasari.media.film import Film
        from vasari.media.portrait import read_portrait

        torch_device = use_device(device)
        film = Film.of(video)
        bars.update("load", 1, 1, "")
        total = film.expected_frames
        film = film.told(lambda done: bars.count("frames", min(done, total or done), total))
        shown = read_portrait(photo) if photo else None
        found = capture_film(film, film.fps, torch_device, shown)
        write_motion(output, found.motion)
    motion = found.motion
    stdout.print(
        f"{output}: {len(motion)} frames at {motion.fps:g} a second; calmest at {found.index / motion.fps:.2f} s",
        soft_wrap=True,
        highlight=False,
    )
