"""What several commands are given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vasari.cli.pipes import file_argument, file_option

_PHOTO = "A photo: JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF."
Portrait = Annotated[Path, file_argument(_PHOTO)]
OptionalPortrait = Annotated[Path | None, file_argument(_PHOTO)]
OptionalSpeech = Annotated[Path | None, file_argument("Sound of any kind, or a video's sound.")]
ResultOutput = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="The file to write.", show_default="video.mp4, or motion.csv of a motion alone"
    ),
]
MotionOnly = Annotated[
    bool,
    typer.Option(
        "--motion-only",
        help="Make no video but the motion, a CSV for game engines. PORTRAIT may be left out: its face only tells "
        "how far the mouth opens.",
    ),
]
BackgroundPicture = Annotated[Path | None, file_option("A picture behind the person; its middle fills the frame.")]
Track = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Which sound track of SPEECH. Without it the usual one, or if that is silent, the first that is not.",
        show_default=False,
    ),
]
JobName = Annotated[str, typer.Argument(metavar="JOB", help="The job's name, as `submit` and `jobs` print it.")]


def writable(output: Path) -> None:
    """Raises InputError, before any work is done, for a path at which no file can be made."""
    from vasari.values import InputError, Reason

    if output.is_dir():
        raise InputError(Reason.INVALID_REQUEST, f"--output {output} is a folder; name a file in it")
    if not output.absolute().parent.is_dir():
        raise InputError(Reason.INVALID_REQUEST, f"--output: there is no folder {output.parent}; make it first")


def result_path(output: Path | None, motion: bool) -> Path:
    """Where to write what a job made. Raises InputError as `writable`, and for a motion that is not to be a CSV."""
    from vasari.values import InputError, Reason

    path = output or Path("motion.csv" if motion else "video.mp4")
    if motion and path.suffix.lower() != ".csv":
        raise InputError(Reason.INVALID_REQUEST, f"--output: a motion is a CSV; name it {path.with_suffix('.csv')}")
    writable(path)
    return path
