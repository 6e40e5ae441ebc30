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
        "--output",
        "-o",
        help="The file to write: .mp4 or .webm, or without sound .webp or .gif; a motion is a .csv.",
        show_default="video.mp4, or motion.csv of a motion alone",
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
