"""Where a command writes: looked at before any work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_VIDEOS: Final = (".mp4", ".webm", ".webp", ".gif")
_SILENT: Final = (".webp", ".gif")


def writable(output: Path, *inputs: Path | None, option: str = "--output") -> None:
    """Raises InputError for a path at which no file can be made, or where one of the inputs lies."""
    from vasari.values import InputError, Reason

    if output.is_dir():
        raise InputError(Reason.INVALID_REQUEST, f"{option} {output} is a folder; name a file in it")
    if not output.absolute().parent.is_dir():
        raise InputError(Reason.INVALID_REQUEST, f"{option}: there is no folder {output.parent}; make it first")
    if output.exists() and any(path and path.exists() and path.samefile(output) for path in inputs):
        raise InputError(Reason.INVALID_REQUEST, f"{option} {output} is an input of this command; name another file")


def result_path(output: Path | None, motion: bool, *inputs: Path | None) -> Path:
    """Where to write what a job made. Raises InputError as `writable`, and for a name that tells no format there is."""
    from vasari.values import InputError, Reason

    path = output or Path("motion.csv" if motion else "video.mp4")
    writable(path, *inputs)
    if motion and path.suffix.lower() != ".csv":
        raise InputError(Reason.INVALID_REQUEST, f"--output: a motion is a CSV; name it {path.with_suffix('.csv')}")
    if not motion and path.suffix.lower() not in _VIDEOS:
        words = f"a video is .mp4 or .webm, or without sound .webp or .gif; name it {path.with_suffix('.mp4')}"
        raise InputError(Reason.INVALID_REQUEST, f"--output: {words}")
    if path.suffix.lower() not in (".mp4", ".csv") and not find_spec("av"):
        words = f"{path.suffix} needs PyAV, which is not installed here: pip install 'vasari[media]', or name it .mp4"
        raise InputError(Reason.INVALID_REQUEST, f"--output: {words}")
    return path


@contextmanager
def as_named(output: Path, show: Callable[[str, int, int], None]) -> Iterator[Path]:
    """Where to write an MP4, or a motion's CSV; when the block ends well, it becomes what OUTPUT is named after.

    Args:
        output: as `result_path` gives it.
        show: called with the stage, and its frames done and in all.
    """
    if output.suffix.lower() in (".mp4", ".csv"):
        yield output
        return
    from vasari.cli.show import note
    from vasari.media.sharing import convert

    with TemporaryDirectory(prefix="vasari-") as folder:
        film = Path(folder, "video.mp4")
        yield film
        show("convert", 0, 0)
        convert(film, output, lambda done, total: show("convert", done, total))
    if output.suffix.lower() in _SILENT:
        note(f"{output.name} has no sound; .mp4 and .webm do")
