"""Where the parts of a motion come from when it is not the speech of the video."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from vasari.cli.pipes import file_option

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vasari.config import Settings
    from vasari.values import Controls, Motion
    from vasari.values.parts import Part


def _option(help: str) -> Any:
    return file_option(help, "FILE", "Sources of motion")


@dataclass(frozen=True)
class Sources:
    """The options as they were typed. Each names sound, a video whose face is followed, or a file with motion."""

    motion: Annotated[
        Path | None,
        _option(
            "Play this motion, as `vasari track` writes it; SPEECH is only heard, or left out, and the video is as "
            "long as it."
        ),
    ] = None
    mouth_from: Annotated[
        Path | None,
        _option("Jaw, lips and tongue: of other speech, of a video's face, or of a motion file."),
    ] = None
    pose_from: Annotated[
        Path | None,
        _option("The head's pose: likewise, or a CSV of second,yaw,pitch,roll[,x,y,z] in degrees and eye distances."),
    ] = None
    expression_from: Annotated[Path | None, _option("Brows, lids and gaze: likewise.")] = None

    @property
    def parts(self) -> dict[Part, Path]:
        """The files of the parts that have one."""
        from vasari.values.parts import Part

        files = {Part.MOUTH: self.mouth_from, Part.POSE: self.pose_from, Part.EXPRESSION: self.expression_from}
        return {part: file for part, file in files.items() if file}

    @property
    def all(self) -> list[Path]:
        return [*([self.motion] if self.motion else []), *self.parts.values()]


@dataclass(frozen=True)
class MotionFiles(Sources):
    """The same options for a server, which takes motion files alone."""

    motion: Annotated[
        Path | None,
        _option("Play this motion file, as `vasari track` writes it; SPEECH is only heard, or left out."),
    ] = None
    mouth_from: Annotated[
        Path | None, _option("Jaw, lips and tongue: of a motion file, as `vasari track` writes it.")
    ] = None

    def check(self) -> None:
        """Raises InputError for a file that is no motion, by its beginning."""
        from vasari.media.motion_file import HEAD_BYTES, check_motion_head
        from vasari.values import InputError

        for path in self.all:
            try:
                with path.open("rb") as file:
                    check_motion_head(file.read(HEAD_BYTES))
            except InputError as error:
                words = f"{path.name}: {error.message}; of a video, `vasari track {path.name} -o motion.csv` makes one"
                raise InputError(error.reason, words) from None


def read_source(
    path: Path,
    controls: Controls,
    settings: Settings,
    identity: NDArray[np.float32] | None,
    device: str,
    tell: Callable[[int], None],
) -> Motion:
    """The motion that a file holds, shows or brings about, at the frame rate that is wished for.

    Args:
        identity: of the face that will move, for the mouth of speech.
        tell: called with the number of a video's frames that were followed.

    Raises:
        InputError: the file is none of the three.
    """
    from vasari.face.tracking.capture import capture_film
    from vasari.media.film import Film, has_pictures
    from vasari.media.motion_file import SUFFIXES, read_motion
    from vasari.media.speech import read_speech
    from vasari.motion import animate
    from vasari.values import InputError

    if path.suffix.lower() in SUFFIXES:
        return read_motion(path, controls.fps, settings.max_speech_seconds)
    if has_pictures(path):
        film = Film.of(path).told(tell)
        return capture_film(film, film.fps, device).motion.resampled(controls.fps)
    try:
        speech = read_speech(path, settings.max_speech_seconds)
    except InputError as error:
        with suppress(InputError):  # one that came through a pipe bears no name
            return read_motion(path, controls.fps, settings.max_speech_seconds)
        raise InputError(
            error.reason, f"{path.name} is neither motion ({', '.join(SUFFIXES)}) nor video, and {error}"
        ) from error
    return animate(speech.samples, controls, identity, device)
