"""`vasari track`: the motion of a filmed person, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vasari.cli.output import writable
from vasari.cli.pipes import file_argument


def track(
    video: Annotated[Path, file_argument("A video of one person's face.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The file to write: .csv as Live Link Face has it, or .safetensors."),
    ] = Path("motion.csv"),
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run; auto takes a GPU if there is one.")
    ] = "auto",
) -> None:
    """Recover head motion, expression and gaze from a video, free of whose they are.

    Poses are relative to the video's calmest frame: ahead, lips together, eyes open.

    [bold]Examples[/bold]

      vasari track driving.mp4 -o motion.csv

      vasari track driving.mp4 -o motion.safetensors
    """
    from vasari.cli.show import StageBars, stdout
    from vasari.media.motion_file import check_motion_name, write_motion

    writable(output, video)
    check_motion_name(output)
    with StageBars() as bars:
        bars.update("load", 0, 0, "")
        from vasari.device import use_device
        from vasari.face.tracking.capture import capture_film
        from vasari.media.film import Film

        torch_device = use_device(device)
        film = Film.of(video)
        bars.update("load", 1, 1, "")
        total = film.expected_frames
        film = film.told(lambda done: bars.count("frames", min(done, total or done), total))
        found = capture_film(film, film.fps, torch_device)
        write_motion(output, found.motion)
    motion = found.motion
    stdout.print(
        f"{output}: {len(motion)} frames at {motion.fps:g} a second; calmest at {found.index / motion.fps:.2f} s",
        soft_wrap=True,
        highlight=False,
    )
