"""Files that commands read. What comes through a pipe is written down first: it is read twice, and not in order."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

import typer

_STANDARD_INPUT: Final = Path("-")
_CHUNK: Final = 2**20


def file_argument(help: str) -> Any:
    """An argument of type Path: a file that is there, a pipe, or `-`."""
    return typer.Argument(dir_okay=False, readable=True, callback=written_down, help=help)


def file_option(help: str, metavar: str | None = None, panel: str | None = None) -> Any:
    """An option of type Path: likewise."""
    return typer.Option(
        dir_okay=False, readable=True, callback=written_down, help=help, metavar=metavar, rich_help_panel=panel
    )


def written_down(context: typer.Context, path: Path | None) -> Path | None:
    """The copy of a pipe, or of the standard input for `-`, which lasts as long as the command; else the same path.

    Raises:
        BadParameter: there is no such file.
        InputError: nothing comes, or more than speech may have, or two files shall come from the standard input.
    """
    if path is None or context.resilient_parsing:
        return path
    if path != _STANDARD_INPUT and not path.exists():
        raise typer.BadParameter(f"file '{path}' does not exist.")
    if path != _STANDARD_INPUT and not path.is_fifo():
        return path
    folder = Path(context.with_resource(TemporaryDirectory(prefix="vasari-pipe-")))
    if path != _STANDARD_INPUT:
        with path.open("rb") as source:
            return _copied(source, folder / "pipe")
    if context.meta.setdefault(__name__, folder) is not folder or sys.stdin.isatty():
        from vasari.values import InputError, Reason

        raise InputError(Reason.INVALID_REQUEST, "- stands for one file that is piped into the standard input")
    return _copied(sys.stdin.buffer, folder / "stdin")


def _copied(source: IO[bytes], target: Path) -> Path:
    from vasari.config import settings
    from vasari.values import InputError, Reason

    most, size = settings().max_speech_bytes, 0
    with target.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            size += copy.write(chunk)
            if size > most:
                raise InputError(
                    Reason.INVALID_REQUEST, f"more than {most / 2**20:.0f} MiB come through a pipe: name a file instead"
                )
    if not size:
        raise InputError(Reason.INVALID_REQUEST, "nothing comes through a pipe; what writes to it may have failed")
    return target
