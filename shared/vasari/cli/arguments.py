"""What several commands are given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Portrait = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A photo: JPEG, PNG or WebP.")
]
Speech = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="Sound of any kind, or a video's sound.")
]
Output = Annotated[Path, typer.Option("--output", "-o", help="The MP4 to write.")]
JobName = Annotated[str, typer.Argument(metavar="JOB", help="The job's name, as `submit` and `jobs` print it.")]


def writable(output: Path) -> None:
    """Raises InputError, before any work is done, for a path at which no file can be made."""
    from vasari.values import InputError, Reason

    if output.is_dir():
        raise InputError(Reason.INVALID_REQUEST, f"--output {output} is a folder; name a file in it")
    if not output.absolute().parent.is_dir():
        raise InputError(Reason.INVALID_REQUEST, f"--output: there is no folder {output.parent}; make it first")
